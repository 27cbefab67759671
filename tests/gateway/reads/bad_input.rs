//! Queries that are refused by the gateway itself: 422 with the parameter's pointer, and nothing is sent.

use serde_json::Value;
use test_case::test_case;

use crate::reads::world::{World, before};

const FROM: &str = "started_from=2026-03-01T00:00:00Z";
const TO: &str = "started_to=2026-03-14T09:00:00Z";

/// Asserts that the query is refused there, and returns the violation's code and hint.
async fn refused(uri: &str, pointer: &str) -> (String, Option<String>) {
    let gateway = before(World::of_230_days()).await;
    let answer = gateway.get(uri).await;
    assert_eq!(answer.refusal(), (422, "validation_failed"), "{}", answer.text);
    let document = &answer.body;
    assert_eq!(document["outcome"], "not_sent");
    let [error] = document["errors"].as_array().unwrap().as_slice() else { panic!("{document}") };
    assert_eq!((&error["in"], &error["pointer"]), (&Value::from("query"), &Value::from(pointer)));
    assert_eq!(gateway.feishu.calls().await, [] as [Value; 0], "nothing is sent");
    (error["code"].as_str().unwrap().to_owned(), error["hint"].as_str().map(str::to_owned))
}

#[test_case("/v1/instances", "/approval_code"; "instances")]
#[test_case("/v1/tasks?status=pending", "/approval_code"; "tasks by status alone")]
#[test_case("/v1/cc?read=true&title=x", "/approval_code"; "copies by title alone")]
#[test_case("/v1/task-statuses", "/instance_id"; "statuses")]
#[test_case("/v1/task-statuses?task_status=pending", "/instance_id"; "a status without codes")]
#[test_case("/v1/task-statuses?user_id=u", "/instance_id"; "an approver alone")]
#[test_case("/v1/task-statuses?approval_code=c", "/task_status"; "codes without a status")]
#[test_case("/v1/task-statuses?approval_code=c&user_id=u", "/task_status"; "codes and an approver without a status")]
#[test_case("/v1/users/u/tasks", "/topic"; "no topic")]
#[tokio::test]
async fn what_is_required_is_named(uri: &str, pointer: &str) {
    assert_eq!(refused(uri, pointer).await.0, "required");
}

#[test_case("/v1/instances?user_id=", "/user_id"; "a filter alone")]
#[test_case("/v1/instances?user_id=alice&instance_id=", "/instance_id"; "a filter beside another")]
#[test_case("/v1/tasks?user_id=u&status=&status=pending", "/status"; "a word beside another")]
#[test_case("/v1/tasks?user_id=u&started_from=&started_to=2026-03-14T09:00:00Z", "/started_from"; "a time")]
#[test_case("/v1/cc?user_id=u&read=", "/read"; "a flag")]
#[test_case("/v1/cc?user_id=u&limit=", "/limit"; "a number")]
#[test_case("/v1/cc?user_id=u&cursor=", "/cursor"; "a cursor")]
#[test_case("/v1/task-statuses?instance_id=&instance_id=i", "/instance_id"; "an id beside another")]
#[test_case("/v1/task-statuses?approval_code=&task_status=pending", "/approval_code"; "a code")]
#[test_case("/v1/task-statuses?approval_code=c&task_status=", "/task_status"; "a status")]
#[test_case("/v1/users/u/tasks?topic=", "/topic"; "a topic")]
#[tokio::test]
async fn an_empty_value_widens_no_list(uri: &str, pointer: &str) {
    assert_eq!(refused(uri, pointer).await.0, "invalid_value");
}

#[tokio::test]
async fn words_that_may_be_repeated_are_at_most_a_hundred() {
    let uri = format!("/v1/tasks?user_id=u{}", "&status=pending".repeat(101));
    assert_eq!(refused(&uri, "/status").await.0, "too_many");
}

