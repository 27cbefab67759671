//! `healthcheck`: asks a running gateway whether it is ready; for containers, which have no curl.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use reqwest::{ClientBuilder, Identity};

use super::CommandResult;
use crate::cli::HealthcheckArgs;
use crate::config::{Config, Tls};

/// A gateway that takes longer is not well; container platforms kill the probe after a few seconds, too.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn run(args: &HealthcheckArgs) -> CommandResult {
    let config = Config::load(args.sources().with_process())?;
    let tls = config.server.tls.as_ref();
    let url = args.target(config.listen, tls.is_some());
    let mut client = reqwest::Client::builder().timeout(PATIENCE).no_proxy();
    if args.url.is_none()
        && let Some(tls) = tls
    {
        client = trusting_ourselves(client, tls)?;
    } else if url.starts_with("http://") {
        // Without this the builder fails on machines that have no CA store, although none is needed.
        client = client.tls_certs_only([]);
    }
    let client = client.build()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let status = client.get(&url).send().await?.status();
        if status.is_success() { Ok(()) } else { Err(format!("{url} answered {status}").into()) }
    })
}

/// The certificate is not judged: it is for the name that callers use, which need not be the address of this machine,
/// and nothing secret is said. Where callers must show a certificate, the gateway takes its own.
fn trusting_ourselves(client: ClientBuilder, tls: &Tls) -> Result<ClientBuilder, Box<dyn Error>> {
    let client = client.tls_certs_only([]).tls_danger_accept_invalid_certs(true);
    if tls.client_ca_file.is_none() {
        return Ok(client);
    }
    let mut pem = read(&tls.cert_file)?;
    pem.push(b'\n');
    pem.extend(read(&tls.key_file)?);
    Ok(client.identity(Identity::from_pem(&pem)?))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|cause| format!("the TLS file {} cannot be read: {cause}", path.display()))
}
