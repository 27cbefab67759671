//! Puts the gateway together from its configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;

use crate::callbacks::{AppSetup, CallbackMetrics, Callbacks, EventSetup};
use crate::callers::{Caller, KeyFile};
use crate::config::{
    AllowedOrigins, AppConfig, Config, LedgerConfig, PostgresConfig, PostgresSslMode, WebhookConfig,
};
use crate::delivery::durable::{
    DurableDelivery, DurableMetrics, DurableSettings, Receiver, Reconcile, Replica, Setup, Sharing,
};
use crate::delivery::people::{PeopleMetrics, PeopleResolver};
use crate::delivery::{Delivery, DeliveryMetrics, DirectDelivery, LedgerTickets};
use crate::document::{CardRules, Rules};
use crate::domain::{AppName, ByApp, Callback, Id, Region};
use crate::feishu::{
    Credentials, FeishuClient, FeishuMetrics, MessageApi, Origins, Rate, Tickets, TokenCache,
};
use crate::http::extract::RequestLimits;
use crate::http::health::DrainState;
use crate::http::load_shedder::LoadShedder;
use crate::http::middleware::{AuthPolicy, cors};
use crate::http::router::{Policies, Separate, api_routes, compose_separately, compose_with_tools};
use crate::http::{ApiState, CursorKey, McpAccess, ServedApp};
use crate::http_client::{HttpClients, SetupError};
use crate::ledger::postgres::{self, PostgresLedger, PostgresSettings, PostgresTls};
use crate::ledger::sqlite::{OpenError, SqliteLedger};
use crate::ledger::{Ledger, LedgerMetrics};
use crate::metrics::Metrics;
use crate::support::clock::Clock;
use crate::telemetry;

/// A gateway that is ready to be served.
#[derive(Debug)]
pub struct App {
    /// Every route, with all middleware; without those of `admin` when it is there.
    pub router: Router,
    /// Health and metrics, when they have a listener of their own.
    pub admin: Option<Router>,
    /// Advanced step by step when the gateway drains.
    pub drain_state: DrainState,
    /// The metrics; the server counts its connections here.
    pub metrics: Metrics,
    /// The deliveries, one for each app; they know which pushes are under way.
    pub deliveries: Vec<Arc<Delivery>>,
    /// Where accepted documents are kept, if anywhere.
    pub ledger: Option<Arc<dyn Ledger>>,
    /// This process among those that share the ledger.
    pub replica: Option<Arc<Replica>>,
    /// What Feishu calls, where somebody wants to hear of it.
    pub callbacks: Option<Callbacks>,
    /// A client of each store app, whichever of its tenants it is for: it has no token until Feishu has pushed a ticket.
    pub store_apps: Vec<Arc<FeishuClient>>,
}

/// Where a gateway keeps accepted documents.
#[derive(Debug, Clone)]
pub enum LedgerSource {
    /// Nowhere.
    Nowhere,
    /// In this SQLite database.
    Sqlite(PathBuf),
    /// In this PostgreSQL database.
    Postgres(Box<PostgresSettings>),
    /// In a ledger that is open.
    Open(Arc<dyn Ledger>),
}

impl LedgerSource {
    async fn open(
        self,
        clock: &Clock,
        metrics: LedgerMetrics,
    ) -> Result<Option<Arc<dyn Ledger>>, BuildError> {
        Ok(match self {
            Self::Nowhere => None,
            Self::Sqlite(path) => Some(Arc::new(SqliteLedger::open(&path, clock.clone(), metrics)?)),
            Self::Postgres(settings) => {
                Some(Arc::new(PostgresLedger::open(&settings, clock.clone(), metrics).await?))
            }
            Self::Open(ledger) => Some(ledger),
        })
    }
}

/// The database of a configuration as the store takes it.
pub fn postgres_settings(config: &PostgresConfig) -> PostgresSettings {
    let PostgresConfig { connection, ssl_mode, max_connections, allow_unsafe } = config.clone();
    let tls = match ssl_mode {
        PostgresSslMode::Disable => PostgresTls::Off,
        PostgresSslMode::Require => PostgresTls::Unverified,
        PostgresSslMode::VerifyFull { ca_file } => PostgresTls::Verified { ca_file },
    };
    PostgresSettings { connection, tls, max_connections, allow_unsafe }
}

