//! Where a value came from, so that an error can point at the place to edit.

use std::fmt;
use std::path::PathBuf;

/// The place that gave a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The gateway's own default, for the setting of this name.
    Default(&'static str),
    /// A key of the configuration file.
    File {
        /// Dotted name of the key.
        key: String,
        /// The file, as it was named.
        path: PathBuf,
    },
    /// An environment variable, by its full name.
    Environment(String),
    /// A flag as typed, without its value: `--listen`, `--set feishu.region`.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default(name) => write!(f, "default of {name}"),
            Self::File { key, path } => write!(f, "key {key} in {}", path.display()),
            Self::Environment(variable) => write!(f, "environment variable {variable}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}
