//! `doctor`: what it finds, what it says to do, and that it changes nothing.

use std::path::Path;

use serde_json::{Value, json};
use test_case::test_case;

use crate::feishu::{APP_ID, APP_SECRET, Feishu};
use crate::process::{Ended, Running, environment, file, run, start_feishu};

/// Runs it in front of a sandbox; of two variables of one name the later holds.
async fn doctor(feishu: &Feishu, args: &[&str], more: &[(&str, &str)]) -> Ended {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment: Vec<_> = environment(feishu).iter().chain(more).map(owned).collect();
    let args: Vec<_> = std::iter::once("doctor").chain(args.iter().copied()).map(str::to_owned).collect();
    // The sandbox lives in this process and must go on meanwhile.
    let running = tokio::task::spawn_blocking(move || {
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        run(&args.iter().map(String::as_str).collect::<Vec<_>>(), &environment, b"")
    });
    running.await.unwrap()
}

/// State of every check that was made, as `check subject: state`.
fn states(ended: &Ended) -> Vec<String> {
    let report: Value = serde_json::from_str(&ended.stdout).expect(&ended.stdout);
    let checks = report["apps"].as_array().unwrap().iter().flat_map(|app| app["checks"].as_array().unwrap());
    let line = |check: &Value| {
        let text = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}: {}", text("check"), text("subject"), text("state"))
    };
    checks.map(line).collect()
}

