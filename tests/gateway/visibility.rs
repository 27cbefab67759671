//! Why somebody sees an instance or does not, before the sandbox, which shows what they would really see.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::time::Duration;

use approval_gateway::ledger::DeliveryState;
use approval_gateway::sandbox::SEEDED_APPROVAL_CODE;
use serde_json::{Value, json};
use test_case::test_case;

use crate::durable::support::Kept;
use crate::harness::documents::{LATER, VERSION, copy, definition, instance, task, with};
use crate::harness::{Answer, Gateway, encoded};

async fn ask(gateway: &Gateway, id: &str, query: &str) -> Answer {
    gateway.get(&format!("/v1/instances/{}/visibility?{query}", encoded(id))).await
}

/// Whether they see it, where, and the reasons with their effects, on one line; checks what holds for every answer.
async fn line(gateway: &Gateway, id: &str, query: &str) -> String {
    let answer = ask(gateway, id, query).await.ok();
    let words = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    for reason in answer["reasons"].as_array().unwrap() {
        for text in ["meaning", "meaning_zh", "what_to_do", "what_to_do_zh"] {
            assert!(!reason[text].as_str().unwrap().is_empty(), "{reason}");
        }
    }
    let reasons = answer["reasons"].as_array().unwrap().iter();
    let reasons: Vec<_> = reasons
        .map(|reason| format!("{} {}", reason["code"].as_str().unwrap(), reason["effect"].as_str().unwrap()))
        .collect();
    format!(
        "{} [{}] {}",
        answer["visible"].as_str().unwrap(),
        words(&answer["lists"]).join(" "),
        reasons.join(", ")
    )
}

/// The lists in which the sandbox shows an instance to a person.
async fn shown(gateway: &Gateway, id: &str, person: &str) -> Vec<String> {
    let inbox = gateway.feishu.inbox(person, "zh-CN").await;
    let holds = |list: &Value| list.as_array().unwrap().iter().any(|item| item["instance_id"] == id);
    let lists = ["todo", "done", "initiated", "cc"];
    lists.into_iter().filter(|list| holds(&inbox[*list])).map(str::to_owned).collect()
}

/// A person of each kind has something, `approver` in several states.
fn with_everybody(id: &str) -> Value {
    let status = |number, status: &str| with(task(id, number), json!({"status": status}));
    let tasks = [
        task(id, 1),
        with(status(2, "approved"), json!({"user_id": "second"})),
        with(status(3, "done"), json!({"user_id": "skipped"})),
        with(status(4, "transferred"), json!({"user_id": "applicant"})),
    ];
    with(instance(id), json!({"tasks": tasks, "cc": [copy(id, 1)]}))
}

#[test_case("approver" => "yes [todo] task_pending shows"; "pending task")]
#[test_case("second" => "yes [done] task_closed shows"; "closed task")]
#[test_case("skipped" => "no [] task_done hides"; "task that passed without them")]
#[test_case("applicant" => "yes [done initiated] applicant shows, task_closed shows"; "applicant with a task")]
#[test_case("reader" => "yes [cc] copied shows"; "copy")]
#[test_case("nobody" => "no [] other_person hides"; "somebody else")]
#[tokio::test]
async fn the_answer_is_what_the_approval_centre_shows(person: &str) -> String {
    let kept = Kept::start().await;
    kept.gateway.put("a", "?verify=true", &with_everybody("a")).await.ok();
    let answer = ask(&kept.gateway, "a", &format!("user_id={person}")).await.ok();
    assert_eq!(answer["lists"], json!(shown(&kept.gateway, "a", person).await), "{answer}");
    assert_eq!((&answer["instance_id"], &answer["user_id"]), (&json!("a"), &json!(person)));
    assert_eq!((&answer["delivery"]["state"], &answer["warnings"]), (&json!("confirmed"), &json!([])));
    assert_eq!(answer["feishu"]["instance_status"], "pending");
    line(&kept.gateway, "a", &format!("user_id={person}")).await
}

