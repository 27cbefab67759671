//! Failures as callers see them: RFC 9457 problem documents.
//!
//! A handler or middleware makes a [`Problem`] and returns it. The problem travels as a response *extension* beside an empty
//! body until the middleware (see [`middleware`](crate::http::middleware)) logs it once and writes the
//! document. Only there is the request id known, and only there can a body be written, so no failure can leave in
//! another shape.

mod body;
mod builder;
pub mod catalogue;
mod code;
mod defaults;
mod outcome;
mod upstream;

pub use body::PROBLEM_JSON;
pub(in crate::http) use body::ProblemDocument;
pub(crate) use body::{codes, outcomes, render};
pub use builder::Problem;
pub use code::{Code, UnknownCode};
pub use outcome::Outcome;
pub use upstream::Upstream;