/// Which Feishu an app of the gateway talks to.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Where it is reached.
    pub origins: Origins,
    /// The app's credentials.
    pub credentials: Credentials,
}

/// The upstream of every app.
#[derive(Debug, Clone, Default)]
pub struct Upstreams(ByApp<Upstream>);

impl From<Upstream> for Upstreams {
    /// For a gateway with the app `default` only.
    fn from(upstream: Upstream) -> Self {
        Self::from_iter([(AppName::default(), upstream)])
    }
}

impl FromIterator<(AppName, Upstream)> for Upstreams {
    fn from_iter<I: IntoIterator<Item = (AppName, Upstream)>>(upstreams: I) -> Self {
        Self(upstreams.into_iter().collect())
    }
}

impl Upstreams {
    /// The upstream of one app.
    pub fn of(&self, app: &AppName) -> Option<Upstream> {
        self.0.get(app).cloned()
    }
}

/// Why no gateway could be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// No HTTPS client.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The ledger must not be used.
    #[error(transparent)]
    Ledger(#[from] OpenError),
    /// The ledger's PostgreSQL must not be used.
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
    /// An app of the configuration without an upstream.
    #[error("nothing says which Feishu the app {0} talks to; this is a mistake in the program")]
    NoUpstream(AppName),
}

impl App {
    /// Builds a gateway in front of `upstreams`; `open` are further routes that need no key.
    ///
    /// # Errors
    /// When no HTTPS client can be set up, the ledger must not be used, or an app of the configuration has no upstream.
    pub async fn build(
        config: &Config,
        upstreams: impl Into<Upstreams>,
        ledger: LedgerSource,
        clock: Clock,
        open: Router,
    ) -> Result<Self, BuildError> {
        let Upstreams(mut upstreams) = upstreams.into();
        let metrics = Metrics::new();
        let ledger = ledger.open(&clock, LedgerMetrics::new(&metrics)).await?;
        metrics.register(telemetry::dropped_lines());
        let auth = AuthPolicy {
            keys: config.auth.keys.as_ref().map(KeyFile::ring),
            allow_anonymous: config.auth.allow_anonymous,
        };
        let durable_metrics = DurableMetrics::new(&metrics);
        let replica = ledger.clone().map(|ledger| Replica::start(ledger, &durable_metrics));
        let tickets = match &ledger {
            Some(ledger) => Tickets::kept(Arc::new(LedgerTickets(Arc::clone(ledger))), clock.clone()),
            None => Tickets::in_memory(clock.clone()),
        };
        let shared = Shared {
            tokens: TokenCache::default(),
            tickets,
            clock: clock.clone(),
            feishu: FeishuMetrics::new(&metrics),
            people: PeopleMetrics::new(&metrics),
            delivery: DeliveryMetrics::new(&metrics),
            durable: durable_settings(&config.ledger, config.request.capacity_bytes, config.apps.len()),
            auth: auth.clone(),
            durable_metrics,
            ledger: ledger.clone().zip(replica.clone()),
        };
        let mut apps = ByApp::default();
        let (mut deliveries, mut store_apps, mut events) = (Vec::new(), BTreeMap::new(), Vec::new());
        for app in &config.apps {
            let upstream =
                upstreams.remove(&app.name).ok_or_else(|| BuildError::NoUpstream(app.name.clone()))?;
            events.extend(event_setup(app, &upstream, &shared.tickets));
            let id = (upstream.origins.open_api.clone(), upstream.credentials.app_id.clone());
            let served = serve(app, upstream, &shared)?;
            if app.store.is_some() {
                store_apps.entry(id).or_insert_with(|| Arc::clone(&served.feishu));
            }
            deliveries.push(Arc::clone(&served.delivery));
            apps.insert(app.name.clone(), Arc::new(served));
        }
        let callbacks = callbacks(config, &shared, events, &metrics)?;
        let limits = RequestLimits {
            max_body_bytes: config.request.max_body_bytes,
            deadline: config.request.deadline,
        };
        let drain_state = DrainState::serving();
        let accepting = deliveries.clone();
        drain_state.ask_whether_accepting(move || accepting.iter().all(|delivery| delivery.is_accepting()));
        let names: Vec<_> = apps.keys().cloned().collect();
        let load_shedder = LoadShedder::new(config.request.capacity_bytes, &names);
        let cors = config.allowed_origins.as_ref().map(|allowed| cors(allowed.listed()));
        let api = api_routes(ApiState { apps: Arc::new(apps), limits });
        let policies = Policies { auth, cors, limits, load_shedder };
        let tools = tools(config, clock);
        let (router, admin) = if let Some(admin_listen) = config.admin_listen {
            // Who is let in without a key because nobody else reaches the gateway's address may reach this one.
            let is_as_closed = admin_listen.ip().is_loopback() || !config.listen.ip().is_loopback();
            let admin_auth = AuthPolicy {
                allow_anonymous: policies.auth.allow_anonymous && is_as_closed,
                keys: policies.auth.keys.clone(),
            };
            let Separate { api, admin } =
                compose_separately(api, open, tools, policies, admin_auth, drain_state.clone(), &metrics);
            (api, Some(admin))
        } else {
            (compose_with_tools(api, open, tools, policies, drain_state.clone(), &metrics), None)
        };
        let store_apps = store_apps.into_values().collect();
        Ok(Self { router, admin, drain_state, metrics, deliveries, ledger, replica, callbacks, store_apps })
    }