#[test_case("hidden" => "no [] instance_hidden hides, task_pending shows")]
#[test_case("deleted" => "no [] instance_deleted hides, task_pending shows")]
#[test_case("canceled" => "yes [todo] instance_withdrawn may_hide, task_pending shows")]
#[tokio::test]
async fn the_status_of_the_instance_is_a_reason(status: &str) -> String {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &with(instance("a"), json!({"status": status}))).await.ok();
    let answer = ask(&kept.gateway, "a", "user_id=approver").await.ok();
    assert_eq!(answer["lists"], json!(shown(&kept.gateway, "a", "approver").await));
    line(&kept.gateway, "a", "user_id=approver").await
}

#[tokio::test]
async fn what_waits_for_feishu_is_not_delivered_and_says_why() {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    assert_eq!(kept.gateway.put_within(300, "a", &instance("a")).await.status, 202);
    crate::harness::until(|| async { kept.record("a").await.problem.is_some() }).await;
    let answer = ask(&kept.gateway, "a", "user_id=approver").await.ok();
    let reason = &answer["reasons"][0];
    assert_eq!(
        (&reason["code"], &reason["problem_code"]),
        (&json!("not_delivered"), &json!("upstream_unavailable"))
    );
    assert_eq!((&answer["visible"], &answer["delivery"]["state"]), (&json!("no"), &json!("pending")));
    assert_eq!(answer["delivery"]["last_problem"]["code"], "upstream_unavailable");
    assert_eq!(answer.get("feishu"), None);
}

#[tokio::test]
async fn while_feishu_is_away_the_ledger_answers() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    kept.gateway.feishu.fault(json!({"down": true})).await;
    assert_eq!(kept.gateway.put_within(300, "b", &instance("b")).await.status, 202);
    let unasked = "feishu_not_asked may_hide, task_pending shows";
    let query = "user_id=approver";
    assert_eq!(line(&kept.gateway, "a", query).await, format!("unknown [todo] {unasked}"));
    assert_eq!(line(&kept.gateway, "b", query).await, format!("no [] not_delivered hides, {unasked}"));
    let answer = ask(&kept.gateway, "a", query).await.ok();
    assert_eq!(answer["reasons"][0]["problem_code"], "upstream_unavailable");
    let unknown = ask(&kept.gateway, "c", query).await;
    assert_eq!(unknown.problem(), "503 upstream_unavailable, unknown, retryable", "nothing is known of it");
}

#[tokio::test]
async fn what_a_parked_app_waits_for_is_the_reason() {
    let kept = Kept::with(|builder| builder.app_secret("wrong")).await;
    assert_eq!(kept.gateway.put_within(300, "a", &instance("a")).await.status, 202);
    let answer = ask(&kept.gateway, "a", "user_id=approver").await.ok();
    let problem = (&answer["reasons"][0]["code"], &answer["reasons"][0]["problem_code"]);
    assert_eq!(problem, (&json!("not_delivered"), &json!("upstream_auth_failed")));
}

#[tokio::test]
async fn a_refused_document_is_seen_by_nobody() {
    let kept = Kept::start().await;
    let refusal = json!({"api": "external_instances", "code": 99_992_402, "msg": "field validation failed"});
    kept.gateway.feishu.fault(refusal).await;
    assert_eq!(kept.gateway.put("a", "", &instance("a")).await.status, 422);
    assert_eq!(line(&kept.gateway, "a", "user_id=approver").await, "no [] refused hides, task_pending shows");
}

#[tokio::test]
async fn a_task_of_the_newest_revision_only_waits() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &with(instance("a"), json!({"tasks": []}))).await.ok();
    kept.gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    let newer = with(instance("a"), json!({"updated_at": null}));
    assert_eq!(kept.gateway.put_within(300, "a", &newer).await.status, 202);
    let line = line(&kept.gateway, "a", "user_id=approver").await;
    assert_eq!(line, "no [] newer_revision_waits hides, newer_revision_waits may_hide");
}

#[test_case(json!({"title": "older", "updated_at": "2026-01-01T00:00:00Z"})
    => "yes [todo] drift_behind may_hide, drift_behind may_hide, task_pending shows"; "behind")]
#[test_case(json!({"title": "theirs", "updated_at": LATER})
    => "yes [todo] drift_ahead may_hide, drift_ahead may_hide, task_pending shows"; "ahead")]
