//! A simulated Feishu: the wire API of its third-party approval with memory, and a control API to look inside.
//!
//! It is a second, independent reading of the contract and shares no type with the gateway's client: where both agree,
//! neither is likely to have misread. `docs/sandbox.md` shows it with curl, `/sandbox/` in a browser. What Feishu's documents leave open is either a
//! switch ([`Switches`]) or marked as our choice where it is decided.
//!
//! A call passes the layers of contract §11.1: `api` finds the operation, `admission` checks token, scope and rate,
//! `schema` the fields, and `definitions`, `sync`, `check`, `task_list` or `search` do the work on `state`.

mod admission;
mod answer;
mod api;
mod call;
mod changes;
mod check;
mod control;
mod definitions;
mod directory;
mod documents;
mod faults;
mod i18n;
mod inbox;
mod instances;
mod int64;
mod merge;
mod messages;
mod operations;
mod outgoing;
mod paging;
mod persons;
mod query;
mod rate;
mod refusal;
mod requests;
mod running;
mod schema;
mod search;
mod state;
mod store_app;
mod switches;
mod sync;
mod tap;
mod task_list;
mod ticket_event;
mod times;
mod tokens;
mod trace;
mod undocumented;
mod view;
mod wire;

use axum::Router;

pub use definitions::TapTarget;
pub use running::{DEFAULT_APP_ID, DEFAULT_APP_SECRET, Options, Sandbox};
pub use state::SEEDED_APPROVAL_CODE;
pub use store_app::StoreApp;
pub use switches::{Brand, BusyAnswer, Echo, Pages, ResourcesUnderUpdate, Switches, TaskListApi};

impl Sandbox {
    /// The wire API of Feishu under `/open-apis` and `/approval/openapi`, and the control API under `/sandbox`.
    pub fn router(&self) -> Router {
        let wire = Router::new().fallback(wire::serve).with_state(self.clone());
        self.control_router(None).fallback_service(wire)
    }

    /// The control API under `/sandbox` only, to be merged into another router, which may have a `console` at this path.
    pub fn control_router(&self, console: Option<&'static str>) -> Router {
        control::router(self.clone(), console)
    }
}
