//! A small API behind the real edge, and a caller that writes bytes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use approval_gateway::domain::AppName;
use approval_gateway::http::JsonResponse;
use approval_gateway::http::extract::{JsonBody, RequestLimits};
use approval_gateway::http::health::DrainState;
use approval_gateway::http::load_shedder::LoadShedder;
use approval_gateway::http::middleware::AuthPolicy;
use approval_gateway::http::router::{Policies, compose};
use approval_gateway::metrics::Metrics;
use approval_gateway::server::{self, Options};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::{get, put};
use futures_util::{StreamExt as _, stream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::harness::{Answer, Connection, FOR_EVER, client_builder, server_options};

/// So short that a test need not wait long.
pub(crate) const SHORT: Duration = Duration::from_millis(200);

/// So long that no test sees it end.
pub(crate) const LONG: Duration = Duration::from_secs(600);

/// Waits for what must come, but not for ever.
pub(crate) async fn within<T>(awaited: impl Future<Output = T>) -> T {
    tokio::time::timeout(FOR_EVER, awaited).await.unwrap()
}

/// A client that speaks nothing but HTTP/2.
pub(crate) fn http_2_client() -> reqwest::Client {
    client_builder().http2_prior_knowledge().build().unwrap()
}

/// What the API of the tests does and has seen.
#[derive(Clone)]
pub(crate) struct Api {
    /// Requests to `/v1/slow` wait for a permit each.
    gate: Arc<Semaphore>,
    /// How many requests have begun, and how many of them have been given up or have ended.
    begun: watch::Sender<usize>,
    ended: watch::Sender<usize>,
    limits: RequestLimits,
}

impl axum::extract::FromRef<Api> for RequestLimits {
    fn from_ref(api: &Api) -> Self {
        api.limits
    }
}

/// Counts the end of a request, however it comes.
struct Ended(watch::Sender<usize>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count += 1);
    }
}

impl Api {
    fn begin(&self) -> Ended {
        self.begun.send_modify(|count| *count += 1);
        Ended(self.ended.clone())
    }

    pub(crate) async fn until_begun(&self, count: usize) {
        until(&self.begun, count).await;
    }

    pub(crate) async fn until_ended(&self, count: usize) {
        until(&self.ended, count).await;
    }

    /// Lets requests to `/v1/slow` go on.
    pub(crate) fn release(&self) {
        self.gate.add_permits(1_000);
    }
}

async fn until(counter: &watch::Sender<usize>, count: usize) {
    let mut counter = counter.subscribe();
    tokio::time::timeout(FOR_EVER, counter.wait_for(|seen| *seen >= count)).await.unwrap().unwrap();
}

async fn slow(State(api): State<Api>) -> JsonResponse<&'static str> {
    let _ended = api.begin();
    api.gate.acquire().await.unwrap().forget();
    JsonResponse("slow")
}

async fn slow_put(State(api): State<Api>, JsonBody(body): JsonBody) -> JsonResponse<usize> {
    let _ended = api.begin();
    api.gate.acquire().await.unwrap().forget();
    JsonResponse(body.len())
}

/// More than any socket buffers.
async fn endless(State(api): State<Api>) -> Body {
    let ended = api.begin();
    let pieces = stream::repeat(vec![b'x'; 64 * 1024]).map(move |piece| {
        let _held = &ended;
        Ok::<_, std::convert::Infallible>(piece)
    });
    Body::from_stream(pieces)
}

/// A running server.
pub(crate) struct Edge {
    pub(crate) address: SocketAddr,
    pub(crate) api: Api,
    pub(crate) stop: CancellationToken,
    served: JoinHandle<()>,
}

pub(crate) fn options() -> Options {
    Options {
        header_timeout: LONG,
        idle_timeout: LONG,
        max_connections: 100,
        grace: LONG,
        ..server_options()
    }
}

impl Edge {
    pub(crate) async fn start(options: Options) -> Self {
        Self::with_deadline(options, LONG).await
    }

    /// `deadline` is the time for a request's body.
    pub(crate) async fn with_deadline(options: Options, deadline: Duration) -> Self {
        let limits = RequestLimits { deadline, ..RequestLimits::default() };
        let api = Api {
            gate: Arc::new(Semaphore::new(0)),
            begun: watch::Sender::new(0),
            ended: watch::Sender::new(0),
            limits,
        };
        let routes = Router::new()
            .route("/v1/quick", get(async || JsonResponse("quick")))
            .route("/v1/slow", get(slow).put(slow_put))
            .route("/v1/bytes", put(async |JsonBody(body): JsonBody| JsonResponse(body.len())))
            .route("/v1/endless", get(endless));
        let policies = Policies {
            auth: AuthPolicy { keys: None, allow_anonymous: true },
            cors: None,
            limits,
            load_shedder: LoadShedder::new(128 << 20, &[AppName::default()]),
        };
        let drain_state = DrainState::serving();
        let router = compose(routes, Router::new(), policies, drain_state.clone(), &Metrics::new())
            .with_state(api.clone());
        let (listener, address) = server::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let stop = CancellationToken::new();
        let served = tokio::spawn(server::serve(listener, router, drain_state, stop.clone(), options));
        Self { address, api, stop, served }
    }

    pub(crate) async fn connect(&self) -> Connection {
        Connection::open(self.address).await
    }

    /// A caller that has sent this.
    pub(crate) async fn send(&self, bytes: impl AsRef<[u8]>) -> Connection {
        let mut caller = self.connect().await;
        caller.send(bytes).await;
        caller
    }

    /// Waits for the end that `stop` brings.
    pub(crate) async fn stopped(self) {
        tokio::time::timeout(FOR_EVER, self.served).await.unwrap().unwrap();
    }
}

pub(crate) fn get_request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n")
}

pub(crate) fn put_request(path: &str, length: usize, body: &str) -> String {
    format!(
        "PUT {path} HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// The problem of an answer; what every problem has is checked.
pub(crate) fn problem(answer: &str) -> String {
    Answer::read(answer).problem()
}