#[test_case(json!({"tasks": []}) => "no [] drift_missing hides"; "task gone")]
#[tokio::test]
async fn what_somebody_else_pushed_is_drift(change: Value) -> String {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &with(instance("a"), json!({"updated_at": VERSION}))).await.ok();
    let other = Gateway::builder().feishu(&kept.gateway.feishu).start().await;
    other.put("a", "", &with(instance("a"), change)).await.ok();
    line(&kept.gateway, "a", "user_id=approver").await
}

#[tokio::test]
async fn what_is_gone_from_feishu_is_drift_and_then_repaired() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    assert!(kept.gateway.feishu.control("POST", "reset", Value::Null).await.0 < 300);
    let gone = line(&kept.gateway, "a", "user_id=approver").await;
    assert_eq!(gone, "no [] drift_missing hides, task_pending shows");
    kept.gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    kept.gateway.clock.advance(Duration::from_secs(30));
    kept.until("a", DeliveryState::Pending).await;
    let waits = line(&kept.gateway, "a", "user_id=approver").await;
    assert_eq!(waits, "no [] repair_waits hides, drift_missing hides, task_pending shows");
}

#[tokio::test]
async fn a_conflict_is_a_reason() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &with(instance("a"), json!({"updated_at": VERSION}))).await.ok();
    let other = Gateway::builder().feishu(&kept.gateway.feishu).start().await;
    other.put("a", "", &with(instance("a"), json!({"title": "theirs", "updated_at": LATER}))).await.ok();
    kept.gateway.clock.advance(Duration::from_secs(30));
    kept.until("a", DeliveryState::Conflict).await;
    let line = line(&kept.gateway, "a", "user_id=approver").await;
    assert_eq!(
        line,
        "yes [todo] conflict may_hide, drift_ahead may_hide, drift_ahead may_hide, task_pending shows"
    );
}

#[test_case(json!({"user_id": "ou_1"}), "open_id=ou_1" => "no [] wrong_kind_of_id hides"; "in the document")]
#[test_case(json!({"user_id": "ou_1"}), "user_id=ou_1" => "no [] wrong_kind_of_id hides"; "in the document and the question")]
#[test_case(json!({}), "user_id=ou_1" => "unknown [] wrong_kind_of_id may_hide"; "in the question")]
#[test_case(json!({}), "open_id=ou_1" => "unknown [] other_kind_of_id may_hide"; "the other kind")]
#[test_case(json!({"user_id": null, "open_id": "ou_1"}), "open_id=ou_1" => "yes [todo] task_pending shows"; "the right kind")]
#[tokio::test]
async fn kinds_of_ids_are_told_apart(change: Value, query: &str) -> String {
    let kept = Kept::start().await;
    let document = with(instance("a"), json!({"tasks": [with(task("a", 1), change)]}));
    kept.gateway.put("a", "", &document).await.ok();
    let answer = ask(&kept.gateway, "a", query).await.ok();
    let is_written = answer["reasons"][0]["effect"] == "hides";
    assert_eq!(answer["reasons"][0].get("pointer").is_some(), is_written);
    if document["tasks"][0]["user_id"] == "ou_1" {
        let pointer = (&answer["reasons"][0]["pointer"], &answer["warnings"][0]["code"]);
        assert_eq!(pointer, (&json!("/tasks/0/user_id"), &json!("looks_like_open_id")));
    }
    line(&kept.gateway, "a", query).await
}

#[test_case("/data/data/0/tasks/0/id", json!("a"), "applicant" => "no [] colliding_id hides"; "task and instance")]
#[test_case("/data/data/0/tasks/0/id", json!("a/c1"), "reader" => "no [] colliding_id hides"; "task and copy")]
#[test_case("/data/data/0/status", json!("ARCHIVED"), "approver"
    => "unknown [todo] unknown_status may_hide, task_pending shows"; "a status of the future")]
#[test_case("/data/data/0/tasks/0/status", json!(7), "approver"
    => "unknown [done] unknown_status may_hide"; "a status that is a number")]
#[test_case("/data/data/0/tasks", json!(null), "approver" => "no [] drift_missing hides"; "no list of tasks")]
#[test_case("/data/data/0/instance_id", json!("b"), "approver"
    => "unknown [todo] feishu_contradicts_itself may_hide, task_pending shows"; "another instance")]
#[test_case("/data/data", json!([]), "approver"
    => "unknown [todo] feishu_contradicts_itself may_hide, task_pending shows"; "nothing")]
