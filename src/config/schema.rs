//! Every setting there is: its name, its default and what it means.
//!
//! Readers, the environment, the command line's help and the example file all follow this one table.

/// One thing that can be configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Dotted name, as in the configuration file: `feishu.rate.per_second`.
    pub name: &'static str,
    /// What holds when nothing is given, spelled as in the environment; `None` when there is nothing to fall back on.
    pub default: Option<&'static str>,
    /// What it is for, in a few words.
    pub meaning: &'static str,
    /// Whether the value must never be shown, nor be given on a command line, which every user of a machine can read.
    pub secret: bool,
}

/// What every environment variable of the gateway begins with.
pub const ENVIRONMENT_PREFIX: &str = "GATEWAY_";

/// The environment variable that names the configuration file, unless `--config` does.
pub const CONFIG_VARIABLE: &str = "GATEWAY_CONFIG";

/// The environment variable of OpenTelemetry that [`OTLP_ENDPOINT`] falls back on.
pub const OTLP_VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

impl Setting {
    const fn new(name: &'static str, default: Option<&'static str>, meaning: &'static str) -> Self {
        Self { name, default, meaning, secret: false }
    }

    /// The environment variable that sets it: `GATEWAY_FEISHU__RATE__PER_SECOND`.
    pub fn environment_variable(&self) -> String {
        variable(self.name)
    }
}

/// Where the gateway listens.
pub const LISTEN: Setting =
    Setting::new("listen", Some("127.0.0.1:8080"), "address and port; port 0 picks a free one");
/// Time for a TLS handshake and for the head of a connection's first request.
pub const HEADER_TIMEOUT_MS: Setting = Setting::new(
    "server.header_timeout_ms",
    Some("10000"),
    "milliseconds for a TLS handshake, and then for the first request's head",
);
/// Idle timeout of a connection: time from an answer to the head of the next request, or without taking a byte of an
/// answer. Longer than the minute after which common load balancers close theirs, so that it is they who close, and never
/// the gateway under a request.
pub const IDLE_TIMEOUT_MS: Setting = Setting::new(
    "server.idle_timeout_ms",
    Some("75000"),
    "milliseconds from an answer to the next request's head, or without taking a byte of an answer",
);
/// Connections at once.
pub const MAX_CONNECTIONS: Setting = Setting::new(
    "server.max_connections",
    Some("4096"),
    "connections served at once, as far as the limit of open files allows",
);
/// Time between the signal to stop and the end of listening.
pub const DRAIN_DELAY_MS: Setting = Setting::new(
    "server.drain_delay_ms",
    None,
    "milliseconds to go on serving after the signal to stop; by default 5000, on loopback 0",
);
/// The file of the gateway's certificate.
pub const TLS_CERT_FILE: Setting =
    Setting::new("server.tls.cert_file", None, "certificate (PEM, with its chain); turns TLS on");
/// The file of the certificate's key.
pub const TLS_KEY_FILE: Setting =
    Setting::new("server.tls.key_file", None, "private key of the certificate (PEM)");
/// The file of the roots of callers' certificates.
pub const TLS_CLIENT_CA_FILE: Setting = Setting::new(
    "server.tls.client_ca_file",
    None,
    "roots (PEM) of the certificates that callers must then show",
);
/// Where health and metrics are asked for, apart from the API.
pub const ADMIN_LISTEN: Setting = Setting::new(
    "admin.listen",
    None,
    "address and port of /livez, /readyz, /metrics and /version (plain HTTP); by default they are on the API's",
);
/// The file of caller keys.
pub const KEYS_FILE: Setting = Setting::new(
    "auth.keys_file",
    None,
    "file of caller keys, one \"name sha256-hex [app=NAME] [scope=read,write,operate]\" a line",
);
/// Whether calls without a key are served.
pub const ALLOW_ANONYMOUS: Setting = Setting::new(
    "auth.allow_anonymous",
    None,
    "true serves calls without a key; by default only on loopback without a keys file",
);
/// The brand of the tenant.
pub const REGION: Setting =
    Setting::new("feishu.region", Some("feishu"), "feishu or lark; decides addresses, limits and locales");
/// Origin of the Open API.
pub const BASE_URL: Setting =
    Setting::new("feishu.base_url", None, "origin of the Open API; by default the region's");
/// Origin of the historic v2 list.
pub const LEGACY_BASE_URL: Setting =
    Setting::new("feishu.legacy_base_url", None, "origin of the historic v2 list; by default the region's");
/// The app's id.
pub const APP_ID: Setting =
    Setting::new("feishu.app_id", None, "the app's id, from Feishu's developer console");
/// The app's secret.
pub const APP_SECRET: Setting = Setting {
    secret: true,
    ..Setting::new("feishu.app_secret", None, "the app's secret; better kept in a file of its own")
};
/// The file that holds the app's secret.
pub const APP_SECRET_FILE: Setting =
    Setting::new("feishu.app_secret_file", None, "file that holds the app's secret and nothing else");
