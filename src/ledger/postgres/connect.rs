//! Connections to the database: pools with limits and timeouts, and TLS.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::settings::{PostgresSettings, PostgresTls};
use crate::support::clock::CertificateTime;

/// Longest that a connection may take to open, TLS and the log-in included.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest that somebody waits for one of the connections.
const WAIT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a connection is silent before the system asks whether the other end is still there.
const TCP_KEEPALIVE: Duration = Duration::from_secs(15);

/// A connection whose other end acknowledges nothing for so long is closed.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);

/// How the gateway calls itself, in the server's list of sessions.
pub(super) const APPLICATION_NAME: &str = "approval-gateway";

/// Why no connection can be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsSetupError {
    /// The file of roots cannot be read, or holds none.
    #[error("{path} holds no certificates that can be used")]
    CaFile {
        /// The file.
        path: String,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is nothing to verify certificates with.
    #[error("cannot set up TLS; is a CA certificate store installed (package ca-certificates)?")]
    Certificates(#[from] rustls::Error),
}

/// A pool of so many connections, opened when they are needed.
pub(super) fn pool(settings: &PostgresSettings, size: usize) -> Result<Pool, TlsSetupError> {
    let mut connection = settings.connection.clone();
    connection
        .application_name(APPLICATION_NAME)
        .connect_timeout(CONNECT_TIMEOUT)
        .keepalives_idle(TCP_KEEPALIVE)
        .tcp_user_timeout(TCP_USER_TIMEOUT)
        .ssl_mode(match settings.tls {
            PostgresTls::Off => SslMode::Disable,
            PostgresTls::Unverified | PostgresTls::Verified { .. } => SslMode::Require,
        });
    let tls = MakeRustlsConnect::new(tls(&settings.tls)?);
    // Behind a transaction pooler nothing may be asked when a connection is given back.
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let pool = Pool::builder(Manager::from_config(connection, tls, config))
        .max_size(size)
        .wait_timeout(Some(WAIT_TIMEOUT))
        .create_timeout(Some(CONNECT_TIMEOUT))
        .recycle_timeout(Some(CONNECT_TIMEOUT))
        .runtime(Runtime::Tokio1)
        .build();
    Ok(pool.unwrap_or_else(|_| unreachable!("a runtime is given")))
}

fn tls(tls: &PostgresTls) -> Result<ClientConfig, TlsSetupError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let builder = ClientConfig::builder_with_details(provider, Arc::new(CertificateTime))
        .with_protocol_versions(rustls::ALL_VERSIONS)?;
    Ok(match tls {
        PostgresTls::Off => builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
        PostgresTls::Unverified => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody(algorithms)))
            .with_no_client_auth(),
        PostgresTls::Verified { ca_file: None } => builder.with_platform_verifier()?.with_no_client_auth(),
        PostgresTls::Verified { ca_file: Some(path) } => {
            builder.with_root_certificates(roots(path)?).with_no_client_auth()
        }
    })
}

fn roots(path: &Path) -> Result<RootCertStore, TlsSetupError> {
    let unusable = |source| TlsSetupError::CaFile { path: path.display().to_string(), source };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.into()))? {
        let certificate = certificate.map_err(|error| unusable(error.into()))?;
        roots.add(certificate).map_err(|error| unusable(error.into()))?;
    }
    if roots.is_empty() { Err(unusable("there is none in it".into())) } else { Ok(roots) }
}

/// Takes any certificate, as `sslmode=require` asks for.
#[derive(Debug)]
struct Anybody(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
