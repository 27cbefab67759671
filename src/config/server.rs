//! How connections are treated: their limits, their end, and TLS.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::parse;
use super::reader::{Noted, Reader};
use super::schema::{
    DRAIN_DELAY_MS, HEADER_TIMEOUT_MS, IDLE_TIMEOUT_MS, MAX_CONNECTIONS, Setting, TLS_CERT_FILE,
    TLS_CLIENT_CA_FILE, TLS_KEY_FILE,
};

/// How connections are treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Time for a TLS handshake, and for the head of a connection's first request.
    pub header_timeout: Duration,
    /// Time from an answer to the head of the next request.
    pub idle_timeout: Duration,
    /// Connections at once.
    pub max_connections: usize,
    /// Time between the signal to stop and the end of listening.
    pub drain_delay: Duration,
    /// TLS; plain HTTP without it.
    pub tls: Option<Tls>,
}

/// The files of TLS; whether they are any good shows when they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate and its chain.
    pub cert_file: PathBuf,
    /// Its private key.
    pub key_file: PathBuf,
    /// The roots of the certificates that callers must show; they need none without it.
    pub client_ca_file: Option<PathBuf>,
}

/// Bounds (milliseconds) of the time limits: no network is slower than an hour, and none faster than this.
const LIMIT_MS: RangeInclusive<u64> = 100..=3_600_000;

/// Longest time (milliseconds) to serve on after the signal to stop; platforms kill long before.
const MAX_DRAIN_DELAY_MS: u64 = 600_000;

/// What load balancers and Kubernetes need to hear that a replica leaves: a probe's period or two.
const DRAIN_DELAY: Duration = Duration::from_secs(5);

/// Most connections (2^20) that can be asked for; each takes some kilobytes.
const MOST_CONNECTIONS: u64 = 1 << 20;

pub(super) fn read(reader: &mut Reader, listen: Result<SocketAddr, Noted>) -> Result<Server, Noted> {
    let header_timeout = millis(reader, &HEADER_TIMEOUT_MS);
    let idle_timeout = millis(reader, &IDLE_TIMEOUT_MS);
    let max_connections = reader.value(&MAX_CONNECTIONS, parse::whole_number(1..=MOST_CONNECTIONS));
    let drain_delay = reader.optional(&DRAIN_DELAY_MS, parse::whole_number(0..=MAX_DRAIN_DELAY_MS));
    let tls = tls(reader);
    // Nobody balances the load of an address that only this machine reaches.
    let default_delay = if listen?.ip().to_canonical().is_loopback() { Duration::ZERO } else { DRAIN_DELAY };
    Ok(Server {
        header_timeout: header_timeout?,
        idle_timeout: idle_timeout?,
        max_connections: usize::try_from(max_connections?).unwrap_or(usize::MAX),
        drain_delay: drain_delay?.map_or(default_delay, Duration::from_millis),
        tls: tls?,
    })
}

fn millis(reader: &mut Reader, setting: &Setting) -> Result<Duration, Noted> {
    reader.value(setting, parse::whole_number(LIMIT_MS)).map(Duration::from_millis)
}

/// Goes behind the error for one without the other.
const TLS_NEEDS: &str = "; TLS needs both a certificate and its key";

/// Certificate and key come together or not at all, and only they make sense of the roots.
fn tls(reader: &mut Reader) -> Result<Option<Tls>, Noted> {
    let cert_file = reader.optional(&TLS_CERT_FILE, parse::path);
    let key_file = reader.optional(&TLS_KEY_FILE, parse::path);
    let client_ca_file = reader.optional(&TLS_CLIENT_CA_FILE, parse::path);
    match (cert_file?, key_file?, client_ca_file?) {
        (Some(cert_file), Some(key_file), client_ca_file) => {
            Ok(Some(Tls { cert_file, key_file, client_ca_file }))
        }
        (None, None, None) => Ok(None),
        (None, ..) => Err(reader.missing(&[&TLS_CERT_FILE], TLS_NEEDS)),
        (Some(_), None, _) => Err(reader.missing(&[&TLS_KEY_FILE], TLS_NEEDS)),
    }
}
