//! Crashes of the built program: whatever ends it, what it acknowledged is delivered after its next start.
//!
//! Each row of the table in `docs/architecture.md` ("What a crash costs") is a test here. The sandbox is the witness: it lives in
//! the test's process, outlives every gateway, and records what it was sent.

mod cards;
mod database;
mod disk;
mod events;
mod imports;
mod kills;
mod misfortunes;
mod moments;
mod postgres;
mod refused;
mod replicas;
mod site;
mod tickets;
mod tools;
mod upgrades;
mod writers;
