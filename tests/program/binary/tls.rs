//! `serve` with TLS: what it announces, how it is asked whether it is well, and new certificates without a restart.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::{Certificate, Client, Identity};
use tempfile::TempDir;

use crate::feishu::FOR_EVER;
use crate::process::{Running, run};

pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate and its key, as PEM.
pub(crate) fn issue(authority: &Authority) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    (params.signed_by(&key, authority).unwrap().pem(), key.serialize_pem())
}

struct Files(TempDir);

impl Files {
    fn new(authority: &Authority) -> Self {
        let files = Self(TempDir::new().unwrap());
        files.renew(authority);
        files
    }

    fn renew(&self, authority: &Authority) {
        let (cert, key) = issue(authority);
        self.write("tls.crt", &cert);
        self.write("tls.key", &key);
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path: PathBuf = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
}

fn start(environment: &[(&str, &str)]) -> Running {
    Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], environment)
}

/// Whether a caller that trusts the authority is answered.
async fn is_answered(gateway: &Running, trusted: &Authority, shown: Option<(String, String)>) -> bool {
    let root = Certificate::from_pem(trusted.pem().as_bytes()).unwrap();
    let mut client = Client::builder().no_proxy().tls_certs_only([root]);
    if let Some((cert, key)) = shown {
        client = client.identity(Identity::from_pem(format!("{cert}{key}").as_bytes()).unwrap());
    }
    client.build().unwrap().get(format!("{}/livez", gateway.origin)).send().await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_with_tls_says_so_and_is_found_well() {
    let authority = authority();
    let files = Files::new(&authority);
    let (cert, key) = (files.path("tls.crt"), files.path("tls.key"));
    let mut environment = vec![
        ("GATEWAY_SERVER__TLS__CERT_FILE", cert.as_str()),
        ("GATEWAY_SERVER__TLS__KEY_FILE", key.as_str()),
    ];
    let gateway = start(&environment);
    assert!(gateway.origin.starts_with("https://127.0.0.1:"), "{}", gateway.origin);
    assert!(is_answered(&gateway, &authority, None).await);
    let listen = format!("127.0.0.1:{}", gateway.port());
    environment.push(("GATEWAY_LISTEN", &listen));
    let ended = run(&["healthcheck"], &environment, b"");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_asks_for_certificates_is_found_well_on_its_admin_listener() {
    let (authority, callers) = (authority(), authority());
    let files = Files::new(&authority);
    let (cert, key) = (files.path("tls.crt"), files.path("tls.key"));
    let roots = files.write("callers.crt", &callers.pem());
    let tls = [
        ("GATEWAY_SERVER__TLS__CERT_FILE", cert.as_str()),
        ("GATEWAY_SERVER__TLS__KEY_FILE", key.as_str()),
        ("GATEWAY_SERVER__TLS__CLIENT_CA_FILE", roots.as_str()),
    ];
    let mut gateway = start(&[&tls[..], &[("GATEWAY_ADMIN__LISTEN", "127.0.0.1:0")]].concat());
    let line = gateway.next_line();
    let admin = line.strip_prefix("admin listening on http://").unwrap();
    assert!(!is_answered(&gateway, &authority, None).await, "without a certificate");
    assert!(is_answered(&gateway, &authority, Some(issue(&callers))).await);

    let listen = format!("127.0.0.1:{}", gateway.port());
    let mut environment = [&tls[..], &[("GATEWAY_LISTEN", listen.as_str())]].concat();
    let without = run(&["healthcheck"], &environment, b"");
    assert_eq!(without.code, Some(1));
    assert!(without.stderr.contains("set admin.listen"), "{}", without.stderr);
    environment.push(("GATEWAY_ADMIN__LISTEN", admin));
    let with = run(&["healthcheck"], &environment, b"");
    assert_eq!((with.code, with.stderr.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn new_certificates_are_shown_after_sighup() {
    let (old, new) = (authority(), authority());
    let files = Files::new(&old);
    let (cert, key) = (files.path("tls.crt"), files.path("tls.key"));
    let environment =
        [("GATEWAY_SERVER__TLS__CERT_FILE", cert.as_str()), ("GATEWAY_SERVER__TLS__KEY_FILE", key.as_str())];
    let gateway = start(&environment);
    assert!(is_answered(&gateway, &old, None).await);
    files.renew(&new);
    gateway.hang_up();
    let polling = async {
        while !is_answered(&gateway, &new, None).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(FOR_EVER, polling).await.unwrap();
    assert!(!is_answered(&gateway, &old, None).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn sighup_does_not_end_a_gateway_that_has_nothing_to_read() {
    let gateway = start(&[]);
    gateway.hang_up();
    assert_eq!(gateway.get("/livez").await.0, 200);
    assert_eq!(gateway.stop().await.code, Some(0));
}

#[test]
fn a_file_that_is_no_good_stops_the_start_and_is_named() {
    let files = Files::new(&authority());
    let cert = files.write("tls.crt", "no certificate");
    let key = files.path("tls.key");
    let environment =
        [("GATEWAY_SERVER__TLS__CERT_FILE", cert.as_str()), ("GATEWAY_SERVER__TLS__KEY_FILE", key.as_str())];
    let ended = run(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment, b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains(&format!("{cert} holds no certificate")), "{}", ended.stderr);
}

#[test]
fn half_of_the_settings_is_an_error_that_names_the_other() {
    let environment = [("GATEWAY_SERVER__TLS__CERT_FILE", "/nowhere")];
    let ended = run(&["serve", "--sandbox"], &environment, b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("GATEWAY_SERVER__TLS__KEY_FILE"), "{}", ended.stderr);
}