    /// Waits until every push that was begun is finished, whichever app it is for. For when no more can come.
    pub async fn drained(deliveries: &[Arc<Delivery>]) {
        for delivery in deliveries {
            delivery.drained().await;
        }
    }
}

/// What agents may do over HTTP, if anything.
fn tools(config: &Config, clock: Clock) -> Option<McpAccess> {
    let origins = config.allowed_origins.as_ref().map_or(Some(&[][..]), AllowedOrigins::listed);
    let origins = origins.map(<[String]>::to_vec);
    config.mcp.enabled.then_some(McpAccess { allow_writes: config.mcp.allow_writes, origins, clock })
}

/// The callbacks of all apps that have any.
fn callbacks(
    config: &Config,
    shared: &Shared,
    events: Vec<EventSetup>,
    metrics: &Metrics,
) -> Result<Option<Callbacks>, SetupError> {
    let setups: Vec<_> = config
        .apps
        .iter()
        .filter_map(|app| {
            Some(AppSetup {
                name: app.name.clone(),
                settings: app.callbacks.clone()?,
                region: app.region,
                rules: rules(app, shared.ledger.is_some()),
                ledger: shared.ledger.as_ref().map(|(ledger, _)| Arc::clone(ledger)),
                clock: shared.clock.clone(),
            })
        })
        .collect();
    if setups.is_empty() && events.is_empty() {
        return Ok(None);
    }
    Callbacks::new(setups, events, CallbackMetrics::new(metrics)).map(Some)
}

/// What Feishu pushes to an app, where that comes in under its name.
fn event_setup(app: &AppConfig, upstream: &Upstream, tickets: &Tickets) -> Option<EventSetup> {
    let proof = app.store.as_ref()?.events.clone()?;
    let app_id = upstream.credentials.app_id.clone();
    Some(EventSetup { name: app.name.clone(), app_id, proof, tickets: tickets.clone() })
}

/// What documents of an app are read with.
fn rules(app: &AppConfig, has_ledger: bool) -> Rules {
    Rules {
        region: app.region,
        default_locale: app.default_locale,
        update_needs_version: !has_ledger,
        cards: CardRules {
            are_sent: has_ledger,
            by_default: app.notify_tasks,
            have_buttons: own_callback(app).is_some(),
        },
    }
}

/// Where messages of a region are taken.
pub fn message_api(region: Region) -> MessageApi {
    match region {
        Region::Feishu => MessageApi::Present,
        Region::Lark => MessageApi::Legacy,
    }
}