/// Whose app it is.
pub const KIND: Setting = Setting::new(
    "feishu.kind",
    Some("custom"),
    "custom for an app of your own company, store for one of Feishu's store",
);
/// The tenant that a store app serves.
pub const TENANT_KEY: Setting =
    Setting::new("feishu.tenant_key", None, "Feishu's key of the tenant that the store app serves here");
/// What proves that Feishu pushes events.
pub const EVENTS_TOKEN_FILE: Setting = Setting::new(
    "feishu.events.token_file",
    None,
    "file with the verification token of the store app's events; of several, one a line, all are taken",
);
/// What events are encrypted with.
pub const EVENTS_ENCRYPT_KEY_FILE: Setting = Setting::new(
    "feishu.events.encrypt_key_file",
    None,
    "file with the key that those events are encrypted and signed with, likewise; without it they are plain",
);
/// Which upstream list answers task statuses.
pub const TASK_STATUS_API: Setting =
    Setting::new("feishu.task_status_api", Some("v4"), "v4, or v2 for the historic list");
/// The locale of an app's documents that name none.
pub const APP_LOCALE: Setting = Setting::new(
    "feishu.default_locale",
    None,
    "locale of the app's documents that name none; by default that of all apps",
);
/// Calls a second; Feishu's tier 4 (contract §11.4).
pub const RATE_PER_SECOND: Setting = Setting::new(
    "feishu.rate.per_second",
    Some("50"),
    "calls a second to each API of the app; 0 = no pacing",
);
/// Calls a minute; Feishu's tier 4 (contract §11.4).
pub const RATE_PER_MINUTE: Setting = Setting::new(
    "feishu.rate.per_minute",
    Some("1000"),
    "calls a minute to each API of the app; 0 = no pacing",
);
/// Time that one request may take.
pub const DEADLINE_MS: Setting = Setting::new(
    "request.deadline_ms",
    Some("10000"),
    "milliseconds that one request may take, retries included",
);
/// Largest body accepted.
pub const MAX_BODY_BYTES: Setting =
    Setting::new("request.max_body_bytes", Some("4194304"), "bytes of the largest body accepted");
/// What all requests may hold at once: keeps the process below half a gibibyte, because what is made of a body takes
/// several times as much.
pub const CAPACITY_BYTES: Setting = Setting::new(
    "request.capacity_bytes",
    Some("134217728"),
    "bytes that all requests may hold together: bodies, payloads, answers",
);
/// The web pages that may call.
pub const ALLOWED_ORIGINS: Setting = Setting::new(
    "cors.allowed_origins",
    None,
    "origins of web pages that may call (CORS), separated by commas, or *; none by default",
);
/// Whether agents find tools at `/mcp`.
pub const MCP_ENABLED: Setting = Setting::new(
    "mcp.enabled",
    Some("true"),
    "whether agents find tools at /mcp, with the same keys as all callers, where the program was built with them (feature mcp)",
);
/// Whether some of them write.
pub const MCP_ALLOW_WRITES: Setting = Setting::new(
    "mcp.allow_writes",
    Some("false"),
    "true gives agents whose keys have the scope write tools that push documents, in two calls each",
);
/// Where Feishu's callbacks come in.
pub const CALLBACKS_LISTEN: Setting = Setting::new(
    "callbacks.listen",
    None,
    "address and port on which Feishu's callbacks come in, and nothing else; by default there are none",
);
/// Under which origin Feishu reaches that listener.
pub const CALLBACKS_PUBLIC_URL: Setting = Setting::new(
    "feishu.callbacks.public_url",
    None,
    "origin under which Feishu reaches callbacks.listen; definitions with quick_approval need it",
);
/// Where actions are relayed to.
pub const CALLBACKS_TARGET_URL: Setting = Setting::new(
    "feishu.callbacks.target_url",
    None,
    "address of your own system, which is told what people tap",
);
/// What is relayed.
pub const CALLBACKS_TARGET_FORMAT: Setting = Setting::new(
    "feishu.callbacks.target_format",
    Some("gateway"),
    "gateway, or feishu for the body that Feishu sent, decrypted",
);
/// What proves that Feishu calls.
pub const CALLBACKS_TOKEN_FILE: Setting = Setting::new(
    "feishu.callbacks.token_file",
    None,
    "file with the callback token; of several, one a line, definitions get the first and all are taken",
);
/// What callbacks are encrypted with.
pub const ENCRYPT_KEY_FILE: Setting = Setting::new(
    "feishu.callbacks.encrypt_key_file",
    None,
    "file with the key that callbacks are encrypted with, likewise; without it they are plain",
);
/// What relayed actions are signed with.
pub const SECRET_FILE: Setting = Setting::new(
    "feishu.callbacks.secret_file",
    None,
    "file with the secrets (whsec_…) that relayed actions are signed with, one a line; all of them sign",
);
/// Where events of an app are sent.
pub const WEBHOOKS_URL: Setting = Setting::new(
    "feishu.webhooks.url",
    None,
    "address of your own system, which is told what becomes of deliveries; nobody is told without it",
);
/// What they are signed with.
pub const WEBHOOKS_SECRET_FILE: Setting = Setting::new(
    "feishu.webhooks.secret_file",
    None,
    "file with the secrets (whsec_…) that such events are signed with, one a line; all of them sign",
);
/// Whether people are told that a task waits.
pub const NOTIFY_TASKS: Setting = Setting::new(
    "feishu.notify.tasks",
    Some("false"),
    "true sends a card to whoever has a task that waits, unless the task says otherwise (notify); needs the ledger",
);
/// The locale of documents that name none.
pub const DEFAULT_LOCALE: Setting =
    Setting::new("default_locale", Some("zh-CN"), "locale of documents that name none");
