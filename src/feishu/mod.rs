//! Everything that knows Feishu: its payloads, its token, its errors, its ways to fail.
//!
//! [`translate`] turns domain values into payloads without any I/O; [`wire`] holds the payloads' types, letter for
//! letter Feishu's. [`FeishuClient`] carries them there: `push`, `check` and `definitions` are its operations, `call`
//! is the loop of attempts that they share, `exchange` one attempt, `transport` its HTTP, `judge` and `codes` what an answer means,
//! `token` the tenant token, `lanes` the order of one instance's pushes, `remembered` what they leave behind,
//! `guards` what holds calls back.

mod api;
mod apis;
mod call;
mod carried_on;
mod classify;
mod client;
mod codes;
mod echo;
mod encoding;
mod envelope;
mod exchange;
mod failure;
mod foreign_answer;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod lanes;
mod limits;
mod metrics;
mod probe;
mod push;
mod remembered;
mod renewable_client;
mod scrolled_pages;
mod token;
mod trace;
pub mod translate;
mod transport;
pub mod wire;

pub use api::{Api, TaskStatusApi};
pub use apis::{
    Batch, ListError, Listing, Page, Position, Search, SearchFilter, StaleInstance, StaleTask, Target,
    TaskStatusFilter, TaskStatuses, TimeRange, UpsertedDefinition, UserTasks, VersionState, Walk,
};
#[doc(hidden)]
pub use classify::read_push_answer;
pub use client::{Credentials, FeishuClient};
pub use codes::Class;
pub use envelope::{ErrorDetails, FieldViolation};
pub use failure::{CallError, Failure, Outcome, Refusal};
pub use lanes::StaleUpdate;
pub use limits::pacing::{Allowance, Rate};
pub use metrics::FeishuMetrics;
pub use probe::Greeting;
pub use push::{Applied, PreparedPush, PushError, Pushed, Verification};
pub use token::TokenCache;
pub use trace::TARGET as UPSTREAM_LOG_TARGET;
pub use transport::{Origins, TransportError};
