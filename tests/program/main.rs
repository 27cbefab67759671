//! The built program, as newcomers, operators, containers and scripts use it.
#![expect(clippy::disallowed_methods, reason = "callers have HTTP clients of their own")]

mod binary;
mod crash;
#[path = "../gateway/harness/feishu.rs"]
mod feishu;
mod process;
mod readme;