#[tokio::test]
async fn what_feishu_lists_counts_however_odd_it_is(pointer: &str, value: Value, person: &str) -> String {
    let kept = Kept::start().await;
    let document = with(instance("a"), json!({"cc": [copy("a", 1)]}));
    kept.gateway.put("a", "", &document).await.ok();
    kept.gateway.feishu.fault(json!({"api": "external_tasks", "set": {pointer: value}, "times": 0})).await;
    line(&kept.gateway, "a", &format!("user_id={person}")).await
}

#[test_case("external_tasks"; "list")]
#[test_case("check"; "check")]
#[tokio::test]
async fn an_answer_that_makes_no_sense_is_as_good_as_none(api: &str) {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    let html =
        json!({"api": api, "body_raw": "<html>Bad gateway</html>", "content_type": "text/html", "times": 0});
    kept.gateway.feishu.fault(html).await;
    let answer = ask(&kept.gateway, "a", "user_id=approver").await.ok();
    let reason = (&answer["reasons"][0]["code"], &answer["reasons"][0]["problem_code"]);
    assert_eq!(reason, (&json!("feishu_not_asked"), &json!("upstream_protocol_error")));
}

#[test_case(json!({"scope": "nobody"}) => "yes [todo] not_among_viewers may_hide, task_pending shows"; "nobody")]
#[test_case(json!({"scope": "selected", "user_ids": ["other"]})
    => "yes [todo] not_among_viewers may_hide, task_pending shows"; "others")]
#[test_case(json!({"scope": "selected", "user_ids": ["approver"]}) => "yes [todo] task_pending shows"; "them")]
#[test_case(json!({"scope": "everyone"}) => "yes [todo] task_pending shows"; "everyone")]
#[tokio::test]
async fn viewers_of_the_kept_definition_are_a_reason(viewers: Value) -> String {
    let kept = Kept::start().await;
    let receipt = kept.gateway.define(&with(definition("travel"), json!({"viewers": viewers}))).await.ok();
    let document = with(instance("a"), json!({"approval_code": receipt["approval_code"]}));
    kept.gateway.put("a", "", &document).await.ok();
    line(&kept.gateway, "a", "user_id=approver").await
}

#[tokio::test]
async fn without_a_ledger_feishus_statuses_are_all_that_is_known() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    gateway.put("b", "", &with(instance("b"), json!({"status": "hidden"}))).await.ok();
    let query = "user_id=approver";
    assert_eq!(line(&gateway, "a", query).await, "unknown [] persons_unknown may_hide");
    assert_eq!(line(&gateway, "b", query).await, "no [] instance_hidden hides, persons_unknown may_hide");
    assert_eq!(line(&gateway, "c", query).await, "no [] unknown_instance hides");
    let answer = ask(&gateway, "a", query).await.ok();
    assert_eq!(answer.get("delivery"), None);
    assert_eq!(answer["feishu"]["tasks"][0]["status"], "pending");
    gateway.feishu.fault(json!({"down": true})).await;
    assert_eq!(ask(&gateway, "a", query).await.problem(), "503 upstream_unavailable, unknown, retryable");
}

#[tokio::test]
async fn with_a_ledger_that_knows_nothing_of_it_feishu_is_asked_all_the_same() {
    let kept = Kept::start().await;
    let other = Gateway::builder().feishu(&kept.gateway.feishu).start().await;
    other.put("a", "", &instance("a")).await.ok();
    assert_eq!(line(&kept.gateway, "a", "user_id=approver").await, "unknown [] persons_unknown may_hide");
    assert_eq!(line(&kept.gateway, "b", "open_id=ou_1").await, "no [] unknown_instance hides");
}

#[test_case("" => vec!["query /user_id: required"]; "nobody")]
#[test_case("user_id=a&open_id=ou_1" => vec!["query /open_id: contradiction"]; "both")]
#[test_case("user_id=" => vec!["query /user_id: invalid_value"]; "empty")]
#[test_case("user_id=a&user_id=b" => vec!["query /user_id: repeated_parameter"]; "two people")]
#[test_case("user_id=%00" => vec!["query /user_id: control_character"]; "null byte")]
#[test_case("userid=a" => vec!["query /user_id: required", "query /userid: unknown_parameter"]; "misspelt")]
#[tokio::test]
async fn whoever_asks_wrongly_is_told_so(query: &str) -> Vec<String> {
    let gateway = Gateway::start().await;
    let answer = ask(&gateway, "a", query).await;
    assert_eq!(answer.problem(), "422 validation_failed, not_sent");
    assert_eq!(gateway.feishu.count("external_tasks").await, 0);
    answer.violations()
}

