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

#[tokio::test(flavor = "multi_thread")]
async fn the_signal_to_read_again_does_not_end_a_gateway_without_keys() {
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &[]);
    gateway.hang_up();
    assert_eq!(gateway.put("a", "", &instance("a")).await.0, 200);
    assert_eq!(gateway.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_app_has_a_stand_in_of_its_own() {
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
