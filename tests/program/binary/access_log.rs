//! The line of a request, as the binary writes it.

use serde_json::{Value, json};

use crate::binary::documents::instance;
use crate::process::{Ended, Running, environment, start_feishu};

/// The lines with this message.
fn lines(ended: &Ended, message: &str) -> Vec<Value> {
    let lines = ended.stderr.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["message"] == message).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_of_a_push_tells_what_was_asked_of_feishu_and_how_it_calls_that() {
    let feishu = start_feishu().await;
    let gateway = Running::start(&["serve"], &environment(&feishu));
    feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 1})).await;
    let (status, receipt) = gateway.put("secret-id", "", &instance("secret-id")).await;
    assert_eq!(status, 200, "{receipt}");
    let ended = gateway.stop().await;
    let [push] = &lines(&ended, "request answered")[..] else { panic!("{}", ended.stderr) };
    assert_eq!(push["attempts"], 2);
    assert_eq!(push["log_id"], receipt["log_id"]);
    assert_eq!(
        (&push["app"], &push["status"], &push["level"]),
        (&json!("default"), &json!(200), &json!("INFO"))
    );
    assert!(push["duration_ms"].as_f64() >= push["upstream_ms"].as_f64(), "{push}");
    assert!(push["upstream_ms"].is_number() && push["request_id"].is_string(), "{push}");
    assert!(!push.to_string().contains("secret-id"), "{push}");
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_and_scrapes_have_lines_for_those_who_debug_only() {
    for (filter, level) in [("info", None), ("info,approval_gateway=debug", Some("DEBUG"))] {
        let arguments = ["serve", "--sandbox", "--listen", "127.0.0.1:0", "--log-filter", filter];
        let gateway = Running::start(&arguments, &[]);
        for path in ["/livez", "/readyz", "/metrics", "/version"] {
            assert_eq!(gateway.get(path).await.0, 200, "{path}");
        }
        let ended = gateway.stop().await;
        let answered = lines(&ended, "request answered");
        let level_of = |route: &str| {
            answered.iter().find(|line| line["route"] == route).map(|line| line["level"].as_str().unwrap())
        };
        assert_eq!(["/livez", "/readyz", "/metrics"].map(level_of), [level; 3], "{}", ended.stderr);
        assert_eq!(level_of("/version"), Some("INFO"), "{}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_of_a_failure_names_its_request() {
    let feishu = start_feishu().await;
    let gateway = Running::start(&["serve"], &environment(&feishu));
    feishu.fault(json!({"api": "external_instances", "code": 99991672, "times": 0})).await;
    gateway.put("a", "", &instance("a")).await;
    let ended = gateway.stop().await;
    let (failed, answered) = (lines(&ended, "request failed"), lines(&ended, "request answered"));
    assert_eq!((failed.len(), answered.len()), (1, 1), "{}", ended.stderr);
    assert_eq!(failed[0]["request_id"], answered[0]["request_id"]);
    assert_eq!(answered[0]["code"], "upstream_permission_denied");
    assert_eq!(failed[0]["log_id"], answered[0]["log_id"]);
}
