//! Store apps: the ticket comes as an event, and everything else follows from it.

mod chain;
mod events;
mod support;
