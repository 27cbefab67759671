//! A stand-in for Feishu: the wire API of its third-party approval with memory, and a control API to look inside.
//!
//! It is a second, independent reading of the contract and shares no type with the gateway's client: where both agree,
//! neither is likely to have misread. `docs/sandbox.md` shows it with curl. What Feishu's documents leave open is either
//! a switch ([`Switches`]) or marked as our choice where it is decided.
//!
//! A call passes the layers of contract §11.1: `api` finds the operation, `admission` checks token, scope and rate,
//! `schema` the fields, and `definitions`, `sync`, `check`, `task_list` or `search` do the work on `state`.

mod admission;
mod answer;
mod api;
mod check;
mod control;
mod definitions;
mod documents;
mod faults;
mod i18n;
mod inbox;
mod instances;
mod int64;
mod merge;
mod operations;
mod paging;
mod query;
mod rate;
mod refusal;
mod requests;
mod schema;
mod search;
mod state;
mod switches;
mod sync;
mod task_list;
mod tokens;
mod undocumented;
mod view;
mod wire;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use tokio::sync::watch;

use crate::support::clock::Clock;
use state::State;
pub use switches::{Brand, BusyAnswer, Echo, Pages, ResourcesUnderUpdate, Switches, TaskListApi};

/// Real code of a definition that exists from the start, so that a first push works.
pub const SEEDED_APPROVAL_CODE: &str = "7C468A54-8745-2245-9675-08B7C63E7A85";

/// An app id for callers who have none; any other pair works too unless [`Options::credentials`] names one.
pub const DEFAULT_APP_ID: &str = "cli_sandbox";

/// The secret that goes with [`DEFAULT_APP_ID`].
pub const DEFAULT_APP_SECRET: &str = "sandbox-secret";

/// How a stand-in starts.
#[derive(Clone, Default)]
pub struct Options {
    /// The time it lives in; `POST /sandbox/clock` moves it forward from there.
    pub clock: Clock,
    /// The only app id and secret that get a token; without them any pair that is not blank does.
    pub credentials: Option<(String, String)>,
    /// Behaviour at the start and after a reset.
    pub switches: Switches,
}

impl fmt::Debug for Options {
    /// Leaves the secret out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clock, credentials, switches } = self;
        f.debug_struct("Options")
            .field("clock", clock)
            .field("app_id", &credentials.as_ref().map(|(app_id, _)| app_id))
            .field("switches", switches)
            .finish_non_exhaustive()
    }
}

/// A running stand-in; clones share one memory.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

struct Shared {
    options: Options,
    state: Mutex<State>,
    /// Wakes the calls that a fault lets hang.
    released: watch::Sender<()>,
}

impl Sandbox {
    /// Starts with a seeded definition and nothing else.
    pub fn new(options: Options) -> Self {
        let state = Mutex::new(State::new(options.switches.clone()));
        Self { shared: Arc::new(Shared { options, state, released: watch::Sender::default() }) }
    }

    /// The wire API of Feishu under `/open-apis` and `/approval/openapi`, and the control API under `/sandbox`.
    pub fn router(&self) -> Router {
        let wire = Router::new().fallback(wire::serve).with_state(self.clone());
        self.control_router().fallback_service(wire)
    }

    /// The control API under `/sandbox` only, to be merged into another router.
    pub fn control_router(&self) -> Router {
        control::router(self.clone())
    }

    /// Runs something on the memory, with the time it is.
    fn with<T>(&self, work: impl FnOnce(&mut State, i64) -> T) -> T {
        // A panic while the lock was held leaves data that a stand-in can live with.
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.shared.options.clock.unix_millis().saturating_add(state.clock_offset);
        work(&mut state, now)
    }

    fn credentials(&self) -> Option<&(String, String)> {
        self.shared.options.credentials.as_ref()
    }

    fn initial_switches(&self) -> Switches {
        self.shared.options.switches.clone()
    }

    /// Hears of every release from now on. Ask before a fault is taken, so that no release is missed.
    fn releases(&self) -> Releases {
        Releases(self.shared.released.subscribe())
    }

    /// Lets go of every hanging call.
    fn release(&self) {
        self.shared.released.send_replace(());
    }
}

/// Ends the wait of a hanging call.
struct Releases(watch::Receiver<()>);

impl Releases {
    /// Waits until the faults are cleared, but no longer than `at_most`.
    async fn hang(mut self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.0.changed()).await;
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("options", &self.shared.options).finish_non_exhaustive()
    }
}
