//! Caller keys: who may call, and when that must be said.

use sha2::{Digest, Sha256};
use test_case::test_case;

use crate::documents::instance;
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
