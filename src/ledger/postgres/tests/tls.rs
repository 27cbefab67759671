//! Connections to a server that shows a certificate which the test has made.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use super::super::{OpenError, PostgresSettings, PostgresTls, examine};
use super::server::Server;
use super::{accept, content, open, settings};
use crate::ledger::Ledger as _;
use crate::support::clock::Clock;
use crate::support::error_chain::ErrorChain;

/// Where the server listens: an address of this machine that nothing else uses.
const ADDRESS: &str = "127.83.19.7";

/// A certificate authority of its own.
fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Lets the server show a certificate for this name, and takes nobody without TLS.
fn protect(server: &Server, authority: &CertifiedIssuer<'static, KeyPair>, name: &str) {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, authority).unwrap();
    let data = server.directory().join("data");
    let write = |name: &str, text: &str| {
        let path = data.join(name);
        fs::write(&path, text).unwrap();
        let owner = fs::metadata(&data).unwrap();
        chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    write("server.crt", &certificate.pem());
    write("server.key", &key.serialize_pem());
    write("pg_hba.conf", "local all all trust\nhostssl all all 127.0.0.0/8 trust\n");
    server.sql("postgres", "alter system set ssl = on");
    server.control("restart", "fast");
}

/// How the database is reached over the network.
fn over_tcp(database: &str, tls: PostgresTls) -> PostgresSettings {
    PostgresSettings { tls, ..settings(&format!("postgres://postgres@{ADDRESS}/{database}")) }
}

fn verified(ca_file: PathBuf) -> PostgresTls {
    PostgresTls::Verified { ca_file: Some(ca_file) }
}

fn pem_file(directory: &Path, name: &str, authority: &CertifiedIssuer<'static, KeyPair>) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, authority.pem()).unwrap();
    path
}

/// Why a connection is refused, by a gateway and by its doctor.
async fn refusal(settings: &PostgresSettings) -> String {
    let error = open(settings, Clock::System).await.unwrap_err();
    let told = ErrorChain(&error).to_string();
    assert_eq!(ErrorChain(&examine(settings).await.unwrap_err()).to_string(), told);
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error:?}");
    told
}

#[tokio::test]
async fn a_server_is_believed_only_with_a_certificate_for_its_name_from_the_authority_that_is_named() {
    let Some(server) = Server::start(&[&format!("listen_addresses = '{ADDRESS}'")]) else { return };
    let (named, other) = (authority("the right one"), authority("another one"));
    let directory = tempfile::tempdir().unwrap();
    let ca_file = pem_file(directory.path(), "ca.pem", &named);
    let others = pem_file(directory.path(), "others.pem", &other);
    let database = server.database(None);
    protect(&server, &named, ADDRESS);

    for tls in [verified(ca_file.clone()), PostgresTls::Unverified] {
        let settings = over_tcp(&database, tls);
        let ledger = open(&settings, Clock::System).await.unwrap();
        accept(&ledger, "a", "one").await.unwrap();
        assert_eq!(content(&ledger, "a").await.as_deref(), Some("one"));
        let encrypted = "select count(*) from pg_stat_ssl join pg_stat_activity using (pid) \
             where application_name = 'approval-gateway' and ssl";
        assert_ne!(server.sql(&database, encrypted), "0");
        ledger.close().await;
    }
    let foreign = refusal(&over_tcp(&database, verified(others))).await;
    assert!(foreign.contains(&format!("{database} on {ADDRESS}:5432 cannot be reached")), "{foreign}");
    assert!(foreign.contains("invalid peer certificate: UnknownIssuer"), "{foreign}");
    let plain = refusal(&over_tcp(&database, PostgresTls::Off)).await;
    assert!(plain.contains("no encryption"), "{plain}");

    protect(&server, &named, "127.83.19.8");
    let misnamed = refusal(&over_tcp(&database, verified(ca_file))).await;
    assert!(misnamed.contains("certificate not valid for name \"127.83.19.7\""), "{misnamed}");
    let ledger = open(&over_tcp(&database, PostgresTls::Unverified), Clock::System).await.unwrap();
    ledger.close().await;
}
