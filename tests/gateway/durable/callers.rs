//! Callers of one app share its rate in the ledger's deliveries, too: whoever floods is in nobody's way but its own.

use futures_util::future::join_all;
use serde_json::Value;
use tokio_util::task::AbortOnDropHandle;

use super::support::Kept;
use crate::harness::documents::instance;
use crate::harness::{Answer, Builder, Gateway, answer, until};

fn two_callers(builder: Builder) -> Builder {
    builder.key("flood", "").key("other", "")
}

/// Pushes so many instances at once with this key, and waits for their delivery.
async fn push(gateway: &Gateway, key: &str, count: usize) -> Vec<Answer> {
    let caller = gateway.with_key(key);
    let ids: Vec<_> = (0..count).map(|number| format!("{key}-{number}")).collect();
    join_all(ids.iter().map(async |id| caller.put(id, "", &instance(id)).await)).await
}

/// The same without waiting.
async fn accept(gateway: &Gateway, key: &str, count: usize) {
    let caller = gateway.with_key(key);
    let ids: Vec<_> = (0..count).map(|number| format!("{key}-{number}")).collect();
    let accepted = join_all(ids.iter().map(async |id| {
        answer(caller.pushing(id, "", &instance(id)).header("prefer", "respond-async")).await
    }));
    assert!(accepted.await.iter().all(|accepted| accepted.status == 202));
}

/// How many pushes have arrived, and after how many of them the first of this caller came.
async fn sent(gateway: &Gateway, key: &str) -> (usize, Option<usize>) {
    let sent = gateway.feishu.sent("external_instances").await;
    let is_of = |push: &Value| push["instance_id"].as_str().is_some_and(|id| id.starts_with(key));
    (sent.len(), sent.iter().position(is_of))
}

#[tokio::test]
async fn what_one_caller_has_waiting_is_not_ahead_of_anothers() {
    let kept = Kept::with(|builder| two_callers(builder).rate(10, 0)).await;
    accept(&kept.gateway, "flood", 600).await;
    let (before, _) = sent(&kept.gateway, "flood").await;
    accept(&kept.gateway, "other", 1).await;
    until(|| async { sent(&kept.gateway, "other").await.1.is_some() }).await;
    let (_, place) = sent(&kept.gateway, "other").await;
    let place = place.unwrap();
    assert!(place <= before + 40, "{before} had been sent when it came, {place} were when it was its turn");
}

/// The same, until it is dropped.
fn waiting(gateway: &Gateway, key: &'static str, count: usize) -> AbortOnDropHandle<Vec<Answer>> {
    let gateway = gateway.clone();
    AbortOnDropHandle::new(tokio::spawn(async move { push(&gateway, key, count).await }))
}

#[tokio::test]
async fn sixty_waiting_pushes_of_one_caller_are_not_ahead_of_anothers() {
    let kept = Kept::with(|builder| two_callers(builder).rate(4, 0)).await;
    let _flood = waiting(&kept.gateway, "flood", 60);
    kept.gateway.feishu.until_called("external_instances", 4).await;
    let (before, _) = sent(&kept.gateway, "flood").await;
    assert!(push(&kept.gateway, "other", 4).await.iter().all(|answer| answer.status == 200));
    let (after, _) = sent(&kept.gateway, "other").await;
    assert!(after <= before + 20, "{before} and {after}");
}

#[tokio::test]
async fn a_minute_that_one_caller_has_used_up_has_something_left_for_another() {
    let kept = Kept::with(|builder| two_callers(builder).rate(0, 30)).await;
    let _flood = waiting(&kept.gateway, "flood", 40);
    kept.gateway.feishu.until_called("external_instances", 27).await;
    let _other = waiting(&kept.gateway, "other", 4);
    kept.gateway.feishu.until_called("external_instances", 30).await;
    assert_eq!(sent(&kept.gateway, "other").await, (30, Some(27)));
}

#[tokio::test]
async fn a_caller_without_company_uses_the_whole_minute() {
    let kept = Kept::with(|builder| builder.key("flood", "").rate(0, 30)).await;
    let _flood = waiting(&kept.gateway, "flood", 40);
    kept.gateway.feishu.until_called("external_instances", 30).await;
}
