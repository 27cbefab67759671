//! Every metric there is: its name, its labels and what it means.
//!
//! `docs/metrics.md`, the dashboard and the alert rules are compared with this one table.
//!
//! Names of the API's side are those of OpenTelemetry's conventions for HTTP servers. Feishu's side begins with
//! `feishu_`, the rest with `gateway_`. Labels take their values from closed lists, from the names of the configured
//! apps and from those in the file of caller keys: never from what a caller or Feishu says.

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it means, in a few words.
    pub help: &'static str,
}

/// Type of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// They grow from the start of the process on.
    Counter,
    /// They go up and down.
    Gauge,
    /// They are times, in seconds, or sizes, sorted into buckets.
    Histogram,
}

macro_rules! table {
    ($($(#[$doc:meta])* $constant:ident: $kind:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        $($(#[$doc])* pub const $constant: Metric =
            Metric { name: $name, kind: Kind::$kind, labels: &[$($label),*], help: $help };)*

        /// Every metric of our own; those of the process come from the crate prometheus.
        pub const METRICS: [Metric; [$($name),*].len()] = [$($constant),*];
    };
}

table! {
    /// Time to an answer's head.
    HTTP_DURATION: Histogram "http_server_request_duration_seconds"
        ["http_request_method", "http_route", "http_response_status_code"]
        "Time from a request's head to the head of its answer.";
    /// Requests under way.
    HTTP_ACTIVE: Gauge "http_server_active_requests" []
        "Requests whose answer has not begun.";
    /// Answers that are problem documents.
    PROBLEMS: Counter "gateway_problems_total" ["http_route", "code"]
        "Answers that were problems, by their code.";
    /// Requests by caller.
    CALLER_REQUESTS: Counter "gateway_caller_requests_total" ["app", "caller", "outcome"]
        "Requests with a valid key or without one where none is needed, by caller and by what became of them.";
    /// Callers who did not wait.
    ABANDONED: Counter "gateway_abandoned_requests_total" ["http_route"]
        "Requests whose caller went away before the answer.";
    /// Callbacks of Feishu.
    CALLBACKS: Counter "gateway_callbacks_total" ["app", "outcome"]
        "Callbacks of Feishu, by what became of them; without an app, those for none that has callbacks.";
    /// Time to the answer to a callback.
    CALLBACK_DURATION: Histogram "gateway_callback_duration_seconds" ["app"]
        "Time from a callback's head to its answer.";
    /// Events that Feishu pushes.
    PUSHED_EVENTS: Counter "gateway_pushed_events_total" ["app", "outcome"]
        "Events that Feishu pushed to a store app, by what became of them; without an app, those for none that takes any.";
    /// Requests that were not let in.
    SHED: Counter "gateway_shed_requests_total" ["reason"]
        "Requests that were not let in.";
    /// Permits of requests.
    REQUEST_QUOTA_USED: Gauge "gateway_request_quota_used_bytes" ["app"]
        "Bytes of permits held by requests.";
    /// Quota of an app.
    REQUEST_QUOTA: Gauge "gateway_request_quota_bytes" ["app"]
        "Bytes of the app's quota; a request that does not fit is refused.";
    /// Whether the gateway stops.
    DRAINING: Gauge "gateway_draining" []
        "1 while the gateway shuts down, else 0.";
    /// Open connections.
    CONNECTIONS: Gauge "gateway_open_connections" []
        "Connections of callers that are open.";
    /// Lines of the log that are missing.
    LOG_LINES_DROPPED: Counter "gateway_log_lines_dropped_total" []
        "Lines of the log that were dropped: nobody read them in time, or they could not be written.";
    /// Files that are read again while the gateway runs.
    FILES_CURRENT: Gauge "gateway_files_current" ["file"]
        "1 while what is in use is what the file holds, 0 while the file cannot be read or used.";
    /// Time from acceptance to delivery.
    DELIVERY_SENT: Histogram "gateway_delivery_sent_lag_seconds" ["app"]
        "Time from a document's acceptance until Feishu took it.";
    /// Time from delivery to confirmation.
    DELIVERY_CONFIRMED: Histogram "gateway_delivery_confirmed_lag_seconds" ["app"]
        "Time from a delivery to the first check that agrees.";
    /// Instances by state.
    DELIVERIES: Gauge "gateway_deliveries" ["app", "state", "class"]
        "Instances of the ledger by the state of their delivery and the class of who waits.";
    /// The oldest that waits.
    DELIVERY_OLDEST: Gauge "gateway_delivery_oldest_pending_seconds" ["app"]
        "How long the oldest pending delivery has waited; 0 when none does.";
    /// Attempts that failed and are repeated.
    DELIVERY_RETRIES: Counter "gateway_delivery_retries_total" ["app", "class"]
        "Attempts that failed and are repeated, by the class of who waits.";
    /// Drifts.
    DRIFTS: Counter "gateway_drifts_total" ["app", "kind"]
        "Checks that found something else than was delivered, by what it was.";
    /// Events that wait.
    EVENTS_PENDING: Gauge "gateway_events_pending" ["app"]
        "Outgoing events that wait to be taken.";
    /// The oldest event that waits.
    EVENTS_OLDEST: Gauge "gateway_events_oldest_pending_seconds" ["app"]
        "How long the oldest outgoing event has waited; 0 when none does.";
    /// Attempts to send events.
    EVENTS_SENT: Counter "gateway_events_sent_total" ["app", "outcome"]
        "Attempts to send outgoing events, by what became of them.";
    /// Cards that wait.
    CARDS_PENDING: Gauge "gateway_cards_pending" ["app"]
        "Cards that wait to be sent to people, or to be changed.";
    /// The oldest card that waits.
    CARDS_OLDEST: Gauge "gateway_cards_oldest_pending_seconds" ["app"]
        "How long the oldest card has waited to be sent or changed; 0 when none does.";
    /// Attempts to send or change cards.
    CARDS_TRIED: Counter "gateway_cards_tried_total" ["app", "outcome"]
        "Attempts to send or change cards, by what became of them.";
    /// People whom documents name by aliases.
    PEOPLE_RESOLVED: Counter "gateway_people_resolved_total" ["app", "source"]
        "People whom documents name by e-mail, mobile or union id, by where their ids were found.";
    /// Names that were looked up.
    PEOPLE_LOOKED_UP: Counter "gateway_people_looked_up_total" ["app", "outcome"]
        "E-mail addresses, mobiles and union ids that Feishu was asked about, by what became of that.";
    /// Whether an app is parked.
    PARKED: Gauge "gateway_app_parked" ["app"]
        "1 while nothing can be pushed for the app until somebody does something about it, else 0.";
    /// Whether this replica has the lease.
    LEASE_HELD: Gauge "gateway_lease_held" ["app"]
        "1 while this replica has the lease of the app, and pushes for it, else 0.";
    /// The epoch of the lease.
    LEASE_EPOCH: Gauge "gateway_lease_epoch" ["app"]
        "The epoch in which this replica had the lease last; one more with each change of holder.";
    /// Leases that were taken over.
    LEASE_TAKEOVERS: Counter "gateway_lease_takeovers_total" ["app"]
        "How often this replica took the lease over from another.";
    /// Leases that were lost.
    LEASE_LOST: Counter "gateway_lease_lost_total" ["app"]
        "How often this replica lost the lease without giving it back.";
    /// Replicas.
    REPLICAS: Gauge "gateway_replicas" []
        "Replicas that share the ledger and are alive, this one included.";
    /// Size of the ledger.
    LEDGER_BYTES: Gauge "gateway_ledger_bytes" ["part"]
        "Bytes of the ledger on its disk.";
    /// What is left of the disk.
    LEDGER_DISK_FREE: Gauge "gateway_ledger_disk_free_bytes" []
        "Free bytes of the ledger's disk; 0 when unknown.";
    /// All of the disk.
    LEDGER_DISK: Gauge "gateway_ledger_disk_bytes" []
        "Bytes of the ledger's disk; 0 when unknown.";
    /// Time of a transaction of the ledger.
    LEDGER_COMMIT: Histogram "gateway_ledger_commit_duration_seconds" []
        "Time of one transaction of the ledger, until it is on disk.";
    /// Commands that share a transaction.
    LEDGER_GROUP: Histogram "gateway_ledger_group_size" []
        "Commands that shared one transaction of the ledger.";
    /// Commands that wait for the disk.
    LEDGER_QUEUE: Gauge "gateway_ledger_queue_depth" []
        "Commands that wait for the ledger or are being written.";
    /// The build.
    BUILD_INFO: Gauge "gateway_build_info" ["version", "git_revision"]
        "Always 1; the labels tell which build this is.";
    /// Exchanges with Feishu.
    FEISHU_DURATION: Histogram "feishu_request_duration_seconds" ["app", "api", "outcome"]
        "Time of one exchange with Feishu; every attempt is one.";
    /// Attempts after the first.
    FEISHU_RETRIES: Counter "feishu_retries_total" ["app", "api", "reason"]
        "Attempts after the first, by what made them necessary.";
    /// Attempts that were not made.
    FEISHU_RETRIES_REFUSED: Counter "feishu_retries_refused_total" ["app", "api", "reason"]
        "Attempts that would have been sensible but were not made.";
    /// Fetches of a token.
    TOKEN_REFRESHES: Counter "feishu_token_refreshes_total" ["app", "outcome"]
        "Fetches of a tenant token, each with its attempts.";
    /// When the token was fetched.
    TOKEN_FETCHED: Gauge "feishu_token_fetched_timestamp_seconds" ["app"]
        "When the tenant token was fetched, Unix time; 0 while there is none.";
    /// When the token ends.
    TOKEN_EXPIRY: Gauge "feishu_token_expiry_timestamp_seconds" ["app"]
        "When the tenant token is not sent any more, Unix time; 0 while there is none.";
    /// Waiting for the rate limiter.
    LIMITER_WAIT: Histogram "feishu_limiter_wait_seconds" ["app", "api"]
        "Time that a call waited for the rate limiter.";
    /// Calls that the rate limiter refused.
    LIMITER_REFUSED: Counter "feishu_limiter_refused_total" ["app", "api"]
        "Calls that could not have been sent before their deadline.";
    /// Those who wait for the rate limiter.
    LIMITER_QUEUE: Gauge "feishu_limiter_queue_depth" ["app", "api"]
        "Calls that wait for the rate limiter.";
    /// The rate.
    LIMITER_RATE: Gauge "feishu_limiter_calls_per_second" ["app", "api"]
        "Calls a second that may be sent: configured, or learned when Feishu takes fewer; 0 without pacing.";
    /// Instances in the keyed queue.
    KEYED_QUEUE_INSTANCES: Gauge "feishu_keyed_queue_instances" ["app"]
        "Instances with a push that runs or waits in the keyed queue.";
    /// Pushes behind others.
    KEYED_QUEUE_WAITING: Gauge "feishu_keyed_queue_waiting_pushes" ["app"]
        "Pushes that wait for an earlier push of their instance.";
    /// Pushes that have begun.
    PUSHES: Gauge "feishu_pushes_in_flight" ["app"]
        "Pushes that have begun and are finished whatever their callers do.";
    /// The breaker.
    BREAKER_STATE: Gauge "feishu_circuit_breaker_state" ["app", "api"]
        "0 closed, 1 half-open: the next call tries, 2 open.";
    /// How often the breaker opened.
    BREAKER_OPENINGS: Counter "feishu_circuit_breaker_openings_total" ["app", "api"]
        "How often the breaker opened; a failed trial is no further opening.";
}
