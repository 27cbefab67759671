//! `serve`: the gateway in front of Feishu, or of the stand-in.

use std::time::Duration;

use axum::Router;

use super::{CommandResult, upstreams};
use crate::app::App;
use crate::cli::ServeArgs;
use crate::clock::Clock;
use crate::config::Config;
use crate::feishu::UPSTREAM_LOG_TARGET;
use crate::{server, telemetry};

/// Time for accepted requests to finish, on top of the longest deadline that one may have.
const GRACE_BEYOND_DEADLINE: Duration = Duration::from_secs(5);

pub(super) fn run(args: &ServeArgs) -> CommandResult {
    let mut config = Config::load(args.sources().with_process())?;
    if args.trace_upstream {
        config.log.filter += &format!(",{UPSTREAM_LOG_TARGET}=trace");
    }
    telemetry::init(&config.log)?;
    // One thread: handing requests from thread to thread costs more than a second one brings, and Feishu's limits are
    // reached with a fraction of one core (docs/performance.md).
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(config, args.sandbox))
}

async fn serve(config: Config, with_sandbox: bool) -> CommandResult {
    let stop = server::stop_on_signal()?;
    // Also without keys, because the signal would end the process.
    let reread = server::on_hangup()?;
    let (upstreams, open) = if with_sandbox {
        upstreams::stand_ins(&config).await?
    } else {
        (upstreams::configured(&config)?, Router::new())
    };
    let App { router, readiness, feishu } = App::build(&config, upstreams, Clock::System, open)?;
    if let Some(keys) = config.auth.keys.clone() {
        tokio::spawn(keys.watch(reread));
    }
    let (listener, address) = server::listen(config.listen).await?;
    server::announce(address)?;

    let draining = stop.clone();
    tokio::spawn(async move {
        draining.cancelled().await;
        readiness.drain();
    });
    let grace = config.request.deadline + GRACE_BEYOND_DEADLINE;
    server::serve(listener, router, stop, grace).await?;
    // Pushes whose callers have gone away are still finished.
    if tokio::time::timeout(grace, App::drained(&feishu)).await.is_err() {
        tracing::warn!("pushes were still under way at the end of the grace period");
    }
    tracing::info!("stopped");
    Ok(())
}
