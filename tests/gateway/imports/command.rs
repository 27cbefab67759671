//! `approval-gateway import`, as it is typed.

use std::io::Write as _;
use std::process::{Command, Stdio};

use approval_gateway::ledger::{DeliveryResult, DeliveryState, Report, StoredProblem};
use serde_json::{Value, json};
use test_case::test_case;

use super::support::line;
use crate::durable::support::Kept;
use crate::harness::Gateway;

struct Ended {
    code: Option<i32>,
    stderr: String,
}

/// Runs the command on these lines, which are a file, or come from standard input.
async fn import(gateway: &Gateway, lines: String, more: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_approval-gateway"));
    command.env_clear().args(["import", "--gateway", &gateway.origin()]).args(more);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    tokio::task::spawn_blocking(move || {
        let file = tempfile::NamedTempFile::new().unwrap();
        let from_stdin = command.get_args().any(|argument| argument == "-");
        if !from_stdin {
            std::fs::write(file.path(), &lines).unwrap();
            command.arg(file.path());
        }
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let writing = std::thread::spawn(move || {
            if from_stdin {
                // A command that breaks off does not read to the end.
                let _ = input.write_all(lines.as_bytes());
            }
        });
        let output = child.wait_with_output().unwrap();
        writing.join().unwrap();
        assert!(output.stdout.is_empty());
        Ended { code: output.status.code(), stderr: String::from_utf8(output.stderr).unwrap() }
    })
    .await
    .unwrap()
}

fn lines(count: usize) -> String {
    (0..count).map(|number| line(&format!("i{number}")) + "\n").collect()
}

