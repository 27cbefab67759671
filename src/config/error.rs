//! What can be wrong with a configuration, and what to do about it.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::log_format::LogFormat;
use super::origin::Origin;
use super::schema;
use crate::callers::CallerKeysError;
use crate::domain::{AppName, InvalidAppName};
use crate::support::error_chain::ErrorChain;

/// One thing that is wrong with the configuration; never shows a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The configuration file cannot be read.
    #[error("the configuration file {}, named by {named_by}, cannot be read", path.display())]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// The flag or variable that named it.
        named_by: Origin,
        /// What the system said.
        source: io::Error,
    },
    /// The configuration file is not TOML.
    #[error("{}, line {line}, column {column}: {message}", path.display())]
    FileMalformed {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
        /// What the parser expected; never the text of the line, which may hold a secret.
        message: String,
    },
    /// A name that no setting has.
    #[error("{origin} is not a known setting{}", hint(suggestion.as_deref()))]
    Unknown {
        /// The unknown name and its place.
        origin: Origin,
        /// The name that was probably meant, spelled for the same kind of place.
        suggestion: Option<String>,
    },
    /// A value where a whole section belongs.
    #[error("{origin} is a section and has no value of its own")]
    Section {
        /// The name and its place.
        origin: Origin,
    },
    /// A value that the setting does not allow.
    #[error(
        "{origin} must be {expected}{}{}",
        found.as_ref().map(|found| format!(", not {found}")).unwrap_or_default(),
        hint(suggestion.as_deref())
    )]
    Invalid {
        /// The place to edit.
        origin: Origin,
        /// What is allowed.
        expected: String,
        /// What was found; absent for secrets.
        found: Option<String>,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// Something needed is not set.
    #[error("{setting} is not set; set the environment variable {}{remark}", variables.join(" or "))]
    Missing {
        /// Dotted name of the setting.
        setting: String,
        /// The environment variables that would give it.
        variables: Vec<String>,
        /// What else would help, from its separator on; may be empty.
        remark: &'static str,
    },
    /// Two settings that exclude each other.
    #[error("{first} and {second} exclude each other; give only one of them")]
    Conflict {
        /// One place.
        first: Origin,
        /// The other place.
        second: Origin,
    },
    /// A secret on the command line.
    #[error(
        "{flag} puts a secret on the command line, where every user of this machine can read it; \
         set the environment variable {} instead",
        variables.join(" or ")
    )]
    SecretOnCommandLine {
        /// The flag, without its value.
        flag: Origin,
        /// The environment variables that would give it.
        variables: Vec<String>,
    },
    /// A section whose name cannot be an app's.
    #[error("{origin} names no app")]
    AppName {
        /// The name and its place.
        origin: Origin,
        /// What is allowed.
        source: InvalidAppName,
    },
    /// A second section for the default app.
    #[error("{origin} is no section: the settings of the app default stand in the section feishu")]
    DefaultApp {
        /// The name and its place.
        origin: Origin,
    },
    /// Two names for one app, which would share a rate limit without knowing of each other.
    #[error("{first} and {second} name the same app of the same Feishu; give it one section only")]
    SameApp {
        /// One place.
        first: Origin,
        /// The other place.
        second: Origin,
    },
    /// The file of a secret cannot be read.
    #[error("{origin} names {}, which cannot be read", path.display())]
    SecretUnreadable {
        /// The place that named the file.
        origin: Origin,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file of a secret holds nothing.
    #[error("{origin} names {}, which is empty", path.display())]
    SecretEmpty {
        /// The place that named the file.
        origin: Origin,
        /// The file.
        path: PathBuf,
    },
    /// The file of caller keys is no use.
    #[error("{origin} names a file of caller keys that cannot be used")]
    Keys {
        /// The place that named the file.
        origin: Origin,
        /// What is wrong with it.
        source: CallerKeysError,
    },
    /// Everybody who reaches the address could write approvals.
    #[error(
        "listening on {listen} lets other machines in without a key; set {} to a file of caller keys, \
         or {}=true if something in front of the gateway checks its callers",
        schema::KEYS_FILE.environment_variable(),
        schema::ALLOW_ANONYMOUS.environment_variable()
    )]
    OpenToAll {
        /// The address asked for.
        listen: SocketAddr,
    },
    /// Nobody could call the gateway.
    #[error(
        "{origin} is false, but there are no caller keys, so nobody could call; set {}",
        schema::KEYS_FILE.environment_variable()
    )]
    ClosedToAll {
        /// The place that refused anonymous callers.
        origin: Origin,
    },
    /// Anonymous callers would have no app.
    #[error(
        "calls without a key go to the app default, and there is none: set {}, or give the app {first} the section \
         feishu in place of its own",
        schema::KEYS_FILE.environment_variable()
    )]
    NoDefaultApp {
        /// An app that is configured.
        first: AppName,
    },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

/// Everything that is wrong with the configuration, in one go.
#[derive(Debug)]
pub struct ConfigErrors {
    errors: Vec<ConfigError>,
    log_format: LogFormat,
}

impl ConfigErrors {
    pub(super) fn new(errors: Vec<ConfigError>, log_format: LogFormat) -> Self {
        Self { errors, log_format }
    }

    /// Each error by itself.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        self.errors.iter()
    }

    /// The format that the log would have had: that much of the configuration is known.
    pub fn log_format(&self) -> LogFormat {
        self.log_format
    }
}

/// This is the report that people read, so each line carries its causes: the single errors keep theirs as `source`.
impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.errors.len();
        let noun = if count == 1 { "error" } else { "errors" };
        write!(f, "{count} {noun} in the configuration:")?;
        for error in &self.errors {
            write!(f, "\n  {}", ErrorChain(error))?;
        }
        Ok(())
    }
}

impl Error for ConfigErrors {}