/// Where accepted documents are kept.
pub const LEDGER_URL: Setting = Setting::new(
    "ledger.url",
    Some("sqlite:approval-gateway.db"),
    "where accepted documents are kept: sqlite:PATH, postgres://USER@HOST/DATABASE, or none; with serve --sandbox by default a temporary file",
);
/// The file that holds the ledger's URL.
pub const LEDGER_URL_FILE: Setting =
    Setting::new("ledger.url_file", None, "file that holds the ledger's URL, where that is a secret");
/// The password of the ledger's database.
pub const LEDGER_PASSWORD: Setting = Setting {
    secret: true,
    ..Setting::new(
        "ledger.password",
        None,
        "password of the ledger's PostgreSQL user; better kept in a file of its own",
    )
};
/// The file that holds the password of the ledger's database.
pub const LEDGER_PASSWORD_FILE: Setting = Setting::new(
    "ledger.password_file",
    None,
    "file that holds the password of the ledger's PostgreSQL user and nothing else",
);
/// Connections to the ledger's database.
pub const LEDGER_MAX_CONNECTIONS: Setting = Setting::new(
    "ledger.max_connections",
    Some("10"),
    "connections of this gateway to the ledger's PostgreSQL at once",
);
/// Whether the ledger's database may forget.
pub const LEDGER_ALLOW_UNSAFE: Setting = Setting::new(
    "ledger.allow_unsafe",
    Some("false"),
    "true takes a PostgreSQL with fsync or synchronous_commit off, which forgets accepted documents when it crashes",
);
/// How long documents are kept.
pub const RETENTION_DAYS: Setting = Setting::new(
    "ledger.retention_days",
    Some("90"),
    "days for which documents of finished approvals are kept",
);
/// When Feishu is asked what it has after a delivery.
pub const RECONCILE_INTERVAL: Setting = Setting::new(
    "reconcile.interval_s",
    Some("300"),
    "seconds: what was delivered is checked after a tenth of them, after them, and after twelve times that; 0 = off",
);
/// When Feishu is asked again and again.
pub const RECONCILE_SWEEP: Setting = Setting::new(
    "reconcile.sweep_s",
    Some("86400"),
    "seconds between further checks while an approval is not finished; 0 = off",
);
/// Shape of the log lines.
pub const LOG_FORMAT: Setting =
    Setting::new("log.format", None, "text or json; by default text on a terminal, else json");
/// Which log lines are written.
pub const LOG_FILTER: Setting =
    Setting::new("log.filter", Some("info"), "level, or comma-separated target=level directives");
/// The trace collector.
pub const OTLP_ENDPOINT: Setting = Setting::new(
    "otlp.endpoint",
    None,
    "address of a trace collector (OTLP over HTTP); by default OTEL_EXPORTER_OTLP_ENDPOINT, else none",
);
/// Where the sandbox listens.
pub const SANDBOX_LISTEN: Setting = Setting::new(
    "sandbox.listen",
    Some("127.0.0.1:8081"),
    "address and port of the sandbox, a simulated Feishu",
);

