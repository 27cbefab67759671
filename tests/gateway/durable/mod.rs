//! Deliveries with a ledger: what is accepted is delivered, seen from outside with counted calls.

mod answers;
mod callers;
mod drift;
mod replicas;
pub(crate) mod support;
mod versions;
