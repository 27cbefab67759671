//! Reading and forgetting what is kept.

use serde_json::json;
use test_case::test_case;

use super::{of, patch, patch_with, push_in_vain};
use crate::durable::support::Kept;
use crate::harness::documents::{instance, with};
use crate::harness::{Answer, answer};

async fn read(kept: &Kept, id: &str, if_none_match: Option<&str>) -> Answer {
    let request = kept.gateway.request(reqwest::Method::GET, &of(id, "document"), &json!(null));
    let header = if_none_match.map(|tag| ("if-none-match", tag));
    answer(header.into_iter().fold(request, |request, (name, value)| request.header(name, value))).await
}

#[tokio::test]
async fn a_document_comes_back_as_it_was_sent_with_its_revision() {
    let kept = Kept::start().await;
    let document = instance("a/1");
    kept.gateway.put("a/1", "", &document).await.ok();
    let answer = read(&kept, "a/1", None).await;
    assert_eq!((answer.ok(), answer.header("etag")), (document, Some("\"1\"")));
    assert!(answer.text.ends_with('\n'));
    kept.gateway.put("a/1", "", &with(instance("a/1"), json!({"title": "Trip to Xi'an"}))).await.ok();
    assert_eq!(read(&kept, "a/1", None).await.header("etag"), Some("\"2\""));
}

#[test_case("\"1\"" => 304; "the present one")]
#[test_case("W/\"1\"" => 304; "compared weakly")]
#[test_case("\"7\", \"1\"" => 304; "one of several")]
#[test_case("*" => 304; "any")]
#[test_case("\"2\"" => 200; "another one")]
#[tokio::test]
async fn whoever_has_the_document_is_not_sent_it_again(tag: &str) -> u16 {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    let answer = read(&kept, "a", Some(tag)).await;
    assert_eq!((answer.header("etag"), answer.text.is_empty()), (Some("\"1\""), answer.status == 304));
    answer.status
}

#[tokio::test]
async fn what_is_forgotten_is_gone_here_and_stays_in_feishu() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    let forgotten = kept.gateway.send("DELETE", &of("a", "document"), &json!(null)).await;
    assert_eq!((forgotten.status, forgotten.text.as_str()), (204, ""));
    for what in ["document", "delivery", "history"] {
        let answer = kept.gateway.get(&of("a", what)).await;
        assert_eq!(answer.problem(), "404 document_not_found, not_sent", "{what}");
    }
    assert_eq!(patch(&kept, "a", &json!({"title": "x"})).await.refusal(), (404, "document_not_found"));
    assert!(kept.gateway.feishu.is_stored("a").await);
    // Revision and version go on counting.
    let receipt = kept.gateway.put("a", "", &instance("a")).await.ok();
    assert_eq!(receipt["revision"], 2);
    assert_eq!(read(&kept, "a", Some("\"1\"")).await.status, 200);
}

#[test_case("\"2\"" => (412, 200); "another revision")]
#[test_case("W/\"1\"" => (412, 200); "compared weakly")]
#[test_case("1" => (422, 200); "no tag")]
#[test_case("\"1\"" => (204, 404); "the kept one")]
#[tokio::test]
async fn only_the_expected_revision_is_forgotten(if_match: &str) -> (u16, u16) {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    let request = kept.gateway.request(reqwest::Method::DELETE, &of("a", "document"), &json!(null));
    let forgotten = answer(request.header("if-match", if_match)).await;
    (forgotten.status, read(&kept, "a", None).await.status)
}

#[tokio::test]
async fn a_document_can_be_pushed_only_if_none_is_kept() {
    let kept = Kept::start().await;
    let put = async |title: &str, tag: &'static str| {
        let document = with(instance("a"), json!({"title": title, "updated_at": null}));
        answer(kept.gateway.pushing("a", "", &document).header("if-none-match", tag)).await
    };
    assert_eq!(put("first", "*").await.ok()["revision"], 1);
    assert_eq!(put("second", "*").await.problem(), "412 revision_mismatch, not_sent");
    assert_eq!(put("second", "\"1\"").await.problem(), "412 revision_mismatch, not_sent");
    assert_eq!(read(&kept, "a", None).await.ok()["title"], "first");
    assert_eq!(put("second", "\"7\"").await.ok()["revision"], 2);
    let patched = patch_with(&kept, "a", &[("if-none-match", "*")], &json!({"title": "third"})).await;
    assert_eq!(patched.problem(), "412 revision_mismatch, not_sent");
}

#[tokio::test]
async fn what_waits_cannot_be_forgotten() {
    let kept = Kept::start().await;
    push_in_vain(&kept, "a").await;
    let refused = kept.gateway.send("DELETE", &of("a", "document"), &json!(null)).await;
    assert_eq!(refused.problem(), "409 document_pending, not_sent");
    assert_eq!(read(&kept, "a", None).await.status, 200);
}

#[tokio::test]
async fn nothing_is_kept_of_an_unknown_instance() {
    let kept = Kept::start().await;
    for (method, what) in
        [("GET", "document"), ("DELETE", "document"), ("GET", "delivery"), ("GET", "history")]
    {
        let answer = kept.gateway.send(method, &of("../a?b#c%\u{1F600}", what), &json!(null)).await;
        assert_eq!(answer.problem(), "404 document_not_found, not_sent", "{method} {what}");
    }
}
