//! Callers show a certificate of the right root, or the gateway's own.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

/// Takes what the roots take, and the gateway's own certificate.
///
/// `approval-gateway healthcheck` has no caller's certificate, but it can read the gateway's files. Whoever can sign with
/// the gateway's own key is the gateway, or could pass for it; the handshake has the signature checked as ever.
#[derive(Debug)]
pub(super) struct OrOwnCertificate {
    roots: Arc<dyn ClientCertVerifier>,
    own: Option<CertificateDer<'static>>,
}

impl OrOwnCertificate {
    pub(super) fn new(roots: Arc<dyn ClientCertVerifier>, own: Option<CertificateDer<'static>>) -> Self {
        Self { roots, own }
    }
}

impl ClientCertVerifier for OrOwnCertificate {
    /// None, so that clients show what they have: the own certificate need not be of the roots.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if self.own.as_ref().is_some_and(|own| own == end_entity) {
            return Ok(ClientCertVerified::assertion());
        }
        self.roots.verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.roots.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.roots.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.roots.supported_verify_schemes()
    }
}
