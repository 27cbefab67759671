//! `healthcheck`: asks a running gateway whether it is ready; for containers, which have no curl.

use std::time::Duration;

use super::CommandResult;
use crate::cli::HealthcheckArgs;
use crate::config::Config;
use crate::http_client::{HttpClients, own_gateway_client, server};

/// A gateway that takes longer is not well; container platforms kill the probe after a few seconds, too.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Where no client certificate is at hand.
const NEEDS_ADMIN_LISTENER: &str = "the gateway asks callers for a certificate (server.tls.client_ca_file), and a health check \
has none: set admin.listen (GATEWAY_ADMIN__LISTEN), where health is asked for without one";

pub(super) fn run(args: &HealthcheckArgs) -> CommandResult {
    let config = Config::load(args.sources().with_process())?;
    let (listen, tls) = match config.admin_listen {
        Some(admin) => (admin, None),
        None => (config.listen, config.server.tls.as_ref()),
    };
    if args.url.is_none() && tls.is_some_and(|tls| tls.client_ca_file.is_some()) {
        return Err(NEEDS_ADMIN_LISTENER.into());
    }
    let url = args.target(listen, tls.is_some());
    let address = server(&url)?;
    let client = match &args.url {
        Some(_) => HttpClients::to([&address])?.direct().client()?,
        None => own_gateway_client()?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async { client.get(address).timeout(TIMEOUT).send().await })?;
    let status = answer.status();
    if status.is_success() { Ok(()) } else { Err(format!("{url} answered {status}").into()) }
}