/// Where Feishu calls this gateway for an app, if it can.
fn own_callback(app: &AppConfig) -> Option<Callback<'static>> {
    let callbacks = app.callbacks.as_ref()?;
    Some(Callback {
        url: Id::new(callbacks.public_address(&app.name)?)?,
        token: Some(callbacks.proof.token()?.clone()),
        key: callbacks.proof.encrypt_key().cloned(),
    })
}

/// What all apps share.
struct Shared {
    tokens: TokenCache,
    tickets: Tickets,
    clock: Clock,
    feishu: FeishuMetrics,
    people: PeopleMetrics,
    delivery: DeliveryMetrics,
    ledger: Option<(Arc<dyn Ledger>, Arc<Replica>)>,
    durable: DurableSettings,
    durable_metrics: DurableMetrics,
    auth: AuthPolicy,
}

/// One app with a connection pool of its own: streams of one HTTP/2 connection would share its limits.
fn serve(app: &AppConfig, upstream: Upstream, shared: &Shared) -> Result<ServedApp, SetupError> {
    let Upstream { origins, credentials } = upstream;
    let tenant_key = app.store.as_ref().map(|store| &*store.tenant_key);
    let cursors = CursorKey::derive(&credentials, tenant_key);
    let Shared { tokens, tickets, clock, feishu, people, delivery, ledger, durable, durable_metrics, auth } =
        shared;
    let name = app.name.clone();
    let mut feishu = FeishuClient::new(&origins, credentials, tokens, clock.clone(), feishu, name)?;
    if let Some(tenant_key) = tenant_key {
        feishu = feishu.of_store_app(tokens, tenant_key, tickets.clone());
    }
    let feishu = feishu
        .with_task_status_api(app.task_status_api)
        .with_message_api(message_api(app.region))
        .with_rate(app.rate)
        .watched();
    let rules = rules(app, ledger.is_some());
    let quick_approval = own_callback(app);
    let feishu = Arc::new(feishu);
    let people = Arc::new(PeopleResolver::new(&feishu, people));
    // Every series is there, whether there is a ledger or not.
    let _ = durable_metrics.of(&app.name);
    let delivery = match ledger {
        None => Delivery::Direct(DirectDelivery::new(Arc::clone(&feishu), clock.clone(), delivery)),
        Some((ledger, replica)) => Delivery::Durable(DurableDelivery::start(Setup {
            feishu: Arc::clone(&feishu),
            people: Arc::clone(&people),
            ledger: Arc::clone(ledger),
            rules,
            replica: Arc::clone(replica),
            settings: DurableSettings { rate: app.rate, knows_tasks: app.callbacks.is_some(), ..*durable },
            sharing: sharing(auth.clone(), app.name.clone()),
            describe: crate::http::describe_trouble,
            metrics: durable_metrics.clone(),
            receiver: app.webhooks.as_ref().map(receiver).transpose()?,
            callback: quick_approval.clone(),
        })),
    };
    Ok(ServedApp::new(feishu, people, delivery, rules, cursors).with_quick_approval(quick_approval))
}

/// Who is told what becomes of an app's deliveries.
fn receiver(webhooks: &WebhookConfig) -> Result<Arc<Receiver>, SetupError> {
    let WebhookConfig { url, secrets } = webhooks;
    let client = HttpClients::to([url])?.client()?;
    Ok(Arc::new(Receiver { client, url: url.clone(), secrets: secrets.clone() }))
}

/// Under which names the callers of an app share its rate.
fn sharing(auth: AuthPolicy, app: AppName) -> Sharing {
    Sharing::new(move |name| auth.is_shared(&app).then(|| Caller::label_of(name)))
}

/// The settings of deliveries, but for the rate of an app; `request_bytes` may be held for requests, all apps together.
fn durable_settings(ledger: &LedgerConfig, request_bytes: usize, apps: usize) -> DurableSettings {
    let LedgerConfig { place: _, postgres: _, retention, reconcile_interval, reconcile_sweep } = ledger;
    DurableSettings {
        reconcile: Reconcile { interval: *reconcile_interval, sweep: *reconcile_sweep },
        rate: Rate::OFF,
        // Half as much as for requests, so that a process has room for both.
        payload_bytes: request_bytes / 2 / apps.max(1),
        retention: *retention,
        knows_tasks: false,
    }
}
