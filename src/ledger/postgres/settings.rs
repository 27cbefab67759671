//! Where the database is, and how it is spoken to.

use std::fmt;
use std::path::PathBuf;

use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// A database for the ledger. Its `Debug` shows no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresSettings {
    /// Servers, database, user and password.
    pub connection: Config,
    /// How the connection is protected.
    pub tls: PostgresTls,
    /// Most connections at once.
    pub max_connections: usize,
    /// Whether a server may be used that forgets what it has acknowledged when it crashes.
    pub allow_unsafe: bool,
}

/// How connections to the database are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostgresTls {
    /// Not at all: for a socket of this machine, or a network that nobody else is in.
    Off,
    /// Encrypted, but with whoever answers.
    Unverified,
    /// Encrypted, with a server that shows a certificate for its name.
    Verified {
        /// Roots of the certificate (PEM); without it, those that the system trusts.
        ca_file: Option<PathBuf>,
    },
}

/// Names a database in errors, without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

impl Place {
    /// The name of the database that is connected to so.
    pub fn of(connection: &Config) -> Self {
        let ports = connection.get_ports();
        let port = |index: usize| ports.get(index).or_else(|| ports.first()).copied().unwrap_or(5432);
        let hosts: Vec<String> = connection
            .get_hosts()
            .iter()
            .enumerate()
            .map(|(index, host)| match host {
                Host::Tcp(name) => format!("{name}:{}", port(index)),
                Host::Unix(directory) => directory.display().to_string(),
            })
            .collect();
        let database = connection.get_dbname().or(connection.get_user()).unwrap_or("postgres");
        Self(format!("{database} on {}", hosts.join(", ")))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
