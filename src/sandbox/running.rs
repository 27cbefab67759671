//! A running sandbox: its options, its memory, and what wakes calls that hang.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::changes::{MAX_STREAMS, Subscription};
use super::definitions::TapTarget;
use super::state::State;
use super::store_app::StoreApp;
use super::switches::Switches;
use crate::support::clock::Clock;

/// An app id for callers who have none; any other pair works too unless [`Options::credentials`] names one.
pub const DEFAULT_APP_ID: &str = "cli_sandbox";

/// The secret that goes with [`DEFAULT_APP_ID`].
pub const DEFAULT_APP_SECRET: &str = "sandbox-secret";

/// How a sandbox starts.
#[derive(Clone, Default)]
pub struct Options {
    /// The time it lives in; `POST /sandbox/clock` moves it forward from there.
    pub clock: Clock,
    /// The only app id and secret that get a token; without them any pair that is not blank does.
    pub credentials: Option<(String, String)>,
    /// Behaviour at the start and after a reset.
    pub switches: Switches,
    /// Ends what would never end by itself.
    pub stop: CancellationToken,
    /// What the definition that exists from the start says about callbacks.
    pub callback: Option<TapTarget>,
    /// The store app; every app is a company's own without it.
    pub store_app: Option<StoreApp>,
}

impl fmt::Debug for Options {
    /// Leaves the secret out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clock, credentials, switches, stop: _, callback, store_app } = self;
        f.debug_struct("Options")
            .field("clock", clock)
            .field("app_id", &credentials.as_ref().map(|(app_id, _)| app_id))
            .field("switches", switches)
            .field("callback", &callback.as_ref().map(|callback| &callback.url))
            .field("store_app", &store_app.as_ref().map(|app| &app.events_url))
            .finish_non_exhaustive()
    }
}

/// A running sandbox; clones share one memory.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

struct Shared {
    options: Options,
    state: Mutex<State>,
    /// Wakes the calls that a fault lets hang.
    released: watch::Sender<()>,
    /// How many changes of what people see there were.
    changes: watch::Sender<u64>,
    /// The streams of changes that may still begin.
    streams: Arc<Semaphore>,
}

fn first_state(options: &Options) -> State {
    let Options { switches, callback, store_app, .. } = options;
    State::new(switches.clone(), callback.as_ref(), store_app.clone())
}

impl Sandbox {
    /// Starts with a seeded definition and nothing else.
    pub fn new(options: Options) -> Self {
        let state = Mutex::new(first_state(&options));
        let streams = Arc::new(Semaphore::new(MAX_STREAMS));
        let (released, changes) = (watch::Sender::default(), watch::Sender::default());
        Self { shared: Arc::new(Shared { options, state, released, changes, streams }) }
    }

    /// Runs something on the memory, with the time it is.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut State, i64) -> T) -> T {
        // A panic while the lock was held leaves data that a sandbox can live with.
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.shared.options.clock.unix_millis().saturating_add(state.clock_offset);
        work(&mut state, now)
    }

    pub(super) fn credentials(&self) -> Option<&(String, String)> {
        self.shared.options.credentials.as_ref()
    }

    /// The memory as it is at the start.
    pub(super) fn initial_state(&self) -> State {
        first_state(&self.shared.options)
    }

    /// Tells whoever looks that what people see has changed.
    pub(super) fn announce_change(&self) {
        self.shared.changes.send_modify(|changes| *changes += 1);
    }

    /// Hears of changes from now on; nothing when too many do.
    pub(super) fn subscribe(&self) -> Option<Subscription> {
        let place = Arc::clone(&self.shared.streams).try_acquire_owned().ok()?;
        let (changes, stop) = (self.shared.changes.subscribe(), self.shared.options.stop.clone());
        Some(Subscription { changes, stop, _place: place })
    }

    /// Hears of every release from now on. Ask before a fault is taken, so that no release is missed.
    pub(super) fn releases(&self) -> Releases {
        Releases(self.shared.released.subscribe())
    }

    /// Lets go of every hanging call.
    pub(super) fn release(&self) {
        self.shared.released.send_replace(());
    }
}

/// Ends the wait of a hanging call.
pub(super) struct Releases(watch::Receiver<()>);

impl Releases {
    /// Waits until the faults are cleared, but no longer than `at_most`.
    pub(super) async fn hang(mut self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.0.changed()).await;
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("options", &self.shared.options).finish_non_exhaustive()
    }
}
