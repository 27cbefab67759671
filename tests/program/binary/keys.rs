//! Caller keys: who may call, and when that must be said.

use sha2::{Digest, Sha256};
use test_case::test_case;

use crate::binary::documents::instance;
use crate::feishu::FOR_EVER;
use crate::process::{Running, answer, file, run};

const KEY: &str = "caller-key-9fT2";

fn keys_file() -> tempfile::TempPath {
    file(&format!("# comment\nerp {}\n", hex::encode(Sha256::digest(KEY))))
}

#[test_case("127.0.0.1:0"; "on loopback")]
#[test_case("0.0.0.0:0"; "on every address")]
#[tokio::test(flavor = "multi_thread")]
async fn with_a_keys_file_only_its_keys_are_let_in(listen: &str) {
    let keys = keys_file();
    let environment = [("GATEWAY_AUTH__KEYS_FILE", keys.to_str().unwrap())];
    let gateway = Running::start(&["serve", "--sandbox", "--listen", listen], &environment);
    let request = || gateway.request("PUT", "/v1/instances/a", &instance("a"));
    let (status, problem) = answer(request()).await;
    assert_eq!((status, problem["code"].as_str()), (401, Some("unauthorized")));
    assert_eq!(answer(request().bearer_auth("wrong")).await.0, 401);
    assert_eq!(answer(request().bearer_auth(KEY)).await.0, 200);
    assert_eq!(gateway.get("/livez").await.0, 200);
}

