//! Feishu over HTTPS: the HTTP version that both prefer, whom the gateway trusts, and what it says when it trusts nobody.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::Request;
use axum::http::Version;
use axum::{Json, Router};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use tempfile::TempPath;
use test_case::test_case;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use crate::binary::documents::instance;
use crate::binary::tls::{Authority, authority, issue};
use crate::process::{Running, answer, environment, file, run, start_feishu};

/// Where no certificates are.
const NO_CERTIFICATES: [(&str, &str); 2] =
    [("SSL_CERT_FILE", "/nowhere/ca.pem"), ("SSL_CERT_DIR", "/nowhere")];

/// A server in Feishu's place that says yes to everything, over TLS.
struct TlsServer {
    origin: String,
    /// The certificate to trust.
    authority: TempPath,
    /// The HTTP version of each request.
    versions: Arc<Mutex<Vec<Version>>>,
    connections: Arc<AtomicUsize>,
}

impl TlsServer {
    /// With these protocols in ALPN. Each connection answers so many requests and then falls silent.
    async fn start(protocols: &[&str], answered: usize) -> Self {
        let trusted = authority();
        let acceptor = TlsAcceptor::from(Arc::new(config(&trusted, protocols)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("https://{}", listener.local_addr().unwrap());
        let versions = Arc::<Mutex<Vec<Version>>>::default();
        let connections = Arc::<AtomicUsize>::default();
        let (seen, count) = (Arc::clone(&versions), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (acceptor, router) = (acceptor.clone(), router(Arc::clone(&seen), answered));
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let builder = Builder::new(TokioExecutor::new());
                    let service = TowerToHyperService::new(router);
                    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { origin, authority: file(&trusted.pem()), versions, connections }
    }

    fn gateway(&self, certificates: &str) -> Running {
        let environment = [
            ("GATEWAY_FEISHU__BASE_URL", self.origin.as_str()),
            ("GATEWAY_FEISHU__APP_ID", "cli_a"),
            ("GATEWAY_FEISHU__APP_SECRET", "secret"),
            ("SSL_CERT_FILE", certificates),
        ];
        Running::start(&["serve", "--listen", "127.0.0.1:0"], &environment)
    }

    fn trusted(&self) -> &str {
        self.authority.to_str().unwrap()
    }

    fn versions(&self) -> Vec<Version> {
        self.versions.lock().unwrap().clone()
    }
}

fn config(authority: &Authority, protocols: &[&str]) -> ServerConfig {
    let (certificate, key) = issue(authority);
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    config
}

/// What one connection answers.
fn router(versions: Arc<Mutex<Vec<Version>>>, answered: usize) -> Router {
    let requests = Arc::<AtomicUsize>::default();
    Router::new().fallback(move |request: Request| {
        versions.lock().unwrap().push(request.version());
        let is_answered = requests.fetch_add(1, Ordering::SeqCst) < answered;
        async move {
            if !is_answered {
                std::future::pending::<()>().await;
            }
            Json(json!({"code": 0, "tenant_access_token": "t-1", "expire": 7200, "data": {}}))
        }
    })
}

#[test_case(&["h2", "http/1.1"] => Version::HTTP_2; "both")]
#[test_case(&["http/1.1"] => Version::HTTP_11; "the old one")]
#[test_case(&[] => Version::HTTP_11; "none is named")]
#[tokio::test(flavor = "multi_thread")]
async fn a_push_goes_over_the_http_that_both_ends_prefer(protocols: &[&str]) -> Version {
    let server = TlsServer::start(protocols, usize::MAX).await;
    let gateway = server.gateway(server.trusted());
    for id in ["a", "b"] {
        let (status, answer) = gateway.put(id, "", &instance(id)).await;
        assert_eq!(status, 200, "{answer}");
    }
    let versions = server.versions();
    // A token and two pushes, over one connection.
    assert_eq!((versions.len(), server.connections.load(Ordering::SeqCst)), (3, 1));
    assert!(versions.iter().all(|version| *version == versions[0]), "{versions:?}");
    versions[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_of_http_2_that_fell_silent_costs_one_attempt_and_is_replaced() {
    let server = TlsServer::start(&["h2"], 2).await;
    let gateway = server.gateway(server.trusted());
    for id in ["a", "b"] {
        let (status, answer) = gateway.put(id, "", &instance(id)).await;
        assert_eq!(status, 200, "{answer}");
    }
    // A token, a push, and the push that was tried twice.
    assert_eq!((server.versions().len(), server.connections.load(Ordering::SeqCst)), (4, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_in_a_hurry_get_over_a_connection_of_http_2_that_fell_silent() {
    let server = TlsServer::start(&["h2"], 2).await;
    let gateway = server.gateway(server.trusted());
    assert_eq!(gateway.put("a", "", &instance("a")).await.0, 200);
    let mut statuses = Vec::new();
    while statuses.last() != Some(&200) && statuses.len() < 8 {
        let id = format!("b{}", statuses.len());
        let request = gateway.request("PUT", &format!("/v1/instances/{id}"), &instance(&id));
        statuses.push(answer(request.header("x-request-timeout-ms", "700")).await.0);
    }
    assert_eq!(statuses.last(), Some(&200), "{statuses:?}");
}

/// Passes connections on until it is told to stop, and then holds them open without a word. Says when one was closed.
async fn relay_until(stopped: Arc<Notify>, closed: Arc<Notify>, to: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut far = TcpStream::connect(to.trim_start_matches("https://")).await.unwrap();
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut near, &mut far) => panic!("closed too early"),
            () = stopped.notified() => {}
        }
        let _ = tokio::io::copy(&mut near, &mut tokio::io::sink()).await;
        closed.notify_one();
    });
    origin
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_of_http_2_is_pinged_and_closed_when_nobody_answers() {
    let mut server = TlsServer::start(&["h2"], usize::MAX).await;
    let (stopped, closed) = (Arc::<Notify>::default(), Arc::<Notify>::default());
    server.origin = relay_until(Arc::clone(&stopped), Arc::clone(&closed), server.origin).await;
    let gateway = server.gateway(server.trusted());
    assert_eq!(gateway.put("a", "", &instance("a")).await.0, 200);
    stopped.notify_one();
    // Sooner than the idle timeout, which would close it as well.
    tokio::time::timeout(Duration::from_secs(25), closed.notified()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_whom_nobody_trusted_vouches_for() {
    let server = TlsServer::start(&["h2"], usize::MAX).await;
    let other = file(&authority().pem());
    let gateway = server.gateway(other.to_str().unwrap());
    let (status, problem) = gateway.put("a", "", &instance("a")).await;
    assert_eq!(
        (status, &problem["code"], &problem["outcome"]),
        (503, &json!("upstream_unavailable"), &json!("not_sent"))
    );
    assert_eq!(server.versions(), []);
    let log = gateway.stop().await.stderr;
    assert!(log.contains("invalid peer certificate"), "{log}");
}

#[test]
fn without_any_certificates_an_upstream_over_https_stops_the_start_and_the_cure_is_named() {
    let app = [("GATEWAY_FEISHU__APP_ID", "cli_a"), ("GATEWAY_FEISHU__APP_SECRET", "secret")];
    let ended = run(&["serve", "--listen", "127.0.0.1:0"], &[NO_CERTIFICATES, app].concat(), b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    for word in ["CA certificate store", "ca-certificates", "SSL_CERT_FILE"] {
        assert!(ended.stderr.contains(word), "{}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_certificates_an_upstream_over_plain_http_is_served() {
    let feishu = start_feishu().await;
    let variables = [&NO_CERTIFICATES[..], &environment(&feishu)].concat();
    let gateway = Running::start(&["serve"], &variables);
    assert_eq!(gateway.put("a", "", &instance("a")).await.0, 200);
    let sandbox = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &NO_CERTIFICATES);
    assert_eq!(sandbox.put("a", "", &instance("a")).await.0, 200);
}
