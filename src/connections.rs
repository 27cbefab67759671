//! Connections to another server: plain, over TLS, or over TLS through a proxy; kept and used again.
//!
//! hyper-util's client, not reqwest: a call costs a fifth less CPU, and nothing of what reqwest adds is needed here.

use std::time::Duration;

use axum::http::uri::InvalidUri;
use axum::http::{Request, Uri};
use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::aws_lc_rs;

/// A connection that takes longer than this to open is not worth the rest of a deadline.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Idle connections are given up before the load balancers of this world (60 s and more) cut them.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// A connection that brings no answer to a ping for this long is dead. HTTP/2 only: there all requests share one
/// connection, and one that died in silence would take all of them with it.
const PING_PATIENCE: Duration = Duration::from_secs(5);

/// How long an HTTP/2 connection is silent before it is pinged.
const PING_INTERVAL: Duration = Duration::from_secs(15);

/// What is sent, whole in memory.
pub type Body = Full<Bytes>;
type Proxied = Tunnel<HttpsConnector<HttpConnector>>;

/// Connections to one origin, kept and used again. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Connections {
    /// A stand-in next door, which no proxy could reach.
    Plain(Client<HttpConnector, Body>),
    /// The usual way.
    Tls(Client<HttpsConnector<HttpConnector>, Body>),
    /// As `HTTPS_PROXY` or `ALL_PROXY` demand, except for what `NO_PROXY` names.
    Proxied(Box<Client<HttpsConnector<Proxied>, Body>>),
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

impl Connections {
    /// Connections to an origin, opened when they are needed, past any proxy.
    ///
    /// # Errors
    /// When no certificates are to be found for an HTTPS origin.
    pub fn direct(origin: &Uri) -> Result<Self, SetupError> {
        Ok(if origin.scheme_str() == Some("http") {
            Self::Plain(pooled(tcp()))
        } else {
            Self::Tls(pooled(tls()?.wrap_connector(tcp())))
        })
    }

    /// As [`Self::direct`], but through the proxy that the environment names for an HTTPS origin.
    ///
    /// # Errors
    /// When no certificates are to be found for an HTTPS origin, or its proxy is of an unknown kind.
    pub fn to(origin: &Uri) -> Result<Self, SetupError> {
        let proxy =
            if origin.scheme_str() == Some("http") { None } else { Matcher::from_env().intercept(origin) };
        match proxy {
            None => Self::direct(origin),
            Some(proxy) => {
                Ok(Self::Proxied(Box::new(pooled(tls()?.wrap_connector(through(&proxy, origin)?)))))
            }
        }
    }

    /// Sends one request; dropping the future gives it up.
    pub fn request(&self, request: Request<Body>) -> ResponseFuture {
        match self {
            Self::Plain(client) => client.request(request),
            Self::Tls(client) => client.request(request),
            Self::Proxied(client) => client.request(request),
        }
    }
}

fn pooled<C>(connector: C) -> Client<C, Body>
where
    C: hyper_util::client::legacy::connect::Connect + Clone,
{
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http2_keep_alive_interval(PING_INTERVAL)
        .http2_keep_alive_timeout(PING_PATIENCE)
        .build(connector)
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