#[test_case("/v1/task-statuses?instance_id=i&approval_code=c&task_status=done", "/instance_id"; "ids and codes")]
#[test_case("/v1/task-statuses?instance_id=i&task_status=done", "/task_status"; "ids and a status")]
#[test_case("/v1/task-statuses?instance_id=i&user_id=u", "/user_id"; "ids and an approver")]
#[tokio::test]
async fn combinations_that_feishu_does_not_document_are_refused(uri: &str, pointer: &str) {
    assert_eq!(refused(uri, pointer).await.0, "contradiction");
}

#[test_case(&format!("/v1/instances?user_id=u&{FROM}"), "/started_to"; "only the beginning")]
#[test_case(&format!("/v1/tasks?user_id=u&{TO}"), "/started_from"; "only the end")]
#[test_case("/v1/cc?user_id=u&created_from=2026-03-01T00:00:00Z", "/created_to"; "only the beginning for copies")]
#[tokio::test]
async fn half_a_window_is_refused_at_the_missing_end(uri: &str, pointer: &str) {
    assert_eq!(refused(uri, pointer).await.0, "required");
}

#[test_case("/v1/instances", "started"; "instances")]
#[test_case("/v1/tasks", "started"; "tasks")]
#[test_case("/v1/cc", "created"; "copies")]
#[tokio::test]
async fn a_reversed_window_is_refused(path: &str, what: &str) {
    let window = format!("{what}_from=2026-03-02T00:00:00Z&{what}_to=2026-03-01T00:00:00Z");
    let (code, _) = refused(&format!("{path}?user_id=u&{window}"), &format!("/{what}_to")).await;
    assert_eq!(code, "contradiction");
}

#[test_case("/v1/instances?user_id=u&status=cancelled", "/status", Some("canceled"); "a spelling of feishus")]
#[test_case("/v1/instances?user_id=u&status=RECALL", "/status", None; "a word of feishus")]
#[test_case("/v1/instances?user_id=u&status=Pending", "/status", Some("pending"); "upper case")]
#[test_case("/v1/tasks?user_id=u&status=approve", "/status", Some("approved"); "a task")]
#[test_case("/v1/tasks?user_id=u&order=started", "/order", None; "an order")]
#[test_case("/v1/cc?user_id=u&read=yes", "/read", None; "a flag")]
#[test_case("/v1/instances?user_id=u&user_id_type=email", "/user_id_type", None; "a kind of ids")]
#[test_case("/v1/instances?user_id=u&locale=zh_CN", "/locale", Some("zh-CN"); "a locale")]
#[test_case("/v1/task-statuses?approval_code=c&task_status=canceled", "/task_status", None; "a task cannot be withdrawn")]
#[test_case("/v1/users/u/tasks?topic=1", "/topic", None; "a number of feishus")]
#[test_case("/v1/users/u/tasks?topic=to-do", "/topic", Some("todo"); "a topic")]
#[tokio::test]
async fn a_word_outside_the_vocabulary_is_refused(uri: &str, pointer: &str, meant: Option<&str>) {
    let (code, hint) = refused(uri, pointer).await;
    assert_eq!(code, "unknown_value");
    if let Some(meant) = meant {
        assert_eq!(hint, Some(format!("did you mean {meant:?}?")));
    }
}

#[test_case("0"; "zero")]
#[test_case("-1"; "negative")]
#[test_case("1000000"; "a million")]
#[test_case("201"; "one too many")]
#[test_case("abc"; "a word")]
#[test_case("1.5"; "a fraction")]
#[test_case("99999999999999999999"; "more than any integer")]
#[tokio::test]
async fn a_limit_outside_its_bounds_is_refused(limit: &str) {
    assert_eq!(refused(&format!("/v1/instances?user_id=u&limit={limit}"), "/limit").await.0, "invalid_value");
}

