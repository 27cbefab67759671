//! The built program, as newcomers, operators, containers and scripts use it.
#![expect(clippy::disallowed_methods, reason = "callers have HTTP clients of their own")]

mod binary;
mod crash;
#[path = "../gateway/harness/feishu.rs"]
mod feishu;
#[path = "../postgres/server.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "other test programs use it, too, and other parts of it"
)]
mod postgres_server;
mod process;
mod readme;
