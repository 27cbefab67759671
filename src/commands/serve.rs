//! `serve`: the gateway in front of Feishu, or of the sandbox.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio_util::sync::CancellationToken;

use super::background::Background;
use super::log_filter::{self, LogFilter};
use super::reload::Reloadable;
use super::temporary::TemporaryDirectory;
use super::upstreams::{Centre, Sandboxes};
use super::{CommandResult, reload, upstreams};
use crate::app::{App, LedgerSource, postgres_settings};
use crate::cli::ServeArgs;
use crate::config::{self, Config, LedgerPlace};
use crate::delivery::Delivery;
use crate::http::health::DrainState;
use crate::ledger::{Ledger, LedgerError};
use crate::server::{self, Tls, TlsError, TlsFiles};
use crate::support::clock::Clock;
use crate::support::deadline::Deadline;
use crate::telemetry;

/// Time for accepted requests to finish, on top of the longest deadline that one may have.
const GRACE_BEYOND_DEADLINE: Duration = Duration::from_secs(5);

/// Connections of probes and scrapes at one time; few, as they share the process's files with those of callers. Our choice.
const ADMIN_CONNECTIONS: usize = 64;

/// Time for probes and scrapes that are under way at the end.
const ADMIN_GRACE: Duration = Duration::from_secs(1);

/// Connections of Feishu, or of whatever stands before the gateway, at one time. Our choice.
const CALLBACK_CONNECTIONS: usize = 1024;

/// Time for the head of a first callback: whoever takes longer is not Feishu.
const CALLBACK_TIMEOUT: Duration = Duration::from_secs(5);

/// Time in which a store app may get its first token, or asks for a ticket.
const FIRST_TOKEN: Duration = Duration::from_secs(30);

/// Time for callbacks that are under way at the end: as long as one may take.
const CALLBACK_GRACE: Duration = Duration::from_secs(10);

pub(super) fn run(config: Config, args: &ServeArgs) -> CommandResult {
    let mut log = config.log.clone();
    log.filter = log_filter::directives(&log.filter, args.trace_upstream);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let log = match &config.otlp_endpoint {
        Some(endpoint) => telemetry::init_with_traces(&log, endpoint, runtime.handle().clone())?,
        None => telemetry::init(&log)?,
    };
    let sources = args.sources().with_process();
    let log_filter = LogFilter::new(&config, sources, args.trace_upstream, log.filter());
    let served = runtime.block_on(serve(config, args.sandbox, log_filter));
    runtime.block_on(log.end());
    // What is left only looks after files; one that hangs, such as on a mount that is gone, is not waited for.
    runtime.shutdown_background();
    served
}