#[test_case("/v1/instances?user_id=u&stauts=pending", "/stauts", Some("status"); "misspelt")]
#[test_case("/v1/instances?user_id=u&instance_external_id=i", "/instance_external_id", None; "feishus own name")]
#[test_case("/v1/cc?user_id=u&page_token=x", "/page_token", None; "feishus way of paging")]
#[test_case("/v1/task-statuses?instance_id=i&user_id_type=open_id", "/user_id_type", None; "one of another operation")]
#[tokio::test]
async fn an_unknown_parameter_is_refused(uri: &str, pointer: &str, meant: Option<&str>) {
    let (code, hint) = refused(uri, pointer).await;
    assert_eq!(code, "unknown_parameter");
    if let Some(meant) = meant {
        assert_eq!(hint, Some(format!("did you mean {meant:?}?")));
    }
}

#[test_case("/v1/instances?user_id=u&user_id=v", "/user_id"; "a person")]
#[test_case("/v1/instances?user_id=u&status=pending&status=approved", "/status"; "a status where one is taken")]
#[test_case("/v1/instances?user_id=u&limit=1&limit=2", "/limit"; "the limit")]
#[test_case("/v1/users/u/tasks?topic=todo&topic=done", "/topic"; "the topic")]
#[tokio::test]
async fn a_single_parameter_given_twice_is_refused(uri: &str, pointer: &str) {
    assert_eq!(refused(uri, pointer).await.0, "repeated_parameter");
}

#[test_case("2026-03-01", None; "a date")]
#[test_case("2026-03-01T00:00:00", None; "no offset")]
#[test_case("2026-02-30T00:00:00Z", None; "no such day")]
#[test_case("yesterday", None; "a word")]
#[test_case("1969-12-31T23:59:59Z", None; "before 1970")]
#[test_case("1772323200000", Some("2026-03-01T00:00:00.000Z"); "unix milliseconds")]
#[test_case("2026-03-01T00:00:00+08:00", Some("%2B"); "a plus that means a space")]
#[tokio::test]
async fn a_malformed_time_is_refused(time: &str, hinted: Option<&str>) {
    let uri = format!("/v1/instances?user_id=u&started_from={time}&{TO}");
    let (code, hint) = refused(&uri, "/started_from").await;
    assert_eq!(code, "invalid_time");
    if let Some(hinted) = hinted {
        assert!(hint.clone().unwrap_or_default().contains(hinted), "{hint:?}");
    }
}

#[test_case("instance_id", ""; "ids")]
#[test_case("approval_code", "&task_status=pending"; "codes")]
#[tokio::test]
async fn more_than_a_hundred_are_refused(name: &str, rest: &str) {
    let values: Vec<String> = (0..101).map(|nth| format!("{name}=v{nth}")).collect();
    let uri = format!("/v1/task-statuses?{}{rest}", values.join("&"));
    assert_eq!(refused(&uri, &format!("/{name}")).await.0, "too_many");
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let gateway = before(World::default()).await;
    let answer = gateway.get(&format!("/v1/instances?status=x&limit=0&foo=1&{FROM}")).await;
    let mut violations = answer.violations();
    violations.sort();
    assert_eq!(
        violations,
        [
            "query /approval_code: required",
            "query /foo: unknown_parameter",
            "query /limit: invalid_value",
            "query /started_to: required",
            "query /status: unknown_value",
        ]
    );
}

#[test_case("GET", "/v1/instances/a%00b", "path /instance_id: control_character"; "an instance")]
#[test_case("GET", "/v1/instances/%7F", "path /instance_id: control_character"; "DEL")]
#[test_case("GET", "/v1/definitions/%C2%85", "path /approval_code: control_character"; "a definition")]
#[test_case("GET", "/v1/users/a%0A/tasks?topic=todo", "path /user_id: control_character"; "a person")]
#[test_case("GET", "/v1/task-statuses?instance_id=a%00", "query /instance_id: control_character"; "in a query")]
#[tokio::test]
async fn a_control_character_in_an_id_is_refused(method: &str, path: &str, violation: &str) {
    let gateway = crate::harness::Gateway::start().await;
    let answer = gateway.send(method, path, &serde_json::Value::Null).await;
    assert_eq!(answer.refusal(), (422, "validation_failed"));
    assert_eq!(answer.violations(), [violation]);
}
