//! The files of TLS: reading them, and saying well what is wrong with them.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::support::file_reader::FileReader;

/// Where certificates and key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The gateway's certificate and those between it and its root, PEM.
    pub cert_file: PathBuf,
    /// The certificate's private key, PEM.
    pub key_file: PathBuf,
    /// The roots of callers' certificates, PEM; without it callers show none.
    pub client_ca_file: Option<PathBuf>,
}

/// Why the files of TLS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("the TLS file {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} is not PEM as it should be", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// A file has no certificate in it.
    #[error("{} holds no certificate; it should have a part that begins with -----BEGIN CERTIFICATE-----", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A file has no key in it.
    #[error(
        "{} holds no private key; it should have a part that begins with -----BEGIN PRIVATE KEY-----, without a passphrase",
        path.display()
    )]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// Certificate and key do not work together.
    #[error("the certificate in {} and the key in {} cannot be used together", cert_file.display(), key_file.display())]
    Pair {
        /// The certificate's file.
        cert_file: PathBuf,
        /// The key's file.
        key_file: PathBuf,
        /// What is wrong with them.
        source: rustls::Error,
    },
    /// The roots of callers' certificates are no use.
    #[error("the certificates in {} cannot be the roots of callers' certificates", path.display())]
    ClientRoots {
        /// The file.
        path: PathBuf,
        /// What is wrong with them.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The cryptographic library cannot do what TLS needs, which is a bug.
    #[error("TLS cannot be set up")]
    Provider(#[source] rustls::Error),
}

/// Readers of the files.
#[derive(Debug)]
pub(super) struct Readers {
    cert: FileReader,
    key: FileReader,
    client_ca: Option<FileReader>,
}

/// Bytes of the files, not parsed yet.
#[derive(PartialEq, Eq)]
pub(super) struct Contents {
    cert: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

/// Certificates and key, parsed.
pub(super) struct Material {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
    pub(super) client_roots: Option<RootCertStore>,
}

impl Readers {
    pub(super) fn read(&self) -> Result<Contents, TlsError> {
        let read = |file: &FileReader| {
            file.read().map_err(|source| TlsError::Unreadable { path: file.path().to_owned(), source })
        };
        let client_ca = self.client_ca.as_ref().map(read).transpose()?;
        Ok(Contents { cert: read(&self.cert)?, key: read(&self.key)?, client_ca })
    }
}

impl TlsFiles {
    pub(super) fn readers(&self) -> Readers {
        Readers {
            cert: FileReader::new(&self.cert_file),
            key: FileReader::new(&self.key_file),
            client_ca: self.client_ca_file.as_deref().map(FileReader::new),
        }
    }

    pub(super) fn parse(&self, contents: &Contents) -> Result<Material, TlsError> {
        let chain = certificates(&contents.cert, &self.cert_file)?;
        let key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|source| match source {
            pem::Error::NoItemsFound => TlsError::NoKey { path: self.key_file.clone() },
            source => TlsError::Malformed { path: self.key_file.clone(), source },
        })?;
        let client_roots = match (&contents.client_ca, &self.client_ca_file) {
            (Some(bytes), Some(path)) => Some(roots(bytes, path)?),
            _ => None,
        };
        Ok(Material { chain, key, client_roots })
    }
}

fn certificates(bytes: &[u8], path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    let certificates =
        certificates.map_err(|source| TlsError::Malformed { path: path.to_owned(), source })?;
    if certificates.is_empty() {
        return Err(TlsError::NoCertificate { path: path.to_owned() });
    }
    Ok(certificates)
}

fn roots(bytes: &[u8], path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(bytes, path)? {
        roots
            .add(certificate)
            .map_err(|source| TlsError::ClientRoots { path: path.to_owned(), source: Box::new(source) })?;
    }
    Ok(roots)
}
