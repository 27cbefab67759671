//! Which Feishu each app of `serve` talks to: the configured one, or a sandbox of its own in this process.

use std::net::SocketAddr;

use axum::Router;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::sync::CancellationToken;

use super::background::Background;
use crate::app::{Upstream, Upstreams};
use crate::config::{AppConfig, Config, StoreApp};
use crate::domain::{AppName, Region};
use crate::feishu::{Credentials, Origins, TaskStatusApi};
use crate::sandbox::{self, Brand, Sandbox, Switches};
use crate::server;

/// The Feishu of the configuration.
pub(super) fn configured(config: &Config) -> Result<Upstreams, &'static str> {
    config.apps.iter().map(|app| Ok((app.name.clone(), configured_for(app)?))).collect()
}

/// The Feishu of one app.
pub(super) fn configured_for(app: &AppConfig) -> Result<Upstream, &'static str> {
    let credentials = app.credentials.clone();
    // The configuration has refused to load without them.
    let credentials = credentials.ok_or("no credentials are configured")?;
    // An origin that is not called must not ask for certificates.
    let legacy = match (app.task_status_api, app.region) {
        // Lark takes messages there.
        (TaskStatusApi::V2, _) | (_, Region::Lark) => &app.legacy_base_url,
        (TaskStatusApi::V4, Region::Feishu) => &app.base_url,
    };
    let origins = Origins { open_api: app.base_url.clone(), legacy: legacy.clone() };
    Ok(Upstream { origins, credentials })
}

/// The sandboxes of all apps.
pub(super) struct Sandboxes {
    pub(super) upstreams: Upstreams,
    /// Their control routes for the gateway's own address; none where callers need a key.
    pub(super) control: Router,
    /// Where the first app's approval centre is.
    pub(super) centre: Centre,
}

/// The address of an approval centre.
pub(super) enum Centre {
    /// This path of the gateway's own address.
    Here(String),
    /// The sandbox's own address.
    There(SocketAddr),
}

/// A sandbox for each app, so that faults of one do not touch another, and their control routes: `/sandbox` for the app
/// `default`, `/apps/NAME/sandbox` for any other.
pub(super) async fn sandboxes(
    config: &Config,
    background: &Background,
    stop: &CancellationToken,
) -> Result<Sandboxes, server::ListenError> {
    let mut upstreams = Vec::new();
    let mut control = Router::new();
    // They need no key, so they are nobody's business where callers need one; the sandbox's own address has them, too.
    let is_open = config.listen.ip().is_loopback() || config.auth.allow_anonymous;
    let mut centre = Centre::Here("/sandbox/".to_owned());
    for app in &config.apps {
        let Running { upstream, address, routes } = sandbox(config, app, background, stop).await?;
        upstreams.push((app.name.clone(), upstream));
        let prefix = if app.name.is_default() { String::new() } else { format!("/apps/{}", app.name) };
        if is_first(config, &app.name) {
            centre =
                if is_open { Centre::Here(format!("{prefix}/sandbox/")) } else { Centre::There(address) };
        }
        control = if prefix.is_empty() { control.merge(routes) } else { control.nest(&prefix, routes) };
    }
    let control = if is_open { control } else { Router::new() };
    Ok(Sandboxes { upstreams: upstreams.into_iter().collect(), control, centre })
}

/// The sandbox of one app.
struct Running {
    upstream: Upstream,
    /// Its own address.
    address: SocketAddr,
    /// Its control routes.
    routes: Router,
}

async fn sandbox(
    config: &Config,
    app: &AppConfig,
    background: &Background,
    stop: &CancellationToken,
) -> Result<Running, server::ListenError> {
    let region = match app.region {
        Region::Feishu => Brand::Feishu,
        Region::Lark => Brand::Lark,
    };
    let switches = Switches { region, ..Switches::default() };
    // Its own definition is like one with `quick_approval`.
    let callback = app.callbacks.as_ref().and_then(|callbacks| {
        let proof = &callbacks.proof;
        let [token, key] =
            [proof.token(), proof.encrypt_key()].map(|secret| exposed(secret).unwrap_or_default());
        Some(sandbox::TapTarget { url: callbacks.public_address(&app.name)?, token, key })
    });
    let store_app = app.store.as_ref().and_then(|store| store_app(app, store));
    let options =
        sandbox::Options { switches, stop: stop.clone(), callback, store_app, ..sandbox::Options::default() };
    let sandbox = Sandbox::new(options);
    // Only one can have the configured address.
    let mut address = config.sandbox.listen;
    if !is_first(config, &app.name) {
        address.set_port(0);
    }
    let (listener, address) = server::listen(address).await?;
    tracing::info!(app = %app.name, sandbox = %address, approval_code = sandbox::SEEDED_APPROVAL_CODE, "the sandbox listens");
    let router = sandbox.router();
    background.spawn(async move { axum::serve(listener, router).await });
    let origin = format!("http://{address}");
    let credentials = Credentials {
        app_id: if app.name.is_default() {
            sandbox::DEFAULT_APP_ID.to_owned()
        } else {
            format!("{}_{}", sandbox::DEFAULT_APP_ID, app.name)
        },
        app_secret: sandbox::DEFAULT_APP_SECRET.into(),
    };
    let origins = Origins { open_api: origin.clone(), legacy: origin };
    let upstream = Upstream { origins, credentials };
    // The console is on the same address, and opens with this app where nobody needs a key.
    let console = (config.admin_listen.is_none() && app.name.is_default()).then_some("/console/");
    Ok(Running { upstream, address, routes: sandbox.control_router(console) })
}

/// The store app as a sandbox knows it; none when nothing listens for events.
fn store_app(app: &AppConfig, store: &StoreApp) -> Option<sandbox::StoreApp> {
    let events = store.events.as_ref()?;
    let origin = app.callbacks.as_ref()?.public_url.as_ref()?;
    Some(sandbox::StoreApp {
        events_url: StoreApp::events_address(origin, &app.name),
        token: exposed(events.token())?,
        encrypt_key: exposed(events.encrypt_key()),
        tenants: vec![store.tenant_key.clone()],
        delay_ms: 0,
    })
}

/// What the sandbox is told of a secret that is no secret.
fn exposed(secret: Option<&SecretString>) -> Option<String> {
    secret.map(|secret| secret.expose_secret().to_owned())
}

fn is_first(config: &Config, app: &AppName) -> bool {
    config.apps.first().is_some_and(|first| first.name == *app)
}
