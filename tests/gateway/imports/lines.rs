//! Lines of every kind, and what each is answered.

use serde_json::json;
use test_case::test_case;

use super::support::{delivered, import, line, results, shown, standing};
use crate::durable::support::Kept;
use crate::harness::documents::{instance, task, with};

#[tokio::test]
async fn every_line_is_answered_in_order_and_delivered() {
    let kept = Kept::start().await;
    let answer = import(&kept.gateway, format!("{}\n{}\n{}", line("a"), line("b"), line("c"))).await;
    assert_eq!(shown(&answer), ["1 accepted 1", "2 accepted 1", "3 accepted 1"]);
    assert_eq!(results(&answer)[1]["instance_id"], "b");
    let import = delivered(&kept, &answer).await;
    let counts =
        ["lines", "accepted", "unchanged", "invalid", "superseded", "delivered", "refused", "canceled"];
    assert_eq!(counts.map(|name| import[name].as_i64().unwrap()), [3, 3, 0, 0, 0, 3, 0, 0]);
    assert_eq!((&import["state"], import["read_at"].is_string()), (&json!("running"), true));
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 3);
}

#[tokio::test]
async fn lines_that_are_wrong_are_named_and_the_others_accepted() {
    let kept = Kept::with(|builder| builder.set("REQUEST__MAX_BODY_BYTES", 2048)).await;
    let lines = [
        format!("\u{feff}{}\r", line("bom")),
        String::new(),
        "  \t".to_owned(),
        r#"{"instance_id": "cut"#.to_owned(),
        "[]".to_owned(),
        instance("no id").to_string(),
        with(instance("bad"), json!({"instance_id": "bad", "status": "pnding", "mode": "replce"}))
            .to_string(),
        format!("{{\"instance_id\": \"{}\"}}", "x".repeat(5_000)),
        line("last"),
    ];
    let answer = import(&kept.gateway, lines.join("\n")).await;
    assert_eq!(
        shown(&answer),
        [
            "1 accepted 1",
            "4 invalid invalid_json",
            "5 invalid validation_failed",
            "6 invalid validation_failed",
            "7 invalid validation_failed",
            "8 invalid payload_too_large",
            "9 accepted 1",
        ]
    );
    let results = results(&answer);
    let pointers = |index: usize| {
        let errors = results[index]["problem"]["errors"].as_array().unwrap();
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(pointers(3), ["/instance_id"]);
    assert_eq!(pointers(4), ["/mode", "/status"]);
    assert_eq!((&results[4]["instance_id"], &results[1]["instance_id"]), (&json!("bad"), &json!(null)));
    let import = standing(&kept.gateway, &answer).await;
    assert_eq!((&import["lines"], &import["invalid"]), (&json!(7), &json!(5)));
}

#[tokio::test]
async fn a_line_of_sixteen_mebibytes_is_too_large_and_the_next_is_taken() {
    let kept = Kept::start().await;
    let answer = import(&kept.gateway, format!("{}\n{}", "x".repeat(16 << 20), line("a"))).await;
    assert_eq!(shown(&answer), ["1 invalid payload_too_large", "2 accepted 1"]);
}

#[test_case(""; "nothing")]
#[test_case("\n\r\n \n"; "blank lines")]
#[tokio::test]
async fn an_import_without_a_document_has_no_results(body: &'static str) {
    let kept = Kept::start().await;
    let answer = import(&kept.gateway, body).await;
    assert_eq!(answer.text, "");
    assert_eq!(standing(&kept.gateway, &answer).await["lines"], 0);
}

#[tokio::test]
async fn a_mode_in_the_line_is_the_mode_of_its_push() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    let more = with(
        instance("a"),
        json!({"instance_id": "a", "updated_at": null, "mode": "update", "tasks": [task("a", 2)]}),
    );
    let answer = import(&kept.gateway, more.to_string()).await;
    assert_eq!(shown(&answer), ["1 accepted 2"]);
    delivered(&kept, &answer).await;
    let document = kept.gateway.get("/v1/instances/a/document").await.ok();
    assert_eq!(
        document["tasks"].as_array().unwrap().len(),
        2,
        "an update adds its task to those that are kept"
    );
    assert!(document.get("mode").is_none());
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let kept = Kept::start().await;
    let file = format!("{}\n{}\n", line("a"), line("b"));
    delivered(&kept, &import(&kept.gateway, file.clone()).await).await;
    let again = import(&kept.gateway, file).await;
    assert_eq!(shown(&again), ["1 unchanged 1", "2 unchanged 1"]);
    assert_eq!(standing(&kept.gateway, &again).await["unchanged"], 2);
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 2);
}

#[tokio::test]
async fn one_instance_in_two_lines_ends_as_the_later_says() {
    let kept = Kept::start().await;
    let later =
        with(instance("a"), json!({"instance_id": "a", "updated_at": null, "title": "Trip to Xi'an"}));
    let answer = import(&kept.gateway, format!("{}\n{later}\n{later}", line("a"))).await;
    assert_eq!(shown(&answer).last().unwrap(), "3 unchanged 2");
    delivered(&kept, &answer).await;
    assert_eq!(kept.gateway.get("/v1/instances/a/document").await.ok()["title"], "Trip to Xi'an");
}

#[tokio::test]
async fn what_feishu_refuses_is_counted_and_the_rest_delivered() {
    let kept = Kept::start().await;
    let fault = json!({"api": "external_instances", "code": 99_992_402, "msg": "no", "times": 1});
    kept.gateway.feishu.fault(fault).await;
    let answer = import(&kept.gateway, format!("{}\n{}\n", line("a"), line("b"))).await;
    let import = delivered(&kept, &answer).await;
    assert_eq!((&import["delivered"], &import["refused"]), (&json!(1), &json!(1)));
    let refused = kept.gateway.get("/v1/deliveries?state=refused").await.ok();
    assert_eq!(refused["items"].as_array().unwrap().len(), 1);
}
