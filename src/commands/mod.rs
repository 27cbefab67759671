//! Carries out what the command line asks for.

mod background;
mod doctor;
mod gateway;
mod healthcheck;
mod import;
mod key;
mod ledger;
mod log_filter;
mod mcp;
mod openapi;
mod reload;
mod result;
mod sandbox;
mod serve;
mod temporary;
mod translate;
mod upstreams;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::config::{Config, LogFormat, Sources};
use crate::telemetry;
use result::CommandResult;

/// Runs the command to its end.
pub fn run(cli: Cli) -> ExitCode {
    let result = match cli.command {
        Command::Serve(args) => return logged(args.sources(), |config| serve::run(config, &args)),
        Command::Sandbox(args) => return logged(args.sources(), |config| sandbox::run(&config)),
        Command::Translate(args) => translate::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Openapi(args) => openapi::run(&args),
        Command::Healthcheck(args) => healthcheck::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Ledger(args) => ledger::run(&args),
        Command::Mcp(args) => mcp::run(&args),
        Command::Key { command } => key::run(&command),
        Command::Version => version(),
    };
    exit_code(LogFormat::Text, result)
}

/// Runs a command that keeps a log. What fails, it reports in the format of that log, and as much of a configuration
/// that is wrong as says which that is.
fn logged(sources: Sources, run: impl FnOnce(Config) -> CommandResult) -> ExitCode {
    match Config::load(sources.with_process()) {
        Ok(config) => {
            telemetry::log_panics();
            exit_code(config.log.format, run(config))
        }
        Err(errors) => exit_code(errors.log_format(), Err(errors.into())),
    }
}

fn exit_code(log_format: LogFormat, result: CommandResult) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            telemetry::report_failure(log_format, error.as_ref());
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
#[expect(clippy::unnecessary_wraps, reason = "every command has the same shape")]
fn version() -> CommandResult {
    println!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    Ok(())
}
