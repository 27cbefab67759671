//! `healthcheck`: asks a running gateway whether it is ready; for containers, which have no curl.

use std::time::Duration;

use super::CommandResult;
use crate::cli::HealthcheckArgs;
use crate::config::Config;

/// A gateway that takes longer is not well; container platforms kill the probe after a few seconds, too.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn run(args: &HealthcheckArgs) -> CommandResult {
    let config = Config::load(args.sources().with_process())?;
    let url = args.target(config.listen);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut client = reqwest::Client::builder().timeout(PATIENCE).no_proxy();
        if url.starts_with("http://") {
            // Without this the builder fails on machines that have no CA store, although none is needed.
            client = client.tls_certs_only([]);
        }
        let status = client.build()?.get(&url).send().await?.status();
        if status.is_success() { Ok(()) } else { Err(format!("{url} answered {status}").into()) }
    })
}
