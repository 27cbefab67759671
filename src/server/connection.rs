//! Serves one connection: TLS handshake, timeouts, and its end.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::http::header::{CONNECTION, DATE, HeaderValue};
use axum::http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutWriter;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::connection_state::{AnswerBody, ConnectionState};
use super::request_body::read_to_its_end;
use super::{Options, Tls, protocol};
use crate::http::UnauthenticatedLimit;
use crate::http::health::DrainState;
use crate::http::load_shedder::ConnectionOverLimit;
use crate::http::middleware::HostFault;
use crate::support::clock::since_1970;

/// Time for a peer to notice that its connection is closed.
const CLOSING_TIME: Duration = Duration::from_secs(2);

/// Header and idle timeout of a connection beyond the limit; short, because its place is needed.
const OVER_LIMIT_TIMEOUT: Duration = Duration::from_secs(2);

/// Serves connections; holds what all of them have in common.
pub(super) struct Connections {
    builder: Builder<TokioExecutor>,
    router: Router,
    drain_state: DrainState,
    closing: CancellationToken,
    header_timeout: Duration,
    idle_timeout: Duration,
    tls: Option<Tls>,
}

impl Connections {
    /// Settings of all connections; each ends with the answers that it owes once `closing` is cancelled.
    pub(super) fn new(
        router: Router,
        drain_state: DrainState,
        closing: CancellationToken,
        options: &Options,
    ) -> Self {
        let Options { header_timeout, idle_timeout, .. } = *options;
        let tls = options.tls.clone();
        Self { builder: protocol::builder(), router, drain_state, closing, header_timeout, idle_timeout, tls }
    }

    /// Serves a connection to its end; one that `is_over_limit`, beyond the limit, ends soon.
    pub(super) async fn serve(self: Arc<Self>, stream: TcpStream, is_over_limit: bool) {
        let Some(tls) = &self.tls else { return self.speak_http(stream, is_over_limit).await };
        let handshake = timeout(self.header_timeout, TlsAcceptor::from(tls.current()).accept(stream));
        match self.closing.run_until_cancelled(handshake).await {
            Some(Ok(Ok(stream))) => self.speak_http(stream, is_over_limit).await,
            Some(Ok(Err(cause))) => tracing::debug!(%cause, "a TLS handshake failed"),
            Some(Err(_)) => tracing::debug!("a TLS handshake took too long"),
            None => {}
        }
    }

    async fn speak_http(
        self: &Arc<Self>,
        stream: impl AsyncRead + AsyncWrite + Send + 'static,
        is_over_limit: bool,
    ) {
        // Or a peer that takes nothing of its answer would keep it for ever.
        let mut stream = TimeoutWriter::new(stream);
        stream.set_timeout(Some(self.idle_timeout));
        let state = ConnectionState::default();
        let refused = CancellationToken::new();
        let over_limit = is_over_limit.then_some(&refused);
        let unauthenticated = UnauthenticatedLimit::default();
        let requests = service_fn(|request| {
            Arc::clone(self).answer(request, state.clone(), unauthenticated.clone(), over_limit.cloned())
        });
        let mut connection = pin!(self.builder.serve_connection(TokioIo::new(Box::pin(stream)), requests));
        let most = if is_over_limit { OVER_LIMIT_TIMEOUT } else { Duration::MAX };
        let (first, next) = (self.header_timeout.min(most), self.idle_timeout.min(most));
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = self.closing.cancelled() => None,
            () = refused.cancelled() => None,
            () = state.overdue(first, next) => None,
            () = state.stalled(self.idle_timeout) => {
                tracing::debug!("a peer took nothing of an answer for too long");
                return;
            }
        };
        let ended = match ended {
            Some(ended) => ended,
            None => {
                connection.as_mut().graceful_shutdown();
                // Answers that it owes are sent, also those to requests that were on their way.
                tokio::select! {
                    ended = connection => ended,
                    () = state.idle_for(CLOSING_TIME) => Ok(()),
                }
            }
        };
        // Peers that break off are everyday life on a network.
        if let Err(cause) = ended {
            tracing::debug!(%cause, "a connection broke");
        }
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        state: ConnectionState,
        unauthenticated: UnauthenticatedLimit,
        over_limit: Option<CancellationToken>,
    ) -> Result<Response<AnswerBody>, Infallible> {
        let mut in_flight = state.begin();
        let version = request.version();
        // HTTP/1 has one at a time anyway.
        if version >= Version::HTTP_2 {
            in_flight.permitted(&unauthenticated).await;
        }
        let host_fault = HostFault::of(&request);
        let mut request = read_to_its_end(request);
        request.extensions_mut().insert(unauthenticated);
        if let Some(fault) = host_fault {
            request.extensions_mut().insert(fault);
        }
        if over_limit.is_some() {
            request.extensions_mut().insert(ConnectionOverLimit);
        }
        let mut response = self.router.clone().oneshot(request).await?;
        if version >= Version::HTTP_2 {
            response = response.map(|body| state.watched(body));
        }
        let date = httpdate::fmt_http_date(UNIX_EPOCH + since_1970());
        if let Ok(date) = HeaderValue::try_from(date) {
            response.headers_mut().entry(DATE).or_insert(date);
        }
        // Callers come back on another connection, which another replica may take.
        if version < Version::HTTP_2 {
            if over_limit.is_some() || self.drain_state.is_draining() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
        } else if let Some(refused) = over_limit {
            // HTTP/2 says it to the whole connection.
            refused.cancel();
        }
        Ok(response.map(|body| in_flight.with(body)))
    }
}
