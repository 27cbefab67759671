//! Connections to another server: plain, over TLS, or over TLS through a proxy; kept and used again.
//!
//! hyper's connections and hyper-util's connectors, without a client on top of them: all requests go to one origin, so that
//! what finds a connection for a request is a list (`docs/performance.md`, step 17).

mod answer_body;
mod connector;
mod kept;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::pin::pin;
use std::sync::Arc;

use axum::http::header::HOST;
use axum::http::uri::{Authority, PathAndQuery, Scheme};
use axum::http::{HeaderValue, Request, Response, Uri};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;

pub use answer_body::AnswerBody;
use connector::Connector;
pub use connector::SetupError;
use kept::{Kept, Sender};

/// What is sent, whole in memory.
pub type Body = Full<Bytes>;

/// Connections to one origin, kept and used again. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Connections(Arc<Server>);

/// The other end.
#[derive(Debug)]
struct Server {
    scheme: Scheme,
    authority: Authority,
    /// The authority as HTTP/1 wants it.
    host: HeaderValue,
    connector: Connector,
    kept: Arc<Kept>,
}

/// Why a request brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// There is no connection, so nothing was sent.
    #[error("no connection could be opened")]
    NotConnected(#[source] Box<dyn Error + Send + Sync>),
    /// A new connection ended before anything was sent.
    #[error("the connection ended before anything was sent")]
    Unsent(#[source] hyper::Error),
    /// What was sent, perhaps all of it, was not answered.
    #[error("the connection broke before an answer came")]
    Broken(#[source] hyper::Error),
}

impl Connections {
    /// Connections to an origin, opened when they are needed, past any proxy. What follows the origin does not matter.
    ///
    /// # Errors
    /// When the address has no origin, or no certificates are to be found for an HTTPS one.
    pub fn direct(address: &Uri) -> Result<Self, SetupError> {
        Self::new(address, Connector::direct(address)?)
    }

    /// As [`Self::direct`], but through the proxy that the environment names for an HTTPS origin.
    ///
    /// # Errors
    /// As [`Self::direct`], or when the proxy is of an unknown kind.
    pub fn to(address: &Uri) -> Result<Self, SetupError> {
        Self::new(address, Connector::by_environment(address)?)
    }

    fn new(address: &Uri, connector: Connector) -> Result<Self, SetupError> {
        let nowhere = || SetupError::NoOrigin(address.clone());
        let scheme = address.scheme().ok_or_else(nowhere)?.clone();
        let authority = address.authority().ok_or_else(nowhere)?.clone();
        // The port that goes without saying is left out (RFC 9110 §7.2), and a password never belongs there.
        let usual = if scheme == Scheme::HTTP { 80 } else { 443 };
        let host = match authority.port_u16().filter(|port| *port != usual) {
            Some(port) => HeaderValue::try_from(format!("{}:{port}", authority.host())),
            None => HeaderValue::try_from(authority.host()),
        };
        let host = host.map_err(|_| nowhere())?;
        Ok(Self(Arc::new(Server { scheme, authority, host, connector, kept: Arc::default() })))
    }

    /// Sends one request to the path of its address; dropping the future gives it up.
    ///
    /// A connection that is kept may end at any time. If it did so before anything was sent over it, another one is
    /// taken.
    ///
    /// # Errors
    /// When no connection can be opened, or one breaks.
    pub async fn request(&self, mut request: Request<Body>) -> Result<Response<AnswerBody>, RequestError> {
        let server = &*self.0;
        loop {
            let (sender, is_kept) = match server.kept.take() {
                Some(sender) => (sender, true),
                // Boxed, because its place would be carried about by every request.
                None => Box::pin(server.open_or_take()).await?,
            };
            request = match server.send(request, sender).await {
                Ok(answer) => return Ok(answer),
                Err(Failed { unsent: Some(unsent), .. }) if is_kept => unsent,
                Err(Failed { unsent: Some(_), cause }) => return Err(RequestError::Unsent(cause)),
                Err(Failed { unsent: None, cause }) => return Err(RequestError::Broken(cause)),
            }
        }
    }
}

/// A request that was not answered.
struct Failed {
    cause: hyper::Error,
    /// The request, if nothing of it was sent.
    unsent: Option<Request<Body>>,
}

impl Failed {
    fn new(mut error: hyper::client::conn::TrySendError<Request<Body>>) -> Self {
        Self { unsent: error.take_message(), cause: error.into_error() }
    }
}

impl Server {
    /// A new connection, or one that became free before that was open; and whether it is such a one.
    async fn open_or_take(&self) -> Result<(Sender, bool), RequestError> {
        let origin = self.origin();
        let mut opening = pin!(self.connector.open(&origin, &self.kept));
        loop {
            tokio::select! {
                opened = &mut opening => return Ok((opened?, false)),
                () = self.kept.freed() => {
                    if let Some(sender) = self.kept.take() {
                        return Ok((sender, true));
                    }
                }
            }
        }
    }

    fn origin(&self) -> Uri {
        self.address_of(PathAndQuery::from_static("/"))
    }

    fn address_of(&self, path: PathAndQuery) -> Uri {
        let mut parts = axum::http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path);
        // Three parts that are valid make an address that is.
        Uri::from_parts(parts).unwrap_or_default()
    }

    async fn send(&self, mut request: Request<Body>, sender: Sender) -> Result<Response<AnswerBody>, Failed> {
        let path = std::mem::take(request.uri_mut()).into_parts().path_and_query;
        let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
        match sender {
            Sender::Http1(mut sender) => {
                // The path alone, and the server beside it (RFC 9112 §3.2.1).
                *request.uri_mut() = path.into();
                request.headers_mut().insert(HOST, self.host.clone());
                let answer = sender.try_send_request(request).await.map_err(Failed::new)?;
                Ok(answer.map(|body: Incoming| AnswerBody::over(body, sender, &self.kept)))
            }
            Sender::Http2(mut sender) => {
                // Everything in the address; a retry may come from HTTP/1 (RFC 9113 §8.3.1).
                *request.uri_mut() = self.address_of(path);
                request.headers_mut().remove(HOST);
                let answer = sender.try_send_request(request).await;
                let answer = answer.map_err(Failed::new).inspect_err(|failed| {
                    // A request that broke says nothing about the connection; one that could not leave does.
                    if failed.unsent.is_some() {
                        self.kept.unshare();
                    }
                })?;
                Ok(answer.map(AnswerBody::shared))
            }
        }
    }
}