async fn serve(mut config: Config, with_sandbox: bool, log_filter: LogFilter) -> CommandResult {
    let stop = server::stop_on_signal(telemetry::flush)?;
    let background = Background::default();
    // Open before anything else: the sandbox has to know where it is called.
    let callbacks_listener = match config.callbacks_listen {
        Some(address) => Some(server::listen(address).await?),
        None => None,
    };
    if let (true, Some((_, address))) = (with_sandbox, &callbacks_listener) {
        for callbacks in config.apps.iter_mut().filter_map(|app| app.callbacks.as_mut()) {
            callbacks.public_url = Some(format!("http://{address}"));
        }
    }
    let (upstreams, open, centre) = if with_sandbox {
        let Sandboxes { upstreams, control, centre } =
            upstreams::sandboxes(&config, &background, &stop).await?;
        (upstreams, control, Some(centre))
    } else {
        (upstreams::configured(&config)?, Router::new(), None)
    };
    // Lives as long as the ledger in it.
    let temporary = match config.ledger.place {
        LedgerPlace::Temporary => Some(TemporaryDirectory::new()?),
        LedgerPlace::Sqlite(_) | LedgerPlace::Postgres(_) | LedgerPlace::Nowhere => None,
    };
    let source = match (&config.ledger.place, &temporary) {
        (LedgerPlace::Sqlite(path), _) => LedgerSource::Sqlite(path.clone()),
        (LedgerPlace::Postgres(database), _) => LedgerSource::Postgres(Box::new(postgres_settings(database))),
        (_, Some(temporary)) => LedgerSource::Sqlite(temporary.path().join("approval-gateway.db")),
        _ => LedgerSource::Nowhere,
    };
    // Before the ledger is opened, so that a start which fails for a port makes none; and both before either is announced:
    // whoever reads the first line may ask the second listener.
    let (listener, address) = server::listen(config.listen).await?;
    let admin_listener = match config.admin_listen {
        Some(address) => Some(server::listen(address).await?),
        None => None,
    };
    let App { router, admin, drain_state, metrics, deliveries, ledger, replica, callbacks, store_apps } =
        App::build(&config, upstreams, source, Clock::System, open).await?;
    let tls = config.server.tls.as_ref().map(load_tls).transpose()?;
    // Before anybody knows that the gateway is there: until somebody listens for it, the signal ends the process.
    let reloadable = Reloadable { log_filter, tls: tls.clone(), keys: config.auth.keys.clone() };
    background.spawn(reload::watch(server::on_hangup()?, reloadable, metrics.clone()));
    let admin = admin.zip(admin_listener);
    server::announce(address, tls.is_some())?;
    if let Some((_, (_, address))) = &admin {
        server::announce_admin(*address)?;
    }
    match centre {
        Some(Centre::Here(path)) => server::announce_approval_centre(address, tls.is_some(), &path),
        Some(Centre::There(address)) => server::announce_approval_centre(address, false, "/sandbox/"),
        None => {}
    }

    if let Some((_, address)) = &callbacks_listener {
        server::announce_callbacks(*address, !with_sandbox)?;
    }

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
    if let Some((router, (listener, _))) = admin {
        let options = server::Options {
            max_connections: ADMIN_CONNECTIONS,
            drain_delay: Duration::ZERO,
            grace: ADMIN_GRACE,
            tls: None,
            open_connections: None,
            ..options.clone()
        };
        background
            .spawn_until_done(|end| server::serve(listener, router, DrainState::serving(), end, options));
    }
    let calling = callbacks.clone().zip(callbacks_listener).map(|(callbacks, (listener, _))| {
        let options = server::Options {
            header_timeout: header_timeout.min(CALLBACK_TIMEOUT),
            idle_timeout,
            max_connections: CALLBACK_CONNECTIONS,
            drain_delay,
            grace: CALLBACK_GRACE,
            tls: None,
            open_connections: None,
        };
        tokio::spawn(server::serve(
            listener,
            callbacks.router(),
            DrainState::serving(),
            stop.clone(),
            options,
        ))
    });
    // Only now can a ticket come in. Nobody waits for the task: whatever needs a token says what is wrong.
    for feishu in store_apps {
        tokio::spawn(async move { feishu.prove(Deadline::after(FIRST_TOKEN)).await });
    }
    let broken = ledger.clone().map(|ledger| tokio::spawn(end_when_broken(ledger, stop.clone())));
    tokio::spawn(stop_deliveries(deliveries.clone(), stop.clone(), drain_delay));
    server::serve(listener, router, drain_state, stop, options).await;
    // Pushes whose callers have gone away are still finished.
    if tokio::time::timeout(grace, App::drained(&deliveries)).await.is_err() {
        tracing::warn!("pushes were still under way at the end of the grace period");
    }
    // Actions that were begun are finished, too, and noted.
    if let Some(calling) = calling {
        let _ = calling.await;
    }
    if let Some(callbacks) = callbacks
        && tokio::time::timeout(CALLBACK_GRACE, callbacks.drained()).await.is_err()
    {
        tracing::warn!("actions were still being relayed at the end of the grace period");
    }
    if let Some(replica) = replica {
        replica.leave().await;
    }
    if let Some(ledger) = ledger {
        ledger.close().await;
    }
    drop(temporary);
    // Last: probes and scrapes see the gateway stop, and the last push may need the sandbox.
    background.end().await;
    if let Some(broken) = broken.filter(tokio::task::JoinHandle::is_finished) {
        return Err(Box::new(LedgerBroken(broken.await?)));
    }
    tracing::info!("stopped");
    Ok(())
}

/// The ledger failed for good while the gateway ran.
#[derive(Debug, thiserror::Error)]
#[error(
    "the ledger failed, and the gateway ended so that nothing is accepted which is not kept: look at its disk, and start \
     again; what was answered 200 or 202 is looked for then"
)]
struct LedgerBroken(#[source] LedgerError);

/// Stops the gateway when its ledger is broken: a new start looks what is there.
async fn end_when_broken(ledger: Arc<dyn Ledger>, stop: CancellationToken) -> LedgerError {
    let error = ledger.broken().await;
    tracing::error!(error = &error as &dyn std::error::Error, "the ledger is broken: the gateway stops");
    stop.cancel();
    error
}

/// Lets deliveries begin nothing more once no request is let in any more: whoever waits is answered then.
async fn stop_deliveries(deliveries: Vec<Arc<Delivery>>, stop: CancellationToken, delay: Duration) {
    stop.cancelled().await;
    deliveries.iter().for_each(|delivery| delivery.hand_over());
    tokio::time::sleep(delay).await;
    deliveries.iter().for_each(|delivery| delivery.stop());
}

fn load_tls(files: &config::Tls) -> Result<Tls, TlsError> {
    let config::Tls { cert_file, key_file, client_ca_file } = files.clone();
    Tls::load(TlsFiles { cert_file, key_file, client_ca_file })
}
