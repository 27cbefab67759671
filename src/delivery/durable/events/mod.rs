//! Tells the operator's own systems what became of deliveries, and whether the app delivers (design §4.2).
//!
//! The ledger writes an event together with what it tells of; the `announcer` writes those about the app. The
//! `sender`, one task an app, sends what is due to the receiver, at least once, and in order about each instance; when the
//! receiver asks for time, its `pace` slows everything down. `retention` drops what is old.

pub(super) mod announcer;
mod body;
mod pace;
pub(super) mod retention;
pub(super) mod sender;

pub use self::body::{EventData, EventProblem, OutgoingEvent};