/// What is not fine, with what it says to do in both languages.
fn complaints(ended: &Ended) -> Vec<String> {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(!ended.stdout.contains(APP_SECRET) && !ended.stderr.contains(APP_SECRET));
    let bad = |line: &&str| {
        line.starts_with("  FAILED") || line.starts_with("  MISSING") || line.starts_with("     ")
    };
    ended.stdout.lines().filter(bad).map(|line| line.trim().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_app_is_called_thirteen_times_and_not_changed() {
    let feishu = start_feishu().await;
    let before = feishu.control("GET", "definitions", Value::Null).await;
    let ended = doctor(&feishu, &["--json"], &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let states = states(&ended);
    assert_eq!(states.len(), 15);
    assert!(states.iter().all(|line| line.ends_with(": ok")), "{states:?}");
    let requests = feishu.control("GET", "requests", Value::Null).await.1;
    assert_eq!(requests["requests"].as_array().unwrap().len(), 13);
    assert_eq!(feishu.control("GET", "definitions", Value::Null).await, before);
    for call in requests["requests"].as_array().unwrap() {
        let writes = call["api"] == "external_instances" || call["api"] == "external_approvals";
        assert!(!writes || call["code"] != 0, "{call}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_sends_cards_is_asked_whether_it_may_send_messages() {
    let feishu = start_feishu().await;
    let directory = tempfile::tempdir().unwrap();
    let ledger = format!("sqlite:{}", directory.path().join("ledger.db").display());
    let cards = [("GATEWAY_FEISHU__NOTIFY__TASKS", "true"), ("GATEWAY_LEDGER__URL", ledger.as_str())];
    let states = states(&doctor(&feishu, &["--json"], &cards).await);
    assert!(states.contains(&"api message/send: ok".to_owned()), "{states:?}");
    let messages = feishu.control("GET", "messages", Value::Null).await.1;
    assert_eq!(messages["messages"].as_array().unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_app_is_looked_at_with_the_ticket_that_a_gateway_keeps() {
    let feishu = start_feishu().await;
    let directory = tempfile::tempdir().unwrap();
    let (token, key) = (file("v-token"), file("e-key"));
    let ledger = format!("sqlite:{}", directory.path().join("ledger.db").display());
    let store = [
        ("GATEWAY_LEDGER__URL", ledger.as_str()),
        ("GATEWAY_FEISHU__KIND", "store"),
        ("GATEWAY_FEISHU__TENANT_KEY", "tenant_a"),
        ("GATEWAY_FEISHU__EVENTS__TOKEN_FILE", token.to_str().unwrap()),
        ("GATEWAY_FEISHU__EVENTS__ENCRYPT_KEY_FILE", key.to_str().unwrap()),
        ("GATEWAY_CALLBACKS__LISTEN", "127.0.0.1:0"),
    ];
    let missing = states(&doctor(&feishu, &["--json"], &store).await);
    assert_eq!(missing[3..], ["ticket : failed", "credentials : skipped", "api : skipped"]);
    let told = complaints(&doctor(&feishu, &[], &store).await);
    // The disk of whoever runs the tests may be full.
    let about_ticket = told.iter().position(|line| line.starts_with("FAILED  ticket")).unwrap();
    let told = &told[about_ticket..];
    assert!(told[0].contains("FAILED  ticket") && told[1].contains("/feishu/NAME/events"), "{told:?}");
    assert!(told[2].contains("app_ticket") && told[3].ends_with("/event"), "{told:?}");
    assert_eq!(feishu.count("app_ticket_resend").await, 0, "it changes nothing");

    let all: Vec<_> = environment(&feishu).into_iter().chain(store).collect();
    let mut gateway = Running::start(&["serve"], &all);
    let line = gateway.next_line();
    let origin = line.strip_prefix("callbacks listening on ").unwrap();
    let app = json!({
        "events_url": format!("{origin}/feishu/default/events"), "token": "v-token", "encrypt_key": "e-key",
        "tenants": ["tenant_a"],
    });
    feishu.control("PUT", "store-app", app).await;
    feishu.control("POST", "store-app/ticket", Value::Null).await;
    let found = doctor(&feishu, &["--json"], &store).await;
    assert!(states(&found).iter().all(|line| line.ends_with(": ok")), "{found:?}");
    feishu.control("POST", "store-app/revoke", Value::Null).await;
    let asked = feishu.count("app_ticket_resend").await;
    let refused = doctor(&feishu, &["--json"], &store).await;
    assert_eq!(states(&refused)[3..], ["ticket : ok", "credentials : failed", "api : skipped"]);
    assert!(refused.stdout.contains("does not take the ticket"), "{refused:?}");
    assert_eq!(feishu.count("app_ticket_resend").await, asked);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_scopes_are_named_with_where_to_click() {
    let feishu = start_feishu().await;
    let granted = json!({"granted_scopes": ["approval:external_instance", "approval:approval:readonly"]});
    feishu.switch(granted).await;
    let ended = doctor(&feishu, &["--json"], &[]).await;
    let missing: Vec<_> = states(&ended).into_iter().filter(|line| !line.ends_with(": ok")).collect();
    assert_eq!(
        missing,
        [
            "api external_approvals: missing",
            "api external_approvals/get: missing",
            "api instances/query: missing",
            "api instances/search_cc: missing",
            "api users/batch_get_id: optional",
            "api users/batch: optional",
        ]
    );
    let complaints = complaints(&doctor(&feishu, &[], &[]).await);
    let about_definitions = complaints[..4].join("\n");
    assert!(about_definitions.contains("MISSING api external_approvals"), "{about_definitions}");
    assert!(about_definitions.contains("Permissions & Scopes"), "{about_definitions}");
    assert!(about_definitions.contains("权限管理"), "{about_definitions}");
    assert!(
        about_definitions.contains("approval:approval, approval:external_approval"),
        "{about_definitions}"
    );
    let page =
        format!("https://open.feishu.cn/app/{APP_ID}/auth?q=approval:approval,approval:external_approval");
    assert!(about_definitions.contains(&page), "{about_definitions}");
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_that_only_names_of_people_need_are_no_fault() {
    let feishu = start_feishu().await;
    let needed = ["approval:approval", "approval:approval:readonly", "approval:approval.list:readonly"];
    feishu.switch(json!({"granted_scopes": needed})).await;
    let ended = doctor(&feishu, &["--lang", "en"], &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let told = ended.stdout.split("  optional").nth(1).unwrap();
    assert!(
        told.contains("find people by e-mail and mobile") && told.contains("contact:user.id:readonly"),
        "{told}"
    );
}

#[test_case("en", "Permissions & Scopes", "权限管理")]
#[test_case("zh", "权限管理", "Permissions & Scopes")]
#[tokio::test(flavor = "multi_thread")]
async fn one_language_is_enough_for_those_who_ask(language: &str, there: &str, not_there: &str) {
    let feishu = start_feishu().await;
    feishu.switch(json!({"granted_scopes": []})).await;
    let text = complaints(&doctor(&feishu, &["--lang", language], &[]).await).join("\n");
    assert!(text.contains(there) && !text.contains(not_there), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_from_everything_else() {
    let feishu = start_feishu().await;
    let complaints = complaints(&doctor(&feishu, &[], &[("GATEWAY_FEISHU__APP_SECRET", "other")]).await);
    assert!(complaints[0].starts_with("FAILED  credentials"), "{complaints:?}");
    assert!(
        complaints[0].contains("10014") && complaints[1].contains("Credentials & Basic Info"),
        "{complaints:?}"
    );
    assert!(complaints[2].contains("凭证与基础信息"), "{complaints:?}");
    assert_eq!(feishu.count("external_instances").await, 0);
}

#[test_case("127.0.0.1", "Nothing answers at 127.0.0.1"; "a port that is closed")]
#[test_case("nowhere.invalid", "The name nowhere.invalid is not found"; "a name that does not exist")]
#[tokio::test(flavor = "multi_thread")]
async fn where_the_way_ends_is_said(host: &str, expected: &str) {
    let feishu = start_feishu().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let base_url = format!("http://{host}:{closed}");
    let complaints = complaints(&doctor(&feishu, &[], &[("GATEWAY_FEISHU__BASE_URL", &base_url)]).await);
    assert!(complaints[0].starts_with("FAILED  network"), "{complaints:?}");
    assert!(complaints[1].contains(expected), "{complaints:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_tls_is_told_from_what_is_not_there() {
    let feishu = start_feishu().await;
    let base_url = feishu.origin.replace("http:", "https:");
    let key = rcgen::generate_simple_self_signed(["feishu.example.org".to_owned()]).unwrap();
    let authorities = file(&key.cert.pem());
    let more = [
        ("GATEWAY_FEISHU__BASE_URL", base_url.as_str()),
        ("GATEWAY_REQUEST__DEADLINE_MS", "2000"),
        // Some, so that the machine's own do not matter.
        ("SSL_CERT_FILE", authorities.to_str().unwrap()),
    ];
    let ended = doctor(&feishu, &[], &more).await;
    let complaints = complaints(&ended);
    assert!(complaints[0].starts_with("FAILED  network"), "{complaints:?}");
    assert!(complaints[1].contains("is reached, but no connection can be agreed on"), "{complaints:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_feishus_place_is_recognised() {
    let feishu = start_feishu().await;
    feishu
        .fault(json!({"api": "token", "times": 0, "http_status": 200, "body_raw": "<html>log in</html>"}))
        .await;
    let complaints = complaints(&doctor(&feishu, &[], &[]).await);
    assert!(complaints[0].starts_with("FAILED  network"), "{complaints:?}");
    assert!(complaints[1].contains("Something else answers in Feishu's place"), "{complaints:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_off_is_noticed() {
    let feishu = start_feishu().await;
    let date = json!({"date": "Thu, 01 Jan 2026 00:00:00 GMT"});
    feishu.fault(json!({"api": "token", "code": 10003, "http_status": 200, "headers": date})).await;
    let complaints = complaints(&doctor(&feishu, &[], &[]).await);
    assert!(complaints[0].starts_with("FAILED  clock"), "{complaints:?}");
    assert!(complaints[0].contains("ahead of Feishu") && complaints[1].contains("NTP"), "{complaints:?}");
}

#[test_case(99_991_401, "IP allowlist"; "an address that is not allowed")]
#[test_case(99_991_403, "used up"; "no calls left this month")]
#[test_case(1_390_014, "do not fit together"; "another tenant")]
#[test_case(1_395_001, "trouble of its own"; "trouble")]
#[test_case(99_991_663, "Permissions & Scopes"; "a token that one list refuses")]
#[test_case(12_345, "list of codes"; "an unknown code")]
#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_has_its_advice(code: i64, expected: &str) {
    let feishu = start_feishu().await;
    feishu.fault(json!({"api": "tasks_search", "code": code, "http_status": 400, "msg": "no"})).await;
    let complaints = complaints(&doctor(&feishu, &["--lang", "en"], &[]).await);
    assert!(
        complaints[0].contains("api tasks/search") && complaints[0].contains(&code.to_string()),
        "{complaints:?}"
    );
    assert!(complaints[1].contains(expected), "{complaints:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_shows_that_the_scope_is_there() {
    let feishu = start_feishu().await;
    feishu.fault(json!({"api": "tasks_search", "code": 99_991_400, "http_status": 429})).await;
    assert_eq!(doctor(&feishu, &[], &[]).await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_app_is_checked_or_the_one_that_is_named() {
    let feishu = start_feishu().await;
    let more = [
        ("GATEWAY_APPS__ERP__BASE_URL", feishu.origin.as_str()),
        ("GATEWAY_APPS__ERP__APP_ID", "cli_other"),
        ("GATEWAY_APPS__ERP__APP_SECRET", "other"),
    ];
    assert_eq!(doctor(&feishu, &["--app", "default"], &more).await.code, Some(0));
    let all = doctor(&feishu, &[], &more).await;
    assert_eq!(all.code, Some(1));
    assert!(all.stdout.contains("app erp (cli_other at http://127.0.0.1"), "{}", all.stdout);
    let unknown = doctor(&feishu, &["--app", "nowhere"], &more).await;
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.stderr.contains("no app nowhere; it has: default, erp"), "{}", unknown.stderr);
}

#[test]
fn without_credentials_it_shows_what_it_does_on_a_sandbox() {
    let ended = run(&["doctor", "--sandbox"], &[], b"");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let ended = run(&["doctor"], &[], b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("feishu.app_id is not set"), "{}", ended.stderr);
}

/// What it says of the file of the ledger, in English, and its exit status.
async fn about_the_ledger(feishu: &Feishu, path: &Path) -> String {
    let url = format!("sqlite:{}", path.display());
    let ended = doctor(feishu, &["--json"], &[("GATEWAY_LEDGER__URL", &url)]).await;
    let report: Value = serde_json::from_str(&ended.stdout).expect(&ended.stdout);
    assert_eq!(report["ledger"]["path"].as_str(), path.to_str());
    let file = &report["ledger"]["checks"][0];
    assert_eq!((&file["check"], &file["subject"]), (&json!("ledger"), &json!("file")));
    let advice = file["advice"]["en"].as_str().unwrap_or_default();
    assert_eq!(file["state"] == "ok", advice.is_empty(), "{file}");
    format!("{}: {} {advice}", file["state"].as_str().unwrap(), file["detail"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_looked_at_and_left_as_it_is() {
    let feishu = start_feishu().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.db");
    let told = about_the_ledger(&feishu, &path).await;
    assert!(told.starts_with("ok: the first start of a gateway makes it"), "{told}");
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 0);

    let url = format!("sqlite:{}", path.display());
    let more: Vec<_> =
        environment(&feishu).into_iter().filter(|(name, _)| *name != "GATEWAY_LEDGER__URL").collect();
    let gateway = Running::start(&["serve"], &[more, vec![("GATEWAY_LEDGER__URL", &url)]].concat());
    let told = about_the_ledger(&feishu, &path).await;
    assert!(told.starts_with("ok: a gateway has it open"), "{told}");
    assert_eq!(gateway.stop().await.code, Some(0));
    let told = about_the_ledger(&feishu, &path).await;
    assert!(told.starts_with("ok: it is there, and no gateway has it open"), "{told}");

    std::fs::write(&path, "notes of somebody").unwrap();
    let told = about_the_ledger(&feishu, &path).await;
    assert!(told.starts_with("failed: ") && told.contains("Something else has this name"), "{told}");
    let told = about_the_ledger(&feishu, &directory.path().join("nowhere/ledger.db")).await;
    assert!(told.starts_with("failed: ") && told.contains("Create the directory"), "{told}");
}
