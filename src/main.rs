//! The command line; decides nothing.

use std::process::ExitCode;

use approval_gateway::cli::Cli;
use approval_gateway::commands;
use clap::Parser;

fn main() -> ExitCode {
    commands::run(Cli::parse())
}
