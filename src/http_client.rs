//! HTTP clients for requests to other servers, such as Feishu or a trace collector. Only this module builds any.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Uri;
use bytes::{Bytes, BytesMut};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::{Client, Response, redirect};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tower::util::{MapRequestLayer, MapResponseLayer};
use url::Url;

use crate::support::clock::CertificateTime;

/// Who calls; servers and proxies may log it.
const USER_AGENT: &str = concat!("approval-gateway/", env!("CARGO_PKG_VERSION"));

/// Longest that a connection may take to open, proxy and TLS included. Less than an attempt at a request may take, so that
/// it is known that nothing was sent.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection that was idle for so long is not used again: load balancers cut them after 60 seconds and more.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a connection is silent before the system asks whether the other end is still there.
const TCP_KEEPALIVE: Duration = Duration::from_secs(15);

/// A connection whose other end acknowledges nothing for so long is closed: the host or the way to it is gone.
#[cfg(target_os = "linux")]
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an HTTP/2 connection is silent before it is pinged: all requests share it, so one that died in silence would
/// take all of them with it.
const PING_INTERVAL: Duration = Duration::from_secs(10);

/// An HTTP/2 connection that brings no answer to a ping for so long is closed.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// Builds clients that trust the same certificates and share TLS sessions.
#[derive(Debug, Clone)]
pub struct HttpClients {
    tls: ClientConfig,
    uses_proxy: bool,
}

/// No HTTP client could be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// HTTPS needs certificates of authorities to trust.
    #[error(
        "cannot set up the HTTPS client; is a CA certificate store installed (package ca-certificates) or named by \
         SSL_CERT_FILE?"
    )]
    Certificates(#[source] rustls::Error),
    /// The environment names a proxy that is none. The value is not shown, because it may hold a password.
    #[error(
        "the environment variable {0} names no proxy that can be used; write it like http://proxy.example.com:3128"
    )]
    Proxy(&'static str),
    /// An address that is none.
    #[error("{address} is no address of a server")]
    Address {
        /// What was configured.
        address: String,
        /// What is wrong with it.
        source: url::ParseError,
    },
    /// The library refuses the settings.
    #[error("cannot set up the HTTP client")]
    Client(#[source] reqwest::Error),
}

impl HttpClients {
    /// For requests to these servers. HTTPS ones are reached through the proxy that the environment names (`HTTPS_PROXY`
    /// or `ALL_PROXY`, except for what `NO_PROXY` names). Plain HTTP, which is for a sandbox or a collector nearby, needs
    /// neither certificates nor a proxy.
    ///
    /// # Errors
    /// When a server speaks HTTPS, and no certificates are to be found or the proxy cannot be used.
    pub fn to<'a>(servers: impl IntoIterator<Item = &'a Url>) -> Result<Self, SetupError> {
        let uses_https = servers.into_iter().any(|server| server.scheme() == "https");
        let tls = ClientConfig::builder_with_details(
            Arc::new(aws_lc_rs::default_provider()),
            Arc::new(CertificateTime),
        )
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .map_err(SetupError::Certificates)?;
        let mut tls = if uses_https {
            check_proxy()?;
            tls.with_platform_verifier().map_err(SetupError::Certificates)?.with_no_client_auth()
        } else {
            tls.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        };
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { tls, uses_proxy: uses_https })
    }

    /// Without any proxy.
    #[must_use]
    pub fn direct(self) -> Self {
        Self { uses_proxy: false, ..self }
    }

    /// A client with connections of its own. It follows no redirects, and has no time limit but that for connecting.
    ///
    /// # Errors
    /// When the library refuses the settings.
    #[expect(clippy::disallowed_methods, reason = "the one place that builds clients")]
    pub fn client(&self) -> Result<Client, SetupError> {
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .tls_backend_preconfigured(self.tls.clone())
            .redirect(redirect::Policy::none())
            .referer(false)
            .connector_layer(MapRequestLayer::new(note_connect))
            .connector_layer(MapResponseLayer::new(note_connected))
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .tcp_keepalive(TCP_KEEPALIVE)
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(PING_TIMEOUT)
            .http2_keep_alive_while_idle(true);
        #[cfg(target_os = "linux")]
        let client = client.tcp_user_timeout(TCP_USER_TIMEOUT);
        let client = if self.uses_proxy { client } else { client.no_proxy() };
        client.build().map_err(SetupError::Client)
    }
}

tokio::task_local! {
    /// How far the request that is polled has come with opening a connection, if that has changed.
    static CONNECTS: Cell<Option<Connect>>;
}

/// Step of a request that finds no free connection and opens one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connect {
    /// It has begun to open one.
    Begun,
    /// The connection is there.
    Done,
}

