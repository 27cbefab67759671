//! Everything a configuration is made from, gathered by the caller so that tests can make it up.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

/// What the configuration is for, which decides what it must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// Serving against Feishu: needs the app's credentials, and callers that are known.
    #[default]
    Serve,
    /// Serving against the sandbox in the same process: callers as for [`Purpose::Serve`], and no credentials. Any that
    /// are configured are left alone, so that real ones never reach a sandbox.
    ServeSandbox,
    /// Looking after the ledger: its secrets are read, and nobody else's.
    Ledger,
    /// Anything that neither listens as the gateway nor calls Feishu: files of secrets and of keys are not opened.
    Offline,
}

impl Purpose {
    /// Whether the gateway serves, or is looked at as if it did: only then files of keys, and of secrets beside the ledger's,
    /// are opened.
    pub fn serves(self) -> bool {
        matches!(self, Self::Serve | Self::ServeSandbox)
    }
}

/// A setting given on the command line.
#[derive(Clone, PartialEq, Eq)]
pub struct Flag {
    /// Dotted name of the setting.
    pub setting: String,
    /// Its value.
    pub value: String,
    /// The flag as typed, without the value, for errors: `--listen`, `--set feishu.region`.
    pub flag: String,
}

/// The places that settings come from. Not `Debug`, because the environment holds secrets.
#[derive(Clone, Default)]
pub struct Sources {
    /// The file of `--config`; without it `GATEWAY_CONFIG` may name one.
    pub config_file: Option<PathBuf>,
    /// Environment variables; those without the prefix `GATEWAY_` are ignored.
    pub environment: Vec<(OsString, OsString)>,
    /// Flags; of two for one setting the later wins.
    pub flags: Vec<Flag>,
    /// What the configuration is for.
    pub purpose: Purpose,
    /// Whether logs go to a person's terminal, which decides their default format.
    pub stderr_is_terminal: bool,
}

impl Sources {
    /// Adds what only the running process knows: its environment, and whether it has a terminal.
    #[must_use]
    pub fn with_process(mut self) -> Self {
        self.environment.extend(std::env::vars_os());
        self.stderr_is_terminal = std::io::stderr().is_terminal();
        self
    }

    /// Adds environment variables by hand.
    #[must_use]
    pub fn with_environment<N, V>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        self.environment.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }
}
