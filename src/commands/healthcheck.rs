//! `healthcheck`: asks a running gateway whether it is ready; for containers, which have no curl.

use std::time::Duration;

use axum::http::{Request, Uri};

use super::CommandResult;
use crate::cli::HealthcheckArgs;
use crate::config::Config;
use crate::connections::{Body, Connections};

/// A gateway that takes longer is not well; container platforms kill the probe after a few seconds, too.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn run(args: &HealthcheckArgs) -> CommandResult {
    let config = Config::load(args.sources().with_process())?;
    let url = args.target(config.listen);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let url = url.parse::<Uri>()?;
        let request = Request::get(&url).body(Body::default())?;
        let answer = Connections::direct(&url)?.request(request);
        let status = tokio::time::timeout(PATIENCE, answer).await??.status();
        if status.is_success() { Ok(()) } else { Err(format!("{url} answered {status}").into()) }
    })
}