/// Every setting, in the order in which people should read about them.
pub const SETTINGS: [Setting; 55] = [
    LISTEN,
    DEFAULT_LOCALE,
    HEADER_TIMEOUT_MS,
    IDLE_TIMEOUT_MS,
    MAX_CONNECTIONS,
    DRAIN_DELAY_MS,
    TLS_CERT_FILE,
    TLS_KEY_FILE,
    TLS_CLIENT_CA_FILE,
    ADMIN_LISTEN,
    CALLBACKS_LISTEN,
    KEYS_FILE,
    ALLOW_ANONYMOUS,
    REGION,
    BASE_URL,
    LEGACY_BASE_URL,
    APP_ID,
    APP_SECRET,
    APP_SECRET_FILE,
    KIND,
    TENANT_KEY,
    EVENTS_TOKEN_FILE,
    EVENTS_ENCRYPT_KEY_FILE,
    TASK_STATUS_API,
    APP_LOCALE,
    RATE_PER_SECOND,
    RATE_PER_MINUTE,
    CALLBACKS_PUBLIC_URL,
    CALLBACKS_TARGET_URL,
    CALLBACKS_TARGET_FORMAT,
    CALLBACKS_TOKEN_FILE,
    ENCRYPT_KEY_FILE,
    SECRET_FILE,
    WEBHOOKS_URL,
    WEBHOOKS_SECRET_FILE,
    NOTIFY_TASKS,
    DEADLINE_MS,
    MAX_BODY_BYTES,
    CAPACITY_BYTES,
    ALLOWED_ORIGINS,
    MCP_ENABLED,
    MCP_ALLOW_WRITES,
    LEDGER_URL,
    LEDGER_URL_FILE,
    LEDGER_PASSWORD,
    LEDGER_PASSWORD_FILE,
    LEDGER_MAX_CONNECTIONS,
    LEDGER_ALLOW_UNSAFE,
    RETENTION_DAYS,
    RECONCILE_INTERVAL,
    RECONCILE_SWEEP,
    LOG_FORMAT,
    LOG_FILTER,
    OTLP_ENDPOINT,
    SANDBOX_LISTEN,
];

/// The environment variable of a dotted name: `GATEWAY_APPS__ERP__REGION`.
pub(super) fn variable(name: &str) -> String {
    format!("{ENVIRONMENT_PREFIX}{}", name.replace('.', "__").to_uppercase())
}

/// The setting of that dotted name.
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// Whether some setting lies below that name, as `feishu.region` lies below `feishu`.
pub fn is_section(name: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

/// Similarity (0 to 1) from which an unknown name counts as a misspelling; below it, guesses mislead.
const SIMILAR: f64 = 0.7;

/// The setting that an unknown dotted name probably meant.
///
/// A name also resembles a setting when only its last part does, because forgetting the section is the usual slip.
pub fn suggest(unknown: &str) -> Option<&'static Setting> {
    let unknown = unknown.to_lowercase();
    let similarity = |setting: &Setting| {
        let whole = strsim::normalized_damerau_levenshtein(&unknown, setting.name);
        let last = strsim::normalized_damerau_levenshtein(last_part(&unknown), last_part(setting.name));
        (whole, last)
    };
    SETTINGS
        .iter()
        .map(|setting| (similarity(setting), setting))
        .filter(|((whole, last), _)| whole.max(*last) >= SIMILAR)
        .max_by(|((whole_a, last_a), _), ((whole_b, last_b), _)| {
            (whole_a + last_a).total_cmp(&(whole_b + last_b))
        })
        .map(|(_, setting)| setting)
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The settings as a table of environment variables, for the command line's help.
pub fn environment_table() -> String {
    let width = SETTINGS.iter().map(|setting| setting.environment_variable().len()).max().unwrap_or(0);
    let line = |name: &str, meaning: &str, default: Option<&str>| {
        let default = default.map(|value| format!(" [{value}]")).unwrap_or_default();
        format!("  {name:width$}  {meaning}{default}\n")
    };
    let mut table = line(CONFIG_VARIABLE, "the configuration file, unless --config names one", None);
    for setting in SETTINGS {
        table.push_str(&line(&setting.environment_variable(), setting.meaning, setting.default));
    }
    let further = format!("{ENVIRONMENT_PREFIX}APPS__NAME__…");
    table.push_str(&line(&further, "for a further app, NAME, what GATEWAY_FEISHU__… is for the first", None));
    table
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("listn" => Some("listen"); "a slip of the finger")]
    #[test_case("region" => Some("feishu.region"); "the section forgotten")]
    #[test_case("feishu_region" => Some("feishu.region"); "one underscore where two belong")]
    #[test_case("Feishu.Base_URL" => Some("feishu.base_url"); "another case")]
    #[test_case("sandbx.listen" => Some("sandbox.listen"); "the section misspelt")]
    #[test_case("colour" => None; "nothing near")]
    fn suggestion(unknown: &str) -> Option<&'static str> {
        suggest(unknown).map(|setting| setting.name)
    }

    #[test]
    fn environment_variables_nest_with_two_underscores() {
        assert_eq!(RATE_PER_SECOND.environment_variable(), "GATEWAY_FEISHU__RATE__PER_SECOND");
    }

    #[test_case("feishu" => true)]
    #[test_case("feishu.rate" => true)]
    #[test_case("feishu.region" => false)]
    #[test_case("fei" => false)]
    fn section(name: &str) -> bool {
        is_section(name)
    }
}
