//! Probes for the platform that runs the gateway; none of them calls Feishu, so an outage there restarts nothing here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use axum::Router;
use axum::extract::State;
use axum::routing::get;

use super::json_response::JsonResponse;
use super::problem::{Code, Problem};
use crate::schema::shown;

/// How far the gateway has come on its way out; shared between the probe, the door and whoever starts the shutdown.
#[derive(Debug, Clone)]
pub struct Readiness(Arc<AtomicU8>);

/// Work is welcome.
const READY: u8 = 0;
/// Load balancers are to look elsewhere; work that comes all the same is done.
const LEAVING: u8 = 1;
/// No new work is taken.
const CLOSED: u8 = 2;

impl Readiness {
    /// Work is welcome.
    pub fn ready() -> Self {
        Self(Arc::new(AtomicU8::new(READY)))
    }

    /// From now on `/readyz` answers 503, so that load balancers look elsewhere; requests are still served.
    pub fn leave(&self) {
        self.0.fetch_max(LEAVING, Ordering::SeqCst);
    }

    /// From now on no request is let in, either; there is no way back.
    pub fn close(&self) {
        self.0.fetch_max(CLOSED, Ordering::SeqCst);
    }

    /// Whether callers should come here.
    pub fn is_ready(&self) -> bool {
        self.0.load(Ordering::SeqCst) == READY
    }

    /// Whether requests are let in.
    pub fn is_open(&self) -> bool {
        self.0.load(Ordering::SeqCst) != CLOSED
    }
}

/// `/livez`, `/readyz` and `/version`.
pub fn routes<S>(readiness: Readiness) -> Router<S> {
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/version", get(version))
        .with_state(readiness)
}

shown! {
    /// How the gateway is.
    pub(in crate::http) struct Health {
        /// Always `ok`: what is not is a problem.
        status: &'static str { required: true, example: "\"ok\"" },
    }

    /// Which gateway this is.
    pub(in crate::http) struct Version {
        /// Name of the program.
        name: &'static str { required: true, example: "\"approval-gateway\"" },
        /// Its version.
        version: &'static str { required: true, example: "\"0.1.0\"" },
        /// The commit that it was built from, when known.
        git_revision: Option<&'static str> { example: "\"a285c94\"" },
    }
}

async fn livez() -> JsonResponse<Health> {
    JsonResponse(Health { status: "ok" })
}

async fn readyz(State(readiness): State<Readiness>) -> Result<JsonResponse<Health>, Problem> {
    if readiness.is_ready() {
        Ok(JsonResponse(Health { status: "ok" }))
    } else {
        Err(Problem::new(Code::Draining).detail("The gateway is shutting down and takes no new work."))
    }
}

async fn version() -> JsonResponse<Version> {
    JsonResponse(Version {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        // Set by the build that knows it, such as the container's; a build from an archive has none.
        git_revision: option_env!("GATEWAY_GIT_REVISION").filter(|revision| !revision.is_empty()),
    })
}
