//! Deliveries with a ledger: what is accepted is delivered, seen from outside with counted calls.

mod answers;
mod callers;
mod drift;
pub(crate) mod support;
mod versions;
