//! Opens connections.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Uri;
use axum::http::uri::InvalidUri;
use hyper::client::conn::{http1, http2};
use hyper::rt::{Read, Write};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::aws_lc_rs;
use tower::{Service, ServiceExt as _};

use super::RequestError;
use super::kept::{Kept, Sender};

/// A connection that takes longer than this to open is not worth the rest of a deadline.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that brings no answer to a ping for this long is dead. HTTP/2 only: there all requests share one
/// connection, and one that died in silence would take all of them with it.
const PING_PATIENCE: Duration = Duration::from_secs(5);

/// How long an HTTP/2 connection is silent before it is pinged.
const PING_INTERVAL: Duration = Duration::from_secs(15);

type Proxied = Tunnel<HttpsConnector<HttpConnector>>;

/// The way to an origin.
#[derive(Debug)]
pub(super) enum Connector {
    /// To a stand-in next door, which no proxy could reach.
    Plain(HttpConnector),
    /// The usual way.
    Tls(HttpsConnector<HttpConnector>),
    /// As `HTTPS_PROXY` or `ALL_PROXY` demand, except for what `NO_PROXY` names.
    Proxied(Box<HttpsConnector<Proxied>>),
}

/// The HTTP client could not be built.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// TLS needs certificates of authorities to trust.
    #[error(
        "cannot set up the HTTPS client; is a CA certificate store installed (package ca-certificates) or named by \
         SSL_CERT_FILE?"
    )]
    Tls(#[source] std::io::Error),
    /// An origin that is no address.
    #[error("{origin} is no address of an origin")]
    Origin {
        /// What was configured.
        origin: String,
        /// What is wrong with it.
        source: InvalidUri,
    },
    /// An address without a scheme or a host.
    #[error("{0} names no server; write it like https://host:port")]
    NoOrigin(Uri),
    /// A kind of proxy that the gateway does not speak to.
    #[error(
        "the proxy for {origin} must be an http:// or https:// address, not {scheme}://; see HTTPS_PROXY and ALL_PROXY"
    )]
    Proxy {
        /// The origin that the proxy is for.
        origin: Uri,
        /// The scheme of the address; the rest may hold a password.
        scheme: String,
    },
}

impl Connector {
    /// Past any proxy.
    pub(super) fn direct(origin: &Uri) -> Result<Self, SetupError> {
        Ok(if origin.scheme_str() == Some("http") {
            Self::Plain(tcp())
        } else {
            Self::Tls(tls()?.wrap_connector(tcp()))
        })
    }

    /// Through the proxy that the environment names for an HTTPS origin, if it does.
    pub(super) fn by_environment(origin: &Uri) -> Result<Self, SetupError> {
        let proxy =
            if origin.scheme_str() == Some("http") { None } else { Matcher::from_env().intercept(origin) };
        match proxy {
            None => Self::direct(origin),
            Some(proxy) => Ok(Self::Proxied(Box::new(tls()?.wrap_connector(through(&proxy, origin)?)))),
        }
    }

    /// A new connection, in the HTTP that both ends prefer. It is shared at once if it can be.
    pub(super) async fn open(&self, origin: &Uri, kept: &Arc<Kept>) -> Result<Sender, RequestError> {
        match self {
            Self::Plain(connector) => open(connector.clone(), origin, kept).await,
            Self::Tls(connector) => open(connector.clone(), origin, kept).await,
            Self::Proxied(connector) => open(connector.clone(), origin, kept).await,
        }
    }
}

async fn open<C>(connector: C, origin: &Uri, kept: &Arc<Kept>) -> Result<Sender, RequestError>
where
    C: Service<Uri, Response: Connection + Read + Write + Unpin + Send + 'static>,
    C::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let stream =
        connector.oneshot(origin.clone()).await.map_err(|cause| RequestError::NotConnected(cause.into()))?;
    let speaks_http2 = stream.connected().is_negotiated_h2();
    let sender = if speaks_http2 { http2(stream, kept).await } else { http1(stream).await };
    sender.map_err(|cause| RequestError::NotConnected(cause.into()))
}

async fn http1<S: Read + Write + Unpin + Send + 'static>(stream: S) -> hyper::Result<Sender> {
    let (sender, connection) = http1::handshake(stream).await?;
    // What ends it, the requests under way are told.
    tokio::spawn(async { drop(connection.await) });
    Ok(Sender::Http1(sender))
}

pub(super) async fn http2<S: Read + Write + Unpin + Send + 'static>(
    stream: S,
    kept: &Arc<Kept>,
) -> hyper::Result<Sender> {
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_PATIENCE)
        .handshake(stream)
        .await?;
    tokio::spawn(async { drop(connection.await) });
    Ok(kept.share(sender))
}

fn tcp() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector
}

/// The system's certificates, as every other program of the machine trusts them.
fn tls() -> Result<HttpsConnectorBuilder<hyper_rustls::builderstates::WantsProtocols3>, SetupError> {
    let provider = aws_lc_rs::default_provider();
    let builder = HttpsConnectorBuilder::new().with_provider_and_platform_verifier(provider);
    Ok(builder.map_err(SetupError::Tls)?.https_or_http().enable_all_versions())
}

fn through(proxy: &Intercept, origin: &Uri) -> Result<Proxied, SetupError> {
    let address = proxy.uri();
    let connector = match address.scheme_str() {
        Some("http" | "https") => tls()?.wrap_connector(tcp()),
        other => {
            let scheme = other.unwrap_or_default().to_owned();
            return Err(SetupError::Proxy { origin: origin.clone(), scheme });
        }
    };
    let tunnel = Tunnel::new(address.clone(), connector);
    Ok(match proxy.basic_auth() {
        Some(credentials) => tunnel.with_auth(credentials.clone()),
        None => tunnel,
    })
}
