//! The command line; decides nothing.

use std::process::ExitCode;

use approval_gateway::cli::Cli;
use approval_gateway::commands;
use clap::Parser;

/// As little CPU per request as any, and the only one that gives memory back while the gateway rests;
/// docs/performance.md has the figures.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    commands::run(Cli::parse())
}
