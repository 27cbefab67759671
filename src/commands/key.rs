//! `key new`: makes a caller key, prints it once, and adds its hash to the key file.

use std::io::{self, Write as _};

use secrecy::ExposeSecret as _;

use super::CommandResult;
use crate::callers::{NewKey, Scopes};
use crate::cli::{KeyCommand, NewKeyArgs};
use crate::config::Config;
use crate::domain::AppName;

pub(super) fn run(command: &KeyCommand) -> CommandResult {
    match command {
        KeyCommand::New(args) => new(args),
    }
}

fn new(args: &NewKeyArgs) -> CommandResult {
    let config = Config::load(args.sources().with_process())?;
    let app: Option<AppName> = args.app.as_deref().map(str::parse).transpose()?;
    let scopes = match &args.scope {
        Some(text) => Some(Scopes::parse(text).ok_or(WRONG_SCOPE)?),
        None => None,
    };
    let (file, apps) = match (&args.keys_file, &config.auth.keys_file) {
        // Which gateway reads the file is not known here.
        (Some(file), _) => (file, vec![app.clone().unwrap_or_default()]),
        (None, Some(file)) => (file, config.apps.iter().map(|app| app.name.clone()).collect()),
        (None, None) => return Err(NO_FILE.into()),
    };
    let key = NewKey::generate(&args.name, app.as_ref(), scopes, &apps)?;
    key.append_to(file)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}", key.key.expose_secret())?;
    out.flush()?;
    writeln!(io::stderr(), "{}", told(args, file))?;
    Ok(())
}

fn told(args: &NewKeyArgs, file: &std::path::Path) -> String {
    format!(
        "This key of {} is shown only now; {} keeps its hash. A gateway that runs with this file takes it within seconds.",
        args.name,
        file.display()
    )
}

const WRONG_SCOPE: &str =
    "a scope is one or more of read, write and operate, each once, with commas between them";

const NO_FILE: &str = "there is no key file to add the key to: name it with --keys-file, or set auth.keys_file \
(GATEWAY_AUTH__KEYS_FILE)";
