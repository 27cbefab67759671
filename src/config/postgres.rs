//! A PostgreSQL database as a URL names it.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// A PostgreSQL database for the ledger. Its `Debug` shows no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresConfig {
    /// Servers, database, user and password.
    pub connection: Config,
    /// How the connection is protected.
    pub ssl_mode: PostgresSslMode,
    /// Most connections at once.
    pub max_connections: usize,
    /// Whether a server may be used that forgets what it has acknowledged when it crashes.
    pub allow_unsafe: bool,
}

/// How connections to the database are protected (`sslmode`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostgresSslMode {
    /// Not at all.
    Disable,
    /// Encrypted, but with whoever answers.
    Require,
    /// Encrypted, with a server that shows a certificate for its name.
    VerifyFull {
        /// Roots of the certificate (`sslrootcert`); without it, those that the system trusts.
        ca_file: Option<PathBuf>,
    },
}

/// What is said about every PostgreSQL database, whatever its URL. Its `Debug` shows no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresDefaults {
    /// The password, if one is configured.
    pub(super) connection: Config,
    pub(super) max_connections: usize,
    pub(super) allow_unsafe: bool,
}

/// What such a URL must look like.
pub(super) const EXPECTED: &str = "postgres://USER@HOST:PORT/DATABASE, with ?sslmode=disable, require or verify-full \
     (which is the default) and &sslrootcert=FILE where they are needed";

/// Whether a URL means PostgreSQL.
pub(super) fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

impl PostgresDefaults {
    /// The database of this URL; `None` when it is none.
    pub(super) fn database(&self, url: &str) -> Option<PostgresConfig> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut ca_file, mut others) = (None, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=')?;
            let value = percent_decode_str(value).decode_utf8().ok()?.into_owned();
            match name {
                "sslmode" => mode = Some(value),
                "sslrootcert" => ca_file = Some(PathBuf::from(value)),
                _ => others.push(pair),
            }
        }
        let mut connection: Config = format!("{base}?{}", others.join("&")).parse().ok()?;
        let hosts = connection.get_hosts();
        if hosts.is_empty() || connection.get_user().is_none() {
            return None;
        }
        // Nobody else is on a socket of this machine, and TLS has no name to verify there.
        let is_local = hosts.iter().all(|host| matches!(host, Host::Unix(_)));
        let ssl_mode = match mode.as_deref() {
            None if is_local => PostgresSslMode::Disable,
            Some("disable") => PostgresSslMode::Disable,
            Some("require") => PostgresSslMode::Require,
            None | Some("verify-full") => PostgresSslMode::VerifyFull { ca_file: ca_file.clone() },
            Some(_) => return None,
        };
        if ca_file.is_some() && !matches!(ssl_mode, PostgresSslMode::VerifyFull { .. }) {
            return None;
        }
        if let (None, Some(password)) = (connection.get_password(), self.connection.get_password()) {
            let password = password.to_vec();
            connection.password(password);
        }
        let Self { max_connections, allow_unsafe, .. } = *self;
        Some(PostgresConfig { connection, ssl_mode, max_connections, allow_unsafe })
    }
}

/// Whether the URL of a PostgreSQL database has a password in it.
pub fn has_password(url: &str) -> bool {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let is_in_base = base.parse::<Config>().is_ok_and(|connection| connection.get_password().is_some());
    is_in_base || query.split('&').any(|pair| pair.starts_with("password="))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn database(url: &str) -> Option<PostgresConfig> {
        let mut connection = Config::new();
        connection.password("from a file");
        PostgresDefaults { connection, max_connections: 8, allow_unsafe: false }.database(url)
    }

    fn verified(ca_file: Option<&str>) -> PostgresSslMode {
        PostgresSslMode::VerifyFull { ca_file: ca_file.map(PathBuf::from) }
    }

    #[test_case("postgres://gw@db/gateway" => Some(verified(None)); "the safe one by default")]
    #[test_case("postgresql://gw@db/gateway?sslmode=verify-full" => Some(verified(None)))]
    #[test_case("postgres://gw@db/gateway?sslrootcert=%2Fetc%2Fca.pem" => Some(verified(Some("/etc/ca.pem"))))]
    #[test_case("postgres://gw@db/gateway?sslmode=require" => Some(PostgresSslMode::Require))]
    #[test_case("postgres://gw@db/gateway?sslmode=disable" => Some(PostgresSslMode::Disable))]
    #[test_case("postgres://gw@%2Frun%2Fpostgresql/gateway" => Some(PostgresSslMode::Disable); "a socket")]
    #[test_case("postgres://gw@one,two/gateway?target_session_attrs=read-write" => Some(verified(None)); "two servers")]
    #[test_case("postgres://gw@db/gateway?sslmode=prefer" => None; "one that falls back in silence")]
    #[test_case("postgres://gw@db/gateway?sslmode=disable&sslrootcert=a.pem" => None; "roots for nothing")]
    #[test_case("postgres://gw@db/gateway?colour=blue" => None; "an unknown option")]
    #[test_case("postgres://gw@/gateway" => None; "no host")]
    #[test_case("postgres://db/gateway" => None; "no user")]
    fn protected(url: &str) -> Option<PostgresSslMode> {
        database(url).map(|database| database.ssl_mode)
    }

    #[test]
    fn the_configured_password_is_used_unless_the_url_has_one() {
        let of = |url| database(url).unwrap().connection.get_password().map(<[u8]>::to_vec);
        assert_eq!(of("postgres://gw@db/gateway").unwrap(), b"from a file");
        assert_eq!(of("postgres://gw:own@db/gateway").unwrap(), b"own");
        assert!(has_password("postgres://gw:own@db/gateway?sslmode=disable"));
        assert!(!has_password("postgres://gw@db/gateway?sslmode=verify-full"));
    }

    #[test]
    fn debug_output_shows_no_password() {
        let shown = format!("{:?}", database("postgres://gw:hunter2@db/gateway").unwrap());
        assert!(!shown.contains("hunter2") && shown.contains("gateway"), "{shown}");
    }
}
