//! `sandbox`: only the sandbox, a simulated Feishu.

use std::time::Duration;

use super::CommandResult;
use crate::config::Config;
use crate::http::health::DrainState;
use crate::sandbox::{self, Sandbox};
use crate::{server, telemetry};

/// Nothing here is worth waiting for long.
const GRACE: Duration = Duration::from_secs(2);

pub(super) fn run(config: &Config) -> CommandResult {
    let _log = telemetry::init(&config.log)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stop = server::stop_on_signal(telemetry::flush)?;
        let sandbox = Sandbox::new(sandbox::Options { stop: stop.clone(), ..sandbox::Options::default() });
        let (listener, address) = server::listen(config.sandbox.listen).await?;
        server::announce(address, false)?;
        server::announce_approval_centre(address, false, "/sandbox/");
        let options = server::Options {
            header_timeout: config.server.header_timeout,
            idle_timeout: config.server.idle_timeout,
            max_connections: config.server.max_connections,
            drain_delay: Duration::ZERO,
            grace: GRACE,
            tls: None,
            open_connections: None,
        };
        server::serve(listener, sandbox.router(), DrainState::serving(), stop, options).await;
        Ok(())
    })
}
