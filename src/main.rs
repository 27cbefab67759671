//! The command line; decides nothing.

use std::process::ExitCode;

use approval_gateway::cli::Cli;
use approval_gateway::commands;
use clap::Parser;

/// Less CPU per request than the system's allocator; docs/performance.md has the figures.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    commands::run(Cli::parse())
}
