//! Probes for the platform that runs the gateway; none of them calls Feishu, so an outage there restarts nothing here.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use axum::extract::State;

use super::json_response::JsonResponse;
use super::operation::{Answer, Method, Operation, Route};
use super::problem::{Code, Problem};
use crate::schema::shown;

/// How far the shutdown of the gateway is; shared by `/readyz`, the load shedder and the server.
#[derive(Debug, Clone)]
pub struct DrainState(Arc<Stage>);

struct Stage {
    shutdown: AtomicU8,
    /// Whether documents can be accepted; asked by `/readyz`.
    accepts: OnceLock<Box<dyn Fn() -> bool + Send + Sync>>,
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("shutdown", &self.shutdown).finish_non_exhaustive()
    }
}

/// Requests are welcome.
const SERVING: u8 = 0;
/// `/readyz` answers 503, so that load balancers look elsewhere; requests are still served.
const DRAINING: u8 = 1;
/// No new request is let in.
const NOT_ACCEPTING: u8 = 2;

impl DrainState {
    /// The state of a gateway that serves.
    pub fn serving() -> Self {
        Self(Arc::new(Stage { shutdown: AtomicU8::new(SERVING), accepts: OnceLock::new() }))
    }

    /// From now on `/readyz` answers 503, so that load balancers look elsewhere; requests are still served.
    pub fn start_draining(&self) {
        self.0.shutdown.fetch_max(DRAINING, Ordering::SeqCst);
    }

    /// From now on no request is let in, either; there is no way back.
    pub fn stop_accepting(&self) {
        self.0.shutdown.fetch_max(NOT_ACCEPTING, Ordering::SeqCst);
    }

    /// Whether the shutdown has begun, so that clients should go elsewhere.
    pub fn is_draining(&self) -> bool {
        self.0.shutdown.load(Ordering::SeqCst) != SERVING
    }

    /// Lets `/readyz` ask this whether documents can be accepted; only the first one counts.
    pub fn ask_whether_accepting(&self, accepts: impl Fn() -> bool + Send + Sync + 'static) {
        let _ = self.0.accepts.set(Box::new(accepts));
    }

    /// Whether documents can be accepted, as far as anybody says.
    fn accepts_documents(&self) -> bool {
        self.0.accepts.get().is_none_or(|accepts| accepts())
    }

    /// Whether requests are let in.
    pub fn is_accepting(&self) -> bool {
        self.0.shutdown.load(Ordering::SeqCst) != NOT_ACCEPTING
    }
}

/// `/livez`, `/readyz` and `/version`.
pub(super) fn routes() -> [Route<DrainState>; 3] {
    [
        Operation {
            id: "getLiveness",
            summary: "Whether the process lives",
            description: "For restarts. Never calls Feishu.",
            answer: Answer::one::<Health>("It lives."),
            examples: include_str!("../../openapi/examples/getLiveness.json"),
            ..operation("/livez")
        }
        .handled_by(livez),
        Operation {
            id: "getReadiness",
            summary: "Whether work is welcome",
            description: "For load balancers. 503 while the gateway drains, and for ten seconds after its ledger could not be written. \
                Never calls Feishu.",
            answer: Answer::one::<Health>("Work is welcome."),
            may_be_pending: false,
            problems: &[Code::Draining, Code::LedgerUnavailable],
            examples: include_str!("../../openapi/examples/getReadiness.json"),
            ..operation("/readyz")
        }
        .handled_by(readyz),
        Operation {
            id: "getVersion",
            summary: "Which gateway this is",
            description: "Name, version and, when known, the commit.",
            answer: Answer::one::<Version>("The version."),
            examples: include_str!("../../openapi/examples/getVersion.json"),
            ..operation("/version")
        }
        .handled_by(version),
    ]
}

/// What all of them have in common.
fn operation(path: &'static str) -> Operation {
    Operation {
        id: "",
        method: Method::Get,
        path,
        tag: "operation",
        summary: "",
        description: "",
        parameters: Vec::new(),
        request: None,
        answer: Answer::one::<Health>(""),
        may_be_pending: false,
        problems: &[],
        upstream: None,
        needs_key: false,
        links: &[],
        examples: "{}",
    }
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

async fn readyz(State(drain_state): State<DrainState>) -> Result<JsonResponse<Health>, Problem> {
    if drain_state.is_draining() {
        Err(Problem::new(Code::Draining).detail("The gateway is shutting down and takes no new work."))
    } else if !drain_state.accepts_documents() {
        Err(Problem::new(Code::LedgerUnavailable)
            .detail("The ledger could not be written; nothing is accepted."))
    } else {
        Ok(JsonResponse(Health { status: "ok" }))
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
