//! Carries out what the command line asks for.

mod doctor;
mod healthcheck;
mod openapi;
mod reload;
mod sandbox;
mod serve;
mod translate;
mod upstreams;

use std::error::Error;
use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::support::error_chain::ErrorChain;

/// Runs the command to its end.
#[expect(clippy::print_stderr, reason = "a command that fails says why on standard error")]
pub fn run(cli: Cli) -> ExitCode {
    let result = match cli.command {
        Command::Serve(args) => serve::run(&args),
        Command::Sandbox(args) => sandbox::run(&args),
        Command::Translate(args) => translate::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Openapi(args) => openapi::run(&args),
        Command::Healthcheck(args) => healthcheck::run(&args),
        Command::Version => version(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("approval-gateway: {}", ErrorChain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

type CommandResult = Result<(), Box<dyn Error>>;

#[expect(clippy::print_stdout, reason = "this is the command's output")]
#[expect(clippy::unnecessary_wraps, reason = "every command has the same shape")]
fn version() -> CommandResult {
    println!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    Ok(())
}