#[test_case(&[]; "from a file")]
#[test_case(&["-"]; "from standard input")]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_sent_and_its_delivery_awaited(more: &[&str]) {
    let kept = Kept::start().await;
    let ended = import(&kept.gateway, lines(300), more).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("300 lines read: 300 accepted, 0 unchanged, 0 invalid"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("300 delivered, 0 refused"), "{}", ended.stderr);
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 300);
    let again = import(&kept.gateway, lines(300), more).await;
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(again.stderr.contains("0 accepted, 300 unchanged"), "{}", again.stderr);
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_is_kept_with_its_problem_and_its_document() {
    let kept = Kept::start().await;
    let fault = json!({"api": "external_instances", "code": 99_992_402, "msg": "no", "times": 1});
    kept.gateway.feishu.fault(fault).await;
    let directory = tempfile::tempdir().unwrap();
    let rejects = directory.path().join("rejects.ndjson");
    let file = format!("{}\n\n{{\"instance_id\": \"b\", \"n\": 1.50}}\nno json\n", line("a"));
    let ended = import(&kept.gateway, file, &["--rejects", rejects.to_str().unwrap()]).await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("3 lines read: 1 accepted, 0 unchanged, 2 invalid"), "{}", ended.stderr);
    let text = std::fs::read_to_string(&rejects).unwrap();
    assert!(text.contains(r#""document":{"instance_id": "b", "n": 1.50}"#), "as it was sent: {text}");
    let rejects: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shown = |reject: &Value| {
        let code = reject["problem"]["code"].as_str().unwrap();
        format!("{} {} {code}", reject["line"], reject["status"].as_str().unwrap())
    };
    assert_eq!(
        rejects.iter().map(shown).collect::<Vec<_>>(),
        ["3 invalid validation_failed", "4 invalid invalid_json", "null refused upstream_rejected"]
    );
    assert_eq!(
        (&rejects[1]["text"], &rejects[2]["document"]["instance_id"]),
        (&json!("no json"), &json!("a"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn accepting_is_enough_where_that_is_asked_for() {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    let ended = import(&kept.gateway, lines(3), &["--accept-only"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let invalid = import(&kept.gateway, "[]".to_owned(), &["--accept-only"]).await;
    assert_eq!(invalid.code, Some(1));
    assert!(invalid.stderr.contains("line 1 invalid: validation_failed"), "{}", invalid.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_import_is_no_success() {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    let gateway = kept.gateway.clone();
    let importing = tokio::spawn(async move { import(&gateway, lines(3), &[]).await });
    crate::harness::until(|| async { kept.gateway.get("/v1/imports/1").await.body["accepted"] == 3 }).await;
    kept.gateway.send("PATCH", "/v1/imports/1", &json!({"state": "canceled"})).await.ok();
    let ended = importing.await.unwrap();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("3 canceled (canceled)"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_says_why() {
    let gateway = Gateway::start().await;
    let off = import(&gateway, lines(1), &[]).await;
    assert_eq!(off.code, Some(1));
    assert!(off.stderr.contains("ledger_off"), "{}", off.stderr);
    let kept = Kept::with(|builder| builder.key("key-of-erp", "")).await;
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key");
    std::fs::write(&key, "key-of-erp\n").unwrap();
    assert!(import(&kept.gateway, lines(1), &[]).await.stderr.contains("unauthorized"));
    let ended = import(&kept.gateway, lines(1), &["--key-file", key.to_str().unwrap()]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test_case(&["--rejects", "/nowhere/rejects"], "/nowhere/rejects"; "rejects that cannot be written")]
#[test_case(&["--key-file", "/nowhere/key"], "/nowhere/key"; "a key that cannot be read")]
#[test_case(&["--per-minute", "0"], "per-minute"; "no bound")]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_when_something_is_missing(more: &[&str], told: &str) {
    let kept = Kept::start().await;
    let ended = import(&kept.gateway, lines(1), more).await;
    assert_ne!(ended.code, Some(0));
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    assert_eq!(kept.gateway.get("/v1/imports").await.ok()["items"], json!([]));
}

/// How a conflict with a version of somebody else's is reported.
fn conflict() -> DeliveryResult {
    DeliveryResult::Conflict {
        version: None,
        problem: StoredProblem::new("conflict", r#"{"code":"conflict"}"#),
    }
}

#[test_case(true; "found before it was delivered")]
#[test_case(false; "found after it was delivered")]
#[tokio::test(flavor = "multi_thread")]
async fn an_import_with_a_conflict_is_no_success_and_names_it(waits: bool) {
    let kept = Kept::start().await;
    // The last line waits, so that the import goes on until the conflict is there.
    let skip = if waits { 0 } else { 1 };
    let fault = json!({"api": "external_instances", "http_status": 503, "times": 0, "skip": skip});
    kept.gateway.feishu.fault(fault).await;
    let directory = tempfile::tempdir().unwrap();
    let rejects = directory.path().join("rejects.ndjson");
    let (gateway, path) = (kept.gateway.clone(), rejects.to_str().unwrap().to_owned());
    let importing = tokio::spawn(async move { import(&gateway, lines(2), &["--rejects", &path]).await });
    let is_read = || async { kept.gateway.get("/v1/imports/1").await.body["read_at"].is_string() };
    crate::harness::until(is_read).await;
    // Both are pushed at once, so either may be the one that is delivered.
    let is_delivered = async |id: &str| kept.record(id).await.state == Some(DeliveryState::Delivered);
    if !waits {
        crate::harness::until(|| async { is_delivered("i0").await || is_delivered("i1").await }).await;
    }
    let id = if is_delivered("i1").await { "i1" } else { "i0" };
    let record = kept.record(id).await;
    let report = Report::new(record.key.clone(), record.desired(), conflict());
    kept.ledger.report(report).await.unwrap();
    kept.gateway.feishu.clear_faults().await;
    kept.gateway.post("/v1/deliveries/retry", &json!({"state": ["pending"]})).await.ok();
    let ended = importing.await.unwrap();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("1 in conflict"), "{}", ended.stderr);
    let rejects = std::fs::read_to_string(&rejects).unwrap();
    let reject: Value = serde_json::from_str(rejects.trim()).unwrap();
    let named = (&reject["instance_id"], &reject["status"], &reject["document"]["instance_id"]);
    assert_eq!(named, (&json!(id), &json!("conflict"), &json!(id)));
}