#[test_case("a/../b"; "dots")]
#[test_case("' or 1=1 --"; "quotes")]
#[test_case("\u{202e}\u{1F600}%2F"; "signs that nobody expects")]
#[tokio::test]
async fn hostile_ids_are_ids_like_any_other(id: &str) {
    let kept = Kept::start().await;
    assert_eq!(line(&kept.gateway, id, "user_id=approver").await, "no [] unknown_instance hides");
    kept.gateway.put(id, "", &instance(id)).await.ok();
    assert_eq!(line(&kept.gateway, id, "user_id=approver").await, "yes [todo] task_pending shows");
}

#[test_case("scope=read" => 200)]
#[test_case("scope=write" => 403)]
#[tokio::test]
async fn it_needs_the_scope_read(options: &str) -> u16 {
    let kept = Kept::with(|builder| builder.key("k", options)).await;
    ask(&kept.gateway.with_key("k"), "a", "user_id=approver").await.status
}

#[tokio::test]
async fn it_says_what_is_left_of_the_rate() {
    let gateway = Gateway::builder().rate(50, 1_000).start().await;
    let answer = ask(&gateway, "a", "user_id=approver").await;
    assert_eq!(answer.header("ratelimit-policy"), Some(r#""second";q=50;w=1, "minute";q=1000;w=60"#));
    assert!(answer.header("ratelimit").unwrap().contains("r=999"), "{:?}", answer.headers);
}

/// The document that the warnings are about.
fn doubtful(id: &str) -> Value {
    let changes = json!({"status": "approved", "pc_link": "oa.example.org", "updated_at": VERSION});
    with(instance(id), changes)
}

#[tokio::test]
async fn warnings_stay_with_the_delivery() {
    let kept = Kept::start().await;
    let codes = |list: &Value| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|warning| warning["code"].clone()).collect()
    };
    let receipt = kept.gateway.put("a", "", &doubtful("a")).await.ok();
    let told = codes(&receipt["warnings"]);
    assert_eq!(told, ["suspicious_link", "open_tasks"]);
    let delivery = kept.gateway.get("/v1/instances/a/delivery").await.ok();
    assert_eq!(codes(&delivery["warnings"]), told);
    assert_eq!(codes(&ask(&kept.gateway, "a", "user_id=approver").await.ok()["warnings"]), told);
    // A version that is no later than the last one is raised, and whoever asks later is told so, too.
    let again = with(doubtful("a"), json!({"title": "other"}));
    let receipt = kept.gateway.put("a", "", &again).await.ok();
    let delivery = kept.gateway.get("/v1/instances/a/delivery").await.ok();
    assert_eq!(codes(&receipt["warnings"]), ["suspicious_link", "open_tasks", "version_raised"]);
    assert_eq!(codes(&delivery["warnings"]), codes(&receipt["warnings"]));
    let listed = kept.gateway.get("/v1/deliveries").await.ok();
    assert_eq!(listed["items"][0]["warnings"], delivery["warnings"]);
}

#[tokio::test]
async fn warnings_are_told_with_what_waits() {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    let answer = kept.gateway.put_within(300, "a", &doubtful("a")).await;
    assert_eq!((answer.status, &answer.body["warnings"][0]["code"]), (202, &json!("suspicious_link")));
    // What lies far ahead was told when it was accepted, and is still told when its time has nearly come.
    let ahead = json!({"updated_at": "2026-01-04T03:04:05Z", "approval_code": SEEDED_APPROVAL_CODE});
    assert_eq!(kept.gateway.put_within(300, "b", &with(instance("b"), ahead)).await.status, 202);
    kept.gateway.clock.advance(Duration::from_secs(36 * 3_600));
    let delivery = kept.gateway.get("/v1/instances/b/delivery").await.ok();
    assert_eq!(delivery["warnings"][0]["code"], "version_in_future");
}
