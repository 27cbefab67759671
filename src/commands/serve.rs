//! `serve`: the gateway in front of Feishu, or of the stand-in.

use std::time::Duration;

use axum::Router;

use super::{CommandResult, reload, upstreams};
use crate::app::App;
use crate::cli::ServeArgs;
use crate::config::{self, Config};
use crate::feishu::UPSTREAM_LOG_TARGET;
use crate::server::{self, Tls, TlsError, TlsFiles};
use crate::support::clock::Clock;
use crate::telemetry;

/// Time for accepted requests to finish, on top of the longest deadline that one may have.
const GRACE_BEYOND_DEADLINE: Duration = Duration::from_secs(5);

pub(super) fn run(mut config: Config, args: &ServeArgs) -> CommandResult {
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
    let (upstreams, open) = if with_sandbox {
        upstreams::stand_ins(&config).await?
    } else {
        (upstreams::configured(&config)?, Router::new())
    };
    let App { router, readiness, metrics, feishu } = App::build(&config, upstreams, Clock::System, open)?;
    let tls = config.server.tls.as_ref().map(load_tls).transpose()?;
    // Before anybody knows that the gateway is there: until somebody listens for it, the signal ends the process.
    reload::start(server::on_hangup()?, tls.clone(), config.auth.keys.clone());
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
    if tokio::time::timeout(grace, App::drained(&feishu)).await.is_err() {
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