/// Sends a request with a client of [`HttpClients`], and tells `on_connect` about a connection that it opens.
///
/// A connection that becomes free meanwhile is taken instead; then it is not told that its own is there.
pub async fn watching_connects<T>(request: impl Future<Output = T>, on_connect: impl Fn(Connect)) -> T {
    let mut request = pin!(request);
    poll_fn(|context| {
        CONNECTS.sync_scope(Cell::new(None), || {
            let polled = request.as_mut().poll(context);
            let step = CONNECTS.with(Cell::take);
            if step == Some(Connect::Done) {
                // It may have come with the same poll.
                on_connect(Connect::Begun);
            }
            step.map(&on_connect);
            polled
        })
    })
    .await
}

/// Connecting begins within the request that wants it, so this is called while that is polled.
fn note_connect<T>(destination: T) -> T {
    note(Connect::Begun);
    destination
}

fn note_connected<T>(connection: T) -> T {
    note(Connect::Done);
    connection
}

fn note(step: Connect) {
    // What goes on without its request is nobody's.
    let _ = CONNECTS.try_with(|connects| connects.set(Some(step)));
}

/// Why an answer is not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It has more bytes than it may have.
    #[error("the answer is too large")]
    TooLarge,
    /// It broke off.
    #[error("the answer broke off")]
    BrokeOff(#[source] reqwest::Error),
}

/// Reads a whole answer, which may have so many bytes.
///
/// # Errors
/// When it is larger, or breaks off.
pub async fn read_whole(response: &mut Response, most: usize) -> Result<Bytes, ReadError> {
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(ReadError::BrokeOff)? {
        if body.len() + piece.len() > most {
            return Err(ReadError::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// A client that asks the gateway on this machine how it is. It takes whatever certificate it is shown, which is for the name
/// that callers use, and not for this address: nothing secret may be sent with it.
///
/// # Errors
/// When the library refuses the settings.
#[expect(clippy::disallowed_methods, reason = "the one place that builds clients")]
pub fn own_gateway_client() -> Result<Client, SetupError> {
    let client = Client::builder().user_agent(USER_AGENT).no_proxy().redirect(redirect::Policy::none());
    // Certificates that are never looked at need no store.
    client.tls_certs_only([]).tls_danger_accept_invalid_certs(true).build().map_err(SetupError::Client)
}

/// Reads the address of a server.
///
/// # Errors
/// When it is none.
pub fn server(address: &str) -> Result<Url, SetupError> {
    Url::parse(address).map_err(|source| SetupError::Address { address: address.to_owned(), source })
}

/// The proxy through which this server is reached.
pub fn proxy_for(server: &Url) -> Option<Intercept> {
    if server.scheme() != "https" {
        return None;
    }
    Matcher::from_system().intercept(&server.as_str().parse().ok()?)
}

/// Refuses a proxy for HTTPS that the client would ignore in silence.
fn check_proxy() -> Result<(), SetupError> {
    let named = |names: [&'static str; 2]| {
        let mut set = names.into_iter().filter_map(|name| Some((name, std::env::var(name).ok()?)));
        set.next().filter(|(_, address)| !address.is_empty())
    };
    let proxy = named(["HTTPS_PROXY", "https_proxy"]).or_else(|| named(["ALL_PROXY", "all_proxy"]));
    match proxy {
        Some((variable, address)) if !is_proxy(&address) => Err(SetupError::Proxy(variable)),
        _ => Ok(()),
    }
}

fn is_proxy(address: &str) -> bool {
    let with_scheme = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    let proxy = Url::parse(&with_scheme).ok().filter(|url| url.has_host() && url.port() != Some(0));
    let scheme = proxy.map(|url| url.scheme().to_owned());
    matches!(scheme.as_deref(), Some("http" | "https")) && address.parse::<Uri>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("http://proxy.example.com:3128" => true)]
    #[test_case("https://someone:hush@proxy.example.com" => true; "TLS and credentials")]
    #[test_case("proxy.example.com:3128" => true; "no scheme")]
    #[test_case("http://[::1]:3128/" => true; "an IPv6 address")]
    #[test_case("::::" => false; "colons")]
    #[test_case("http://" => false; "no host")]
    #[test_case("http://proxy:99999" => false; "no such port")]
    #[test_case("http://proxy:0" => false; "the port that nobody has")]
    #[test_case("http://pro xy" => false; "a blank")]
    #[test_case("socks5://proxy.example.com" => false; "another protocol")]
    #[test_case("direct" => true; "a name alone")]
    fn proxies(address: &str) -> bool {
        is_proxy(address)
    }

    #[test]
    fn plain_http_needs_no_certificates() {
        let clients = HttpClients::to([&server("http://127.0.0.1:1").unwrap()]).unwrap();
        assert!(clients.client().is_ok() && !clients.uses_proxy);
    }
}
