//! Coalescing, versions and conditions.

use serde_json::{Value, json};
use test_case::test_case;

use super::support::Kept;
use crate::harness::documents::{LATER, VERSION, instance, task, with};
use crate::harness::{answer, until};

/// The same document with another title, at no version of its own.
fn titled(title: impl std::fmt::Display) -> Value {
    with(instance("a"), json!({"title": title.to_string(), "updated_at": null}))
}

#[tokio::test]
async fn of_fifty_quick_writes_during_an_outage_the_newest_is_pushed_once() {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": "any", "down": true})).await;
    for number in 1..=50 {
        let request = kept.gateway.pushing("a", "", &titled(number)).header("prefer", "respond-async");
        assert_eq!(answer(request).await.status, 202);
    }
    kept.gateway.feishu.clear_faults().await;
    kept.until_delivered_later("a").await;
    assert_eq!(kept.record("a").await.revision.0, 50);
    let taken = kept.gateway.feishu.stored("a").await["stored"].take();
    let history = kept.history("a").await;
    assert_eq!(history.last().map(String::as_str), Some("delivered 50"), "{history:?}");
    assert_eq!(history.iter().filter(|entry| entry.starts_with("delivered")).count(), 1);
    assert_eq!(history.iter().filter(|entry| entry.starts_with("superseded")).count(), 49);
    assert_eq!(taken["update_time"], json!(kept.record("a").await.version.unix_millis().to_string()));
}

#[tokio::test]
async fn whoever_was_passed_over_gets_the_receipt_of_what_was_delivered_in_its_place() {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": "external_instances", "delay_ms": 300, "times": 1})).await;
    let (first, second, third) = (titled(1), titled(2), titled(3));
    let later = async {
        kept.gateway.feishu.until_called("external_instances", 1).await;
        let second = kept.gateway.put("a", "", &second);
        let third = async {
            until(|| async { kept.record("a").await.revision.0 == 2 }).await;
            kept.gateway.put("a", "", &third).await
        };
        tokio::join!(second, third)
    };
    let (first, (second, third)) = tokio::join!(kept.gateway.put("a", "", &first), later);
    assert_eq!(first.ok()["revision"], 1);
    assert_eq!((&second.ok()["revision"], &third.ok()["revision"]), (&json!(3), &json!(3)));
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 2);
    let history = kept.history("a").await;
    assert_eq!(
        history,
        ["accepted 1", "accepted 2", "superseded 2", "accepted 3", "delivered 1", "delivered 3"]
    );
}

#[tokio::test]
async fn an_update_goes_out_whole_while_a_whole_document_waits() {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": "any", "down": true})).await;
    let later = |request: reqwest::RequestBuilder| answer(request.header("prefer", "respond-async"));
    later(kept.gateway.pushing("a", "", &titled(1))).await;
    let second = with(titled(2), json!({"tasks": [task("a", 2)]}));
    later(kept.gateway.pushing("a", "?mode=update", &second)).await;
    kept.gateway.feishu.clear_faults().await;
    kept.until_delivered_later("a").await;
    let sent = kept.gateway.feishu.sent("external_instances").await;
    let sent = sent.last().unwrap();
    let ids: Vec<_> = sent["task_list"].as_array().unwrap().iter().map(|task| &task["task_id"]).collect();
    assert_eq!((&sent["update_mode"], ids), (&json!("REPLACE"), vec![&json!("a/t1"), &json!("a/t2")]));
}

#[test_case("?mode=update" => "409 stale_update, not_sent"; "update")]
#[tokio::test]
async fn an_older_version_under_update(query: &str) -> String {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &with(instance("a"), json!({"updated_at": LATER}))).await.ok();
    let older = with(instance("a"), json!({"title": "older", "updated_at": VERSION}));
    kept.gateway.put("a", query, &older).await.problem()
}

#[tokio::test]
async fn an_older_version_under_replace_is_raised_with_a_warning() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &with(instance("a"), json!({"updated_at": LATER}))).await.ok();
    let older = with(instance("a"), json!({"title": "older", "updated_at": VERSION}));
    let receipt = kept.gateway.put("a", "", &older).await.ok();
    assert_eq!(receipt["updated_at"], "2026-01-02T03:04:06.001Z");
    assert_eq!(receipt["warnings"][0]["code"], "version_raised");
}

#[tokio::test]
async fn a_version_more_than_a_day_ahead_is_taken_with_a_warning() {
    let kept = Kept::start().await;
    let ahead = with(instance("a"), json!({"updated_at": "2026-01-04T00:00:00Z"}));
    let receipt = kept.gateway.put("a", "", &ahead).await.ok();
    assert_eq!(receipt["warnings"][0]["code"], "version_in_future");
    let next = kept.gateway.put("a", "", &titled("next")).await.ok();
    assert_eq!(next["updated_at"], "2026-01-04T00:00:00.001Z");
}

#[test_case("\"1\"" => 200; "the kept revision")]
#[test_case("*" => 200; "any")]
#[test_case("\"2\", \"1\"" => 200; "one of several")]
#[test_case("\"2\"" => 412; "another one")]
#[test_case("W/\"1\"" => 412; "a weak tag")]
#[test_case("1" => 422; "no tag")]
#[tokio::test]
async fn the_revision_that_is_expected(if_match: &str) -> u16 {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    let answer = answer(kept.gateway.pushing("a", "", &titled(2)).header("if-match", if_match)).await;
    assert_eq!(kept.record("a").await.revision.0, if answer.status == 200 { 2 } else { 1 });
    answer.status
}
