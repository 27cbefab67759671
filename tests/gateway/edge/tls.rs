//! TLS and client certificates, with real handshakes.

use std::fs;
use std::path::{Path, PathBuf};

use approval_gateway::server::{Options, Tls, TlsFiles};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::{Certificate, Identity};
use tempfile::TempDir;
use test_case::test_case;

use crate::edge::support::{Edge, options};

/// A certificate authority of its own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM.
struct Pair {
    cert: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn issue(&self) -> Pair {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let cert = params.signed_by(&key, &self.0).unwrap();
        Pair { cert: cert.pem(), key: key.serialize_pem() }
    }
}

/// The files of a gateway.
struct Files {
    directory: TempDir,
}

impl Files {
    fn new(pair: &Pair) -> Self {
        let files = Self { directory: TempDir::new().unwrap() };
        files.show(pair);
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn show(&self, pair: &Pair) {
        fs::write(self.path("tls.crt"), &pair.cert).unwrap();
        fs::write(self.path("tls.key"), &pair.key).unwrap();
    }

    fn names(&self, client_ca: Option<&Authority>) -> TlsFiles {
        let client_ca_file = client_ca.map(|authority| {
            fs::write(self.path("callers.crt"), authority.pem()).unwrap();
            self.path("callers.crt")
        });
        TlsFiles { cert_file: self.path("tls.crt"), key_file: self.path("tls.key"), client_ca_file }
    }
}

async fn start(tls: &Tls) -> Edge {
    Edge::start(Options { tls: Some(tls.clone()), ..options() }).await
}

/// The status and version of an answer to a caller that trusts one authority, or the chain of its failure.
async fn call(
    edge: &Edge,
    trusted: &Authority,
    shown: Option<&Pair>,
) -> Result<(u16, reqwest::Version), String> {
    let root = Certificate::from_pem(trusted.pem().as_bytes()).unwrap();
    let mut client = reqwest::Client::builder().no_proxy().tls_certs_only([root]);
    if let Some(Pair { cert, key }) = shown {
        client = client.identity(Identity::from_pem(format!("{cert}{key}").as_bytes()).unwrap());
    }
    let answer = client.build().unwrap().get(format!("https://{}/v1/quick", edge.address)).send().await;
    answer.map(|answer| (answer.status().as_u16(), answer.version())).map_err(|error| format!("{error:?}"))
}

const SERVED: Result<(u16, reqwest::Version), String> = Ok((200, reqwest::Version::HTTP_2));

#[tokio::test]
async fn callers_that_trust_the_certificate_are_served_over_http_2() {
    let authority = Authority::new();
    let files = Files::new(&authority.issue());
    let edge = start(&Tls::load(files.names(None)).unwrap()).await;
    assert_eq!(call(&edge, &authority, None).await, SERVED);
    assert!(call(&edge, &Authority::new(), None).await.is_err(), "another authority");
}

#[tokio::test]
async fn callers_show_a_certificate_of_the_right_authority_or_are_not_served() {
    let (authority, callers) = (Authority::new(), Authority::new());
    let own = authority.issue();
    let files = Files::new(&own);
    let edge = start(&Tls::load(files.names(Some(&callers))).unwrap()).await;
    assert_eq!(call(&edge, &authority, Some(&callers.issue())).await, SERVED);
    assert!(call(&edge, &authority, None).await.is_err(), "no certificate");
    assert!(call(&edge, &authority, Some(&authority.issue())).await.is_err(), "of another authority");
    assert!(call(&edge, &authority, Some(&own)).await.is_err(), "the gateway's own");
}

#[tokio::test]
async fn new_certificates_are_shown_without_a_restart() {
    let (old, new) = (Authority::new(), Authority::new());
    let files = Files::new(&old.issue());
    let tls = Tls::load(files.names(None)).unwrap();
    let edge = start(&tls).await;
    assert!(!tls.reload().unwrap(), "nothing has changed");
    files.show(&new.issue());
    assert!(tls.reload().unwrap());
    assert_eq!(call(&edge, &new, None).await, SERVED);
    assert!(call(&edge, &old, None).await.is_err());
}

#[tokio::test]
async fn files_that_are_no_good_leave_the_old_certificate_in_use() {
    let authority = Authority::new();
    let files = Files::new(&authority.issue());
    let tls = Tls::load(files.names(None)).unwrap();
    let edge = start(&tls).await;
    fs::write(files.path("tls.crt"), "half a file").unwrap();
    assert!(tls.reload().is_err());
    assert_eq!(call(&edge, &authority, None).await, SERVED);
}

#[tokio::test]
async fn plain_http_on_the_port_of_tls_is_not_answered() {
    let authority = Authority::new();
    let files = Files::new(&authority.issue());
    let edge = start(&Tls::load(files.names(None)).unwrap()).await;
    let answer = edge.send("GET /v1/quick HTTP/1.1\r\nHost: gateway\r\n\r\n").await.rest().await;
    assert!(!answer.contains("HTTP/1.1"), "{answer}");
}

#[test_case("tls.crt", None => "the TLS file tls.crt cannot be read"; "no certificate file")]
#[test_case("tls.key", None => "the TLS file tls.key cannot be read"; "no key file")]
#[test_case("tls.crt", Some("") => "tls.crt holds no certificate; it should have a part that begins with -----BEGIN CERTIFICATE-----"; "nothing in it")]
#[test_case("tls.crt", Some("-----BEGIN CERTIFICATE-----\nx") => "tls.crt is not PEM as it should be"; "half of it")]
#[test_case("tls.key", Some("-----BEGIN ENCRYPTED PRIVATE KEY-----\nYQ==\n-----END ENCRYPTED PRIVATE KEY-----\n") => "tls.key holds no private key; it should have a part that begins with -----BEGIN PRIVATE KEY-----, without a passphrase"; "a key with a passphrase")]
#[test_case("callers.crt", Some("") => "callers.crt holds no certificate; it should have a part that begins with -----BEGIN CERTIFICATE-----"; "no roots")]
fn a_bad_file_is_named(name: &str, content: Option<&str>) -> String {
    let authority = Authority::new();
    let files = Files::new(&authority.issue());
    let names = files.names(Some(&authority));
    match content {
        None => fs::remove_file(files.path(name)).unwrap(),
        Some(content) => fs::write(files.path(name), content).unwrap(),
    }
    message(names, files.directory.path())
}

#[test]
fn the_key_of_another_certificate_is_refused() {
    let authority = Authority::new();
    let files = Files::new(&authority.issue());
    fs::write(files.path("tls.key"), authority.issue().key).unwrap();
    assert_eq!(
        message(files.names(None), files.directory.path()),
        "the certificate in tls.crt and the key in tls.key cannot be used together"
    );
}

fn message(names: TlsFiles, directory: &Path) -> String {
    let prefix = format!("{}/", directory.display());
    Tls::load(names).unwrap_err().to_string().replace(&prefix, "")
}
