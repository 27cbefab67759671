//! Which Feishu each app of `serve` talks to: the configured one, or a sandbox of its own in this process.

use axum::Router;

use super::background::Background;
use crate::app::{Upstream, Upstreams};
use crate::config::{AppConfig, Config};
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
    let legacy = match app.task_status_api {
        TaskStatusApi::V2 => &app.legacy_base_url,
        TaskStatusApi::V4 => &app.base_url,
    };
    let origins = Origins { open_api: app.base_url.clone(), legacy: legacy.clone() };
    Ok(Upstream { origins, credentials })
}

/// A sandbox for each app, so that faults of one do not touch another, and their control routes for the gateway's own
/// address: `/sandbox` for the app `default`, `/apps/NAME/sandbox` for any other.
pub(super) async fn sandboxes(
    config: &Config,
    background: &Background,
) -> Result<(Upstreams, Router), server::ListenError> {
    let mut upstreams = Vec::new();
    let mut control = Router::new();
    for app in &config.apps {
        let (upstream, routes) = sandbox(config, app, background).await?;
        upstreams.push((app.name.clone(), upstream));
        control = if app.name.is_default() {
            control.merge(routes)
        } else {
            control.nest(&format!("/apps/{}", app.name), routes)
        };
    }
    // They need no key, so they are nobody's business where callers need one; the sandbox's own address has them, too.
    let open = config.listen.ip().is_loopback() || config.auth.allow_anonymous;
    Ok((upstreams.into_iter().collect(), if open { control } else { Router::new() }))
}

async fn sandbox(
    config: &Config,
    app: &AppConfig,
    background: &Background,
) -> Result<(Upstream, Router), server::ListenError> {
    let region = match app.region {
        Region::Feishu => Brand::Feishu,
        Region::Lark => Brand::Lark,
    };
    let switches = Switches { region, ..Switches::default() };
    let sandbox = Sandbox::new(sandbox::Options { switches, ..sandbox::Options::default() });
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
    Ok((Upstream { origins, credentials }, sandbox.control_router()))
}

fn is_first(config: &Config, app: &AppName) -> bool {
    config.apps.first().is_some_and(|first| first.name == *app)
}
