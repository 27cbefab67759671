//! TLS for callers, with certificates that are reloaded from their files without a restart.

mod files;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use files::{Contents, Material, Readers};
pub use files::{TlsError, TlsFiles};

use crate::support::clock::CertificateTime;

/// ALPN protocols: HTTP/2 where the caller can, else HTTP/1.1.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The certificates that the gateway shows, and those that it asks for; connections take the newest.
#[derive(Clone)]
pub struct Tls {
    files: TlsFiles,
    readers: Arc<Readers>,
    state: Arc<RwLock<State>>,
}

struct State {
    config: Arc<ServerConfig>,
    contents: Contents,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When a file cannot be read or used; the message names the file.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let readers = files.readers();
        let contents = readers.read()?;
        let config = config(files.parse(&contents)?, &files)?;
        Ok(Self {
            files,
            readers: Arc::new(readers),
            state: Arc::new(RwLock::new(State { config, contents })),
        })
    }

    /// Reads the files again; says whether they have changed. After an error everything stays as it was.
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub fn reload(&self) -> Result<bool, TlsError> {
        let contents = self.readers.read()?;
        let is_known = self.state.read().unwrap_or_else(PoisonError::into_inner).contents == contents;
        if is_known {
            return Ok(false);
        }
        let config = config(self.files.parse(&contents)?, &self.files)?;
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State { config, contents };
        Ok(true)
    }

    /// The TLS configuration for the next handshake.
    pub(super) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner).config)
    }
}

/// Shows the paths of the files, and no key.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

fn config(material: Material, files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let Material { chain, key, client_roots } = material;
    // Named, because more than one provider may be linked in, and then there is no default one.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_details(Arc::clone(&provider), Arc::new(CertificateTime))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Provider)?;
    let builder = match client_roots {
        None => builder.with_no_client_auth(),
        Some(roots) => builder.with_client_cert_verifier(verifier(roots, provider, files)?),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|source| TlsError::Pair {
        cert_file: files.cert_file.clone(),
        key_file: files.key_file.clone(),
        source,
    })?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(Arc::new(config))
}

/// Asks for a certificate that one of the roots has signed, and serves nobody without.
fn verifier(
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
    files: &TlsFiles,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, TlsError> {
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().map_err(|source| {
        TlsError::ClientRoots {
            path: files.client_ca_file.clone().unwrap_or_default(),
            source: Box::new(source),
        }
    })
}
