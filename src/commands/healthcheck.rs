//! `healthcheck`: asks a running gateway whether it is ready; for containers, which have no curl.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::HOST;
use axum::http::{Request, StatusCode, Uri};
use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::CommandResult;
use super::serve::tls_files;
use crate::cli::HealthcheckArgs;
use crate::config::Config;
use crate::http_client::{HttpClients, server};
use crate::server::{TlsFiles, trusting_ourselves};

/// A gateway that takes longer is not well; container platforms kill the probe after a few seconds, too.
const PATIENCE: Duration = Duration::from_secs(3);

type Asked = Result<StatusCode, Box<dyn Error>>;

pub(super) fn run(args: &HealthcheckArgs) -> CommandResult {
    let config = Config::load(args.sources().with_process())?;
    let tls = config.server.tls.as_ref().filter(|_| args.url.is_none());
    let url = args.target(config.listen, tls.is_some());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let asked = async {
            match tls {
                Some(tls) => ask_over_tls(&url.parse()?, &tls_files(tls)).await,
                None => ask(&url).await,
            }
        };
        let status = tokio::time::timeout(PATIENCE, asked).await??;
        if status.is_success() { Ok(()) } else { Err(format!("{url} answered {status}").into()) }
    })
}

async fn ask(url: &str) -> Asked {
    let url = server(url)?;
    let client = HttpClients::to([&url])?.direct().client()?;
    Ok(client.get(url).send().await?.status())
}

/// Asks the gateway of this configuration, whose address is an IP address and whose files are here.
async fn ask_over_tls(url: &Uri, files: &TlsFiles) -> Asked {
    let authority = url.authority().ok_or("the address has no host")?.as_str();
    let address: SocketAddr = authority.parse()?;
    let config = Arc::new(trusting_ourselves(files)?);
    let stream = TcpStream::connect(address).await?;
    let stream =
        TlsConnector::from(config).connect(ServerName::IpAddress(address.ip().into()), stream).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get(url.path()).header(HOST, authority).body(Empty::<Bytes>::new())?;
    let answer = tokio::select! {
        answer = sender.send_request(request) => answer?,
        ended = connection => return Err(ended.err().map_or("the gateway gave no answer".into(), Into::into)),
    };
    Ok(answer.status())
}