#[test_case("0.0.0.0:0"; "every address")]
#[test_case("[::]:0"; "every address of version six")]
fn address_that_others_reach_is_refused_without_keys(listen: &str) {
    let ended = run(&["serve", "--sandbox", "--listen", listen], &[], b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("GATEWAY_AUTH__KEYS_FILE"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_access_may_be_allowed_on_purpose() {
    let environment = [("GATEWAY_AUTH__ALLOW_ANONYMOUS", "true")];
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "0.0.0.0:0"], &environment);
    assert_eq!(gateway.put("a", "", &instance("a")).await.0, 200);
}

#[test]
fn keys_file_that_does_not_exist_is_named() {
    let environment = [("GATEWAY_AUTH__KEYS_FILE", "/nowhere/keys")];
    let ended = run(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment, b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("/nowhere/keys"), "{}", ended.stderr);
}

/// Sends until the answer has this status; every round is a round trip.
async fn until(gateway: &Running, key: &str, status: u16) {
    let polling = async {
        let path = "/v1/instances/a/preview";
        while answer(gateway.request("POST", path, &instance("a")).bearer_auth(key)).await.0 != status {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(FOR_EVER, polling).await.unwrap();
}

#[test_case(false; "by itself")]
#[test_case(true; "when told to")]
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_refused_and_a_new_one_let_in_without_a_restart(signalled: bool) {
    let keys = keys_file();
    let environment = [("GATEWAY_AUTH__KEYS_FILE", keys.to_str().unwrap())];
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment);
    until(&gateway, KEY, 200).await;

    let change = |content: &str| {
        std::fs::write(&keys, content).unwrap();
        if signalled {
            gateway.hang_up();
        }
    };
    change(&format!("erp {}\n", hex::encode(Sha256::digest("another"))));
    until(&gateway, KEY, 401).await;
    until(&gateway, "another", 200).await;

    change("not a key file");
    change(&format!("erp {}\n", hex::encode(Sha256::digest(KEY))));
    until(&gateway, "another", 401).await;
    until(&gateway, KEY, 200).await;
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_becomes_useless_is_logged_and_changes_nothing() {
    let keys = keys_file();
    let environment = [("GATEWAY_AUTH__KEYS_FILE", keys.to_str().unwrap())];
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment);
    std::fs::write(&keys, "erp app=nowhere\n").unwrap();
    gateway.until_logged("cannot be used").await;
    until(&gateway, KEY, 200).await;
}

/// Whether a metric line is there; every round is a round trip.
async fn until_measured(gateway: &Running, line: &str) {
    let polling = async {
        loop {
            let text = gateway.request("GET", "/metrics", &serde_json::Value::Null).send().await.unwrap();
            if text.text().await.unwrap().lines().any(|found| found == line) {
                return;
            }
        }
    };
    tokio::time::timeout(FOR_EVER, polling).await.unwrap();
}

/// A FIFO in the file's place: reading it hangs, as on a mount that is gone.
fn hang(path: &std::path::Path) {
    std::fs::remove_file(path).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_hangs_is_reported_and_the_next_one_takes_effect() {
    let directory = tempfile::TempDir::new().unwrap();
    let keys = directory.path().join("keys");
    std::fs::copy(keys_file(), &keys).unwrap();
    let environment = [("GATEWAY_AUTH__KEYS_FILE", keys.to_str().unwrap())];
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment);
    until_measured(&gateway, r#"gateway_files_current{file="caller_keys"} 1"#).await;
    hang(&keys);
    gateway.until_logged("cannot be used").await;
    until_measured(&gateway, r#"gateway_files_current{file="caller_keys"} 0"#).await;

    std::fs::remove_file(&keys).unwrap();
    std::fs::write(&keys, format!("erp {}\n", hex::encode(Sha256::digest("another")))).unwrap();
    gateway.hang_up();
    until(&gateway, KEY, 401).await;
    until_measured(&gateway, r#"gateway_files_current{file="caller_keys"} 1"#).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_hangs_does_not_hold_up_the_end() {
    let directory = tempfile::TempDir::new().unwrap();
    let keys = directory.path().join("keys");
    std::fs::copy(keys_file(), &keys).unwrap();
    let environment = [("GATEWAY_AUTH__KEYS_FILE", keys.to_str().unwrap())];
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment);
    hang(&keys);
    gateway.until_logged("cannot be used").await;
    assert_eq!(gateway.stop().await.code, Some(0));
}

#[test_case("GATEWAY_AUTH__KEYS_FILE"; "caller keys")]
#[test_case("GATEWAY_FEISHU__APP_SECRET_FILE"; "the secret")]
#[test_case("GATEWAY_SERVER__TLS__CERT_FILE"; "the certificate")]
#[test_case("GATEWAY_CONFIG"; "the configuration")]
fn a_file_that_hangs_at_the_start_is_named(variable: &str) {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("hung");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let path = path.to_str().unwrap();
    let mut environment =
        vec![(variable, path), ("GATEWAY_LISTEN", "127.0.0.1:0"), ("GATEWAY_FEISHU__APP_ID", "cli_a")];
    if variable != "GATEWAY_FEISHU__APP_SECRET_FILE" {
        environment.push(("GATEWAY_FEISHU__APP_SECRET", "secret"));
    }
    if variable == "GATEWAY_SERVER__TLS__CERT_FILE" {
        environment.push(("GATEWAY_SERVER__TLS__KEY_FILE", path));
    }
    let ended = run(&["serve"], &environment, b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains(path) && ended.stderr.contains("within five seconds"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signal_to_read_again_does_not_end_a_gateway_without_keys() {
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &[]);
    gateway.hang_up();
    assert_eq!(gateway.put("a", "", &instance("a")).await.0, 200);
    assert_eq!(gateway.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_app_has_a_sandbox_of_its_own() {
    let keys = file(&format!("erp {} app=erp\n", hex::encode(Sha256::digest(KEY))));
    let environment = [
        ("GATEWAY_AUTH__KEYS_FILE", keys.to_str().unwrap()),
        ("GATEWAY_AUTH__ALLOW_ANONYMOUS", "true"),
        ("GATEWAY_FEISHU__REGION", "feishu"),
        ("GATEWAY_APPS__ERP__REGION", "feishu"),
    ];
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment);
    let push = gateway.request("PUT", "/v1/instances/a", &instance("a")).bearer_auth(KEY);
    assert_eq!(answer(push).await.0, 200);
    assert_eq!(gateway.get("/sandbox/instances/a").await.0, 404);
    assert_eq!(gateway.get("/apps/erp/sandbox/instances/a").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_made_by_the_program_is_let_in_by_the_gateway() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let environment = [("GATEWAY_AUTH__KEYS_FILE", path.to_str().unwrap())];
    let made = run(&["key", "new", "erp", "--scope", "read"], &environment, b"");
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let key = made.stdout.strip_suffix('\n').unwrap();
    assert!(!made.stderr.contains(key) && !std::fs::read_to_string(&path).unwrap().contains(key));
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment);
    let preview = gateway.request("POST", "/v1/instances/a/preview", &instance("a"));
    assert_eq!(answer(preview.bearer_auth(key)).await.0, 200);
    assert_eq!(
        answer(gateway.request("PUT", "/v1/instances/a", &instance("a")).bearer_auth(key)).await.0,
        403
    );
    let second = run(&["key", "new", "erp", "--keys-file", path.to_str().unwrap()], &[], b"");
    let second = second.stdout.trim_end().to_owned();
    loop {
        let request = gateway.request("PUT", "/v1/instances/a", &instance("a"));
        if answer(request.bearer_auth(&second)).await.0 == 200 {
            break;
        }
        tokio::task::yield_now().await;
    }
}

#[test_case(&["key", "new", "erp"], "--keys-file"; "no file")]
#[test_case(&["key", "new", "two words", "--keys-file", "/nowhere/keys"], "a name has"; "no name")]
#[test_case(&["key", "new", "erp", "--keys-file", "/nowhere/keys"], "/nowhere/keys"; "a directory that is not there")]
#[test_case(&["key", "new", "erp", "--scope", "admin", "--keys-file", "/nowhere/keys"], "read, write and operate"; "no scope")]
#[test_case(&["key", "new", "erp", "--app", "No App", "--keys-file", "/nowhere/keys"], "app"; "no app")]
fn a_key_that_cannot_be_made_is_not_printed(args: &[&str], told: &str) {
    let ended = run(args, &[], b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
}
