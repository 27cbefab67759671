//! The log target that shows upstream exchanges.

use serde_json::{Value, json};
use test_case::test_case;

use crate::feishu::APP_SECRET;
use crate::process::{Running, answer, environment, start_feishu};

/// The code of the sandbox's own definition.
const CODE: &str = "7C468A54-8745-2245-9675-08B7C63E7A85";

/// What people wrote, and what nobody may see.
const HIDDEN: [&str; 7] = [
    "出差申请",
    "Business trip",
    "BK-oa-1",
    "copy of oa-1",
    "https://oa.example.org/instance",
    "cbt-6f1d93",
    "cbk-9b42ed",
];

fn instance() -> Value {
    let at = "2026-01-02T03:00:00Z";
    json!({
        "approval_code": CODE, "status": "pending", "title": HIDDEN[0], "business_key": HIDDEN[2],
        "pc_link": HIDDEN[4], "applicant_user_id": "applicant", "started_at": at,
        "tasks": [{"task_id": "oa-1-n1", "user_id": "approver", "status": "pending", "created_at": at}],
        "cc": [{"cc_id": "oa-1-c1", "user_id": "reader", "title": HIDDEN[3], "created_at": at}],
    })
}

/// The sandbox's own definition, with texts and secrets.
fn definition() -> Value {
    json!({
        "definition_key": "sandbox-demo", "name": HIDDEN[1], "support_pc": true, "support_mobile": true,
        "action_callback_url": "https://oa.example.org/callback", "action_callback_token": HIDDEN[5],
        "action_callback_key": HIDDEN[6], "viewers": {"scope": "everyone"},
    })
}

/// Pushes and reads with these further arguments, and returns the log and the tokens that were used.
async fn log_of(arguments: &[&str], uris: &[String]) -> (String, Vec<String>) {
    let feishu = start_feishu().await;
    let arguments = [&["serve", "--log-format", "json"], arguments].concat();
    let gateway = Running::start(&arguments, &environment(&feishu));
    assert_eq!(answer(gateway.request("POST", "/v1/definitions", &definition())).await.0, 200);
    assert_eq!(gateway.put("oa-1", "?verify=true", &instance()).await.0, 200);
    for uri in uris {
        assert_eq!(gateway.get(uri).await.0, 200, "{uri}");
    }
    (gateway.stop().await.stderr, feishu.tokens().into_iter().collect())
}

fn everything() -> Vec<String> {
    vec![
        format!("/v1/instances?instance_id=oa-1&title={}", HIDDEN[0]),
        "/v1/tasks?instance_id=oa-1".to_owned(),
        "/v1/cc?instance_id=oa-1".to_owned(),
        "/v1/instances/oa-1".to_owned(),
        "/v1/users/approver/tasks?topic=todo".to_owned(),
        format!("/v1/definitions/{CODE}"),
    ]
}

#[test_case("oa-1"; "an instance")]
#[test_case("oa-1-n1"; "a task")]
#[test_case(CODE; "a definition")]
#[test_case("/open-apis/approval/v4/instances/query"; "an operation")]
#[test_case("/open-apis/approval/v4/external_tasks"; "another operation")]
#[test_case("PENDING"; "a status")]
#[tokio::test(flavor = "multi_thread")]
async fn a_trace_shows_what_is_needed_to_debug(shown: &str) {
    let (log, _) = log_of(&["--log-filter", "info,approval_gateway::upstream=trace"], &everything()).await;
    assert!(log.contains(shown), "{shown} is not in\n{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_shows_which_definition_was_asked_for() {
    let (log, _) = log_of(
        &["--log-filter", "info,approval_gateway::upstream=trace"],
        &[format!("/v1/definitions/{CODE}")],
    )
    .await;
    assert!(log.contains(CODE), "{CODE} is not in\n{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_shows_no_secret_and_nothing_that_people_wrote() {
    let (log, tokens) = log_of(&["--log-filter", "trace"], &everything()).await;
    assert!(log.contains("upstream exchange"), "{log}");
    assert!(!tokens.is_empty());
    for hidden in HIDDEN.into_iter().chain([APP_SECRET]).chain(tokens.iter().map(String::as_str)) {
        assert!(!log.contains(hidden), "{hidden} is in\n{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_flag_shows_exchanges_without_a_filter() {
    let (log, _) = log_of(&["--trace-upstream"], &everything()).await;
    assert!(log.contains("upstream exchange"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn exchanges_are_not_shown_unless_asked_for() {
    let (log, _) = log_of(&["--log-filter", "debug"], &everything()).await;
    assert!(!log.contains("upstream exchange"), "{log}");
}
