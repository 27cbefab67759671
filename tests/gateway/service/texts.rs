//! Visible texts, resolved as Feishu would: a later push never re-labels what an earlier one left.

use serde_json::json;
use test_case::test_case;

use crate::harness::documents::{LATER, instance, task, with};
use crate::harness::{Gateway, answer};

#[test_case("merge")]
#[test_case("replace")]
#[tokio::test]
async fn an_update_never_re_labels_an_earlier_task(resources: &str) {
    let gateway = Gateway::start().await;
    gateway.feishu.switch(json!({"resources_under_update": resources})).await;
    let first = with(task("a", 1), json!({"title": "Manager"}));
    gateway.put("a", "?mode=update", &with(instance("a"), json!({"tasks": [first]}))).await.ok();
    let second = with(task("a", 2), json!({"title": "Finance"}));
    let update = with(instance("a"), json!({"updated_at": LATER, "title": "Other trip", "tasks": [second]}));
    gateway.put("a", "?mode=update", &update).await.ok();

    let texts = gateway.feishu.stored("a").await["texts"].take();
    assert_eq!(texts["title"]["zh-CN"], "Other trip");
    assert_eq!(texts["tasks"][1]["title"]["zh-CN"], "Finance");
    // Where resources are replaced the old key stands unexplained, but never for another task's text.
    let old = &texts["tasks"][0]["title"];
    let expected = if resources == "merge" { json!({"zh-CN": "Manager"}) } else { json!({}) };
    assert_eq!(old, &expected);
}

#[tokio::test]
async fn readers_see_their_language_and_fall_back_to_the_default() {
    let gateway = Gateway::start().await;
    let translations = json!({"en-US": {"差旅": "Trip"}, "ja-JP": {"别的": "他"}});
    let document =
        with(instance("a"), json!({"title": "差旅", "locale": "zh-CN", "translations": translations}));
    gateway.put("a", "", &document).await.ok();
    for (locale, title) in [("en-US", "Trip"), ("zh-CN", "差旅"), ("ja-JP", "差旅"), ("fr-FR", "差旅")]
    {
        assert_eq!(gateway.feishu.inbox("approver", locale).await["todo"][0]["title"], title, "{locale}");
    }
}

#[test_case("@i18n@1"; "like a key")]
#[test_case("@i18n@"; "like a bare prefix")]
#[test_case("line\nbreak \"quoted\" \\ 🙂 \u{202e}"; "awkward characters")]
#[test_case("  spaces  "; "spaces around")]
#[tokio::test]
async fn text_is_shown_as_it_was_written(text: &str) {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &with(instance("a"), json!({"title": text}))).await.ok();
    assert_eq!(gateway.feishu.inbox("approver", "zh-CN").await["todo"][0]["title"], text);
}

#[tokio::test]
async fn a_document_without_texts_still_has_a_default_resource() {
    let gateway = Gateway::start().await;
    let silent = with(instance("a"), json!({"title": null, "tasks": []}));
    gateway.put("a", "", &silent).await.ok();
    let sent = &gateway.feishu.sent("external_instances").await[0];
    assert_eq!(sent["i18n_resources"], json!([{"locale": "zh-CN", "is_default": true, "texts": []}]));
    assert_eq!(gateway.feishu.inbox("applicant", "zh-CN").await["initiated"][0]["title"], "示例审批");
}

#[tokio::test]
async fn extra_arrives_with_its_numbers_and_order() {
    let gateway = Gateway::start().await;
    let extra = r#"{"z":1.10,"a":12345678901234567890123,"n":{"y":[],"b":null},"e":1E5}"#;
    let document = instance("a").to_string();
    let body = format!("{},\"extra\":{extra}}}", document.strip_suffix('}').unwrap());
    let request = gateway.request(reqwest::Method::PUT, "/v1/instances/a", &json!(null)).body(body);
    answer(request).await.ok();
    assert_eq!(gateway.feishu.sent("external_instances").await[0]["extra"], extra);
}
