//! How an upload goes: both ways at once, broken off, twice at once, and without a ledger.

use serde_json::{Value, json};

use super::support::{Slow, delivered, import, importing, line, shown, standing};
use crate::durable::support::Kept;
use crate::harness::{Gateway, answer, until};

#[tokio::test]
async fn results_come_while_lines_are_still_to_be_sent_however_long_that_takes() {
    let kept = Kept::with(|builder| builder.set("REQUEST__DEADLINE_MS", 150)).await;
    let mut slow = Slow::start(&kept.gateway, format!("{}\n", line("a"))).await;
    assert_eq!(slow.result().await["instance_id"], "a");
    kept.until("a", approval_gateway::ledger::DeliveryState::Delivered).await;
    // Longer than any request may take.
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    slow.send(format!("{}\n{}", line("b"), &line("c")[..10]));
    assert_eq!(slow.result().await["instance_id"], "b");
    slow.send(line("c")[10..].to_owned());
    let location = slow.location();
    let rest: Value = serde_json::from_str(slow.finish().await.trim_end()).unwrap();
    assert_eq!((&rest["line"], &rest["instance_id"]), (&json!(3), &json!("c")));
    assert_eq!(kept.gateway.get(&location).await.ok()["accepted"], 3);
}

#[tokio::test]
async fn what_was_answered_stays_when_the_upload_breaks_off() {
    let kept = Kept::start().await;
    let mut slow = Slow::start(&kept.gateway, format!("{}\n{}", line("a"), &line("b")[..20])).await;
    assert_eq!(slow.result().await["status"], "accepted");
    let location = slow.location();
    slow.break_off();
    until(|| async { kept.gateway.get(&location).await.ok()["delivered"] == 1 }).await;
    let import = kept.gateway.get(&location).await.ok();
    assert_eq!((&import["lines"], import.get("read_at")), (&json!(1), None));
    assert_eq!(kept.gateway.get("/v1/instances/b/delivery").await.status, 404);
}

#[tokio::test]
async fn two_imports_of_one_file_at_once_push_every_document_once() {
    let kept = Kept::start().await;
    let file: String = (0..200).map(|number| line(&format!("i{number}")) + "\n").collect();
    let (first, second) = tokio::join!(import(&kept.gateway, file.clone()), import(&kept.gateway, file));
    let imports = [delivered(&kept, &first).await, delivered(&kept, &second).await];
    let sum = |name: &str| imports.iter().map(|import| import[name].as_i64().unwrap()).sum::<i64>();
    assert_eq!((sum("delivered"), sum("refused"), sum("lines")), (200, 0, 400));
    for (import, answer) in imports.iter().zip([&first, &second]) {
        let accepted = shown(answer).iter().filter(|shown| shown.contains(" accepted 1")).count();
        assert_eq!(import["accepted"], accepted, "results and counts agree");
    }
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 200);
}

#[tokio::test]
async fn a_gateway_that_stops_takes_no_more_lines_and_says_so() {
    let kept = Kept::start().await;
    let mut slow = Slow::start(&kept.gateway, format!("{}\n", line("a"))).await;
    assert_eq!(slow.result().await["status"], "accepted");
    kept.gateway.deliveries.iter().for_each(|delivery| delivery.stop());
    assert_eq!(slow.result().await["code"], "draining");
}

#[tokio::test]
async fn an_import_needs_a_ledger_lines_and_the_scope_write() {
    let gateway = Gateway::start().await;
    assert_eq!(answer(importing(&gateway, "", "")).await.refusal(), (501, "ledger_off"));
    let kept = Kept::with(|builder| builder.key("reads", "scope=read")).await;
    let forbidden = answer(importing(&kept.gateway, "", "").bearer_auth("reads")).await;
    assert_eq!(forbidden.refusal(), (403, "forbidden"));
    let kept = Kept::start().await;
    let documents = kept.gateway.post("/v1/imports", &json!({})).await;
    assert_eq!(documents.refusal(), (415, "unsupported_media_type"));
    let bound = answer(importing(&kept.gateway, "?per_minute=0", "")).await;
    assert_eq!(
        (bound.refusal(), bound.violations()),
        ((422, "validation_failed"), vec!["query /per_minute: invalid_value".to_owned()])
    );
}

#[tokio::test]
async fn a_caller_who_waits_to_be_asked_for_its_body_is_asked() {
    let kept = Kept::start().await;
    let body = line("a");
    let mut connection = kept.gateway.connect().await;
    let head = format!(
        "POST /v1/imports HTTP/1.1\r\nhost: a\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-type: application/x-ndjson\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    connection.send(&head).await;
    let leave = "HTTP/1.1 100 Continue\r\n\r\n";
    assert_eq!(connection.read(leave.len()).await, leave);
    connection.send(&body).await;
    assert!(connection.rest().await.contains("\"status\":\"accepted\""));
}

#[tokio::test]
async fn imports_are_listed_newest_first() {
    let kept = Kept::start().await;
    let [older, newer] = [import(&kept.gateway, line("a")).await, import(&kept.gateway, line("b")).await];
    let page = kept.gateway.get("/v1/imports?limit=1").await.ok();
    assert_eq!(page["items"][0], standing(&kept.gateway, &newer).await);
    let next = format!("/v1/imports?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(kept.gateway.get(&next).await.ok(), json!({"items": [standing(&kept.gateway, &older).await]}));
}
