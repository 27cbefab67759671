//! `serve`: the gateway in front of Feishu, or of the stand-in.

use std::time::Duration;

use axum::Router;

use super::CommandResult;
use crate::app::{App, Upstream};
use crate::cli::ServeArgs;
use crate::clock::Clock;
use crate::config::{self, Config, Feishu};
use crate::domain::Region;
use crate::feishu::{Credentials, Origins, UPSTREAM_LOG_TARGET};
use crate::sandbox::{self, Brand, Sandbox, Switches};
use crate::server::{self, Hangups, Tls, TlsError, TlsFiles};
use crate::telemetry;

/// Time for accepted requests to finish, on top of the longest deadline that one may have.
const GRACE_BEYOND_DEADLINE: Duration = Duration::from_secs(5);

/// How often certificates are looked for without a signal: platforms renew them days before they expire, and whoever
/// waits for a change by hand should not wait long.
const CERTIFICATE_INTERVAL: Duration = Duration::from_secs(30);

pub(super) fn run(args: &ServeArgs) -> CommandResult {
    let mut config = Config::load(args.sources().with_process())?;
    if args.trace_upstream {
        config.log.filter += &format!(",{UPSTREAM_LOG_TARGET}=trace");
    }
    // One thread: handing requests from thread to thread costs more than a second one brings, and Feishu's limits are
    // reached with a fraction of one core (docs/performance.md).
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let log = match &config.otlp_endpoint {
        Some(endpoint) => telemetry::init_with_traces(&config.log, endpoint, runtime.handle().clone())?,
        None => telemetry::init(&config.log)?,
    };
    let served = runtime.block_on(serve(config, args.sandbox));
    runtime.block_on(log.end());
    served
}

async fn serve(config: Config, with_sandbox: bool) -> CommandResult {
    let stop = server::stop_on_signal(telemetry::flush)?;
    let (upstream, open) =
        if with_sandbox { stand_in(&config).await? } else { (feishu(&config)?, Router::new()) };
    let App { router, readiness, metrics, feishu } = App::build(&config, upstream, Clock::System, open)?;
    let tls = config.server.tls.as_ref().map(load_tls).transpose()?;
    // Before anybody knows that the gateway is there: until somebody listens for it, the signal ends the process.
    tokio::spawn(reload_on_hangup(server::on_hangup()?, tls.clone()));
    let (listener, address) = server::listen(config.listen).await?;
    server::announce(address, tls.is_some())?;

    let grace = config.request.deadline + GRACE_BEYOND_DEADLINE;
    let config::Server { header_timeout, idle_timeout, max_connections, drain_delay, .. } = config.server;
    let open_connections = Some(metrics.connections);
    let options = server::Options {
        header_timeout,
        idle_timeout,
        max_connections,
        drain_delay,
        grace,
        tls,
        open_connections,
    };
    server::serve(listener, router, readiness, stop, options).await;
    // Pushes whose callers have gone away are still finished.
    if tokio::time::timeout(grace, feishu.drained()).await.is_err() {
        tracing::warn!("pushes were still under way at the end of the grace period");
    }
    tracing::info!("stopped");
    Ok(())
}

fn load_tls(files: &config::Tls) -> Result<Tls, TlsError> {
    Tls::load(tls_files(files))
}

/// The same files in the server's words.
pub(super) fn tls_files(files: &config::Tls) -> TlsFiles {
    let config::Tls { cert_file, key_file, client_ca_file } = files.clone();
    TlsFiles { cert_file, key_file, client_ca_file }
}

/// Takes new certificates from their files, when told to and by itself. A file that is no good changes nothing.
async fn reload_on_hangup(mut hangups: Hangups, tls: Option<Tls>) {
    let mut look = tokio::time::interval(CERTIFICATE_INTERVAL);
    loop {
        tokio::select! {
            () = hangups.next() => tracing::info!("SIGHUP: reading files again"),
            _ = look.tick() => {}
        }
        let Some(tls) = tls.clone() else { continue };
        match tokio::task::spawn_blocking(move || tls.reload()).await {
            Ok(Ok(true)) => tracing::info!("new TLS certificates are in use"),
            Ok(Ok(false)) => {}
            Ok(Err(cause)) => {
                let cause = super::chain(&cause);
                tracing::error!(
                    cause,
                    "the TLS files cannot be used; the certificates read before stay in use"
                );
            }
            Err(cause) => tracing::error!(%cause, "reading the TLS files panicked"),
        }
    }
}

/// The Feishu of the configuration.
fn feishu(config: &Config) -> Result<Upstream, &'static str> {
    let credentials = config.feishu.credentials.clone();
    // The configuration has refused to load without them.
    let credentials = credentials.ok_or("no credentials are configured")?;
    let Feishu { base_url, legacy_base_url, .. } = &config.feishu;
    let origins = Origins { open_api: base_url.clone(), legacy: legacy_base_url.clone() };
    Ok(Upstream { origins, credentials })
}

/// A stand-in in this process, and its control routes for the gateway's own address.
async fn stand_in(config: &Config) -> Result<(Upstream, Router), server::ListenError> {
    let region = match config.feishu.region {
        Region::Feishu => Brand::Feishu,
        Region::Lark => Brand::Lark,
    };
    let switches = Switches { region, ..Switches::default() };
    let sandbox = Sandbox::new(sandbox::Options { switches, ..sandbox::Options::default() });
    let (listener, address) = server::listen(config.sandbox.listen).await?;
    tracing::info!(sandbox = %address, approval_code = sandbox::SEEDED_APPROVAL_CODE, "the stand-in for Feishu listens");
    let router = sandbox.router();
    // It ends with the process: the gateway may need it until the last push is done.
    tokio::spawn(async move { axum::serve(listener, router).await });
    let credentials = Credentials {
        app_id: sandbox::DEFAULT_APP_ID.to_owned(),
        app_secret: sandbox::DEFAULT_APP_SECRET.into(),
    };
    let origin = format!("http://{address}");
    let origins = Origins { open_api: origin.clone(), legacy: origin };
    // They need no key, so they are nobody's business where callers need one; the stand-in's own address has them, too.
    let open = config.listen.ip().is_loopback() || config.auth.allow_anonymous;
    let control = if open { sandbox.control_router() } else { Router::new() };
    Ok((Upstream { origins, credentials }, control))
}
