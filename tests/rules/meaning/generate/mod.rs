//! Random valid documents, as callers may write them.

mod definition;
mod extra;
mod instance;
mod member;
mod people;
mod task;
mod text;
mod time;

pub(crate) use definition::definition;
pub(crate) use extra::json;
pub(crate) use instance::request;
pub(crate) use member::shuffled;
