//! What Feishu calls when somebody presses a button: it is decrypted, checked, signed and relayed, and the answer goes back in
//! Feishu's terms.
//!
//! [`Callbacks`] has a router for a listener of its own, which faces the internet. A request passes `open` (is it from Feishu?),
//! `action` (three shapes become one), `knowledge` (what the ledger knows of the task), `identity` and `repeats` (is it the
//! same action again?) and `relay` (the operator's own system decides). `answer` says it to whoever pressed the button.
//!
//! Of store apps Feishu pushes events there, too: `signature` proves them, `pushed` reads them, and `store_app` keeps the ticket
//! that is in them.

mod action;
mod answer;
mod app;
mod cipher;
mod event;
mod identity;
mod knowledge;
mod listener;
mod metrics;
mod open;
mod pushed;
mod relay;
mod repeats;
mod settings;
mod signature;
mod store_app;

pub use answer::Outcome;
pub use app::AppSetup;
pub use event::{ActionAttachment, ApprovalActionEvent};
pub use listener::Callbacks;
pub use metrics::CallbackMetrics;
pub use settings::{CallbackSettings, Proof, TargetFormat, action_path, events_path};
pub use store_app::EventSetup;
