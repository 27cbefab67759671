//! What is measured tells the apps apart.

use crate::apps::two_apps;
use crate::harness::documents::instance;

#[tokio::test]
async fn each_app_is_measured_by_its_name() {
    let gateway = two_apps().await;
    for (key, id) in [("k-erp", "a"), ("k-erp", "b"), ("k-default", "a")] {
        assert_eq!(gateway.with_key(key).put(id, "", &instance(id)).await.status, 200);
    }
    let text = gateway.get("/metrics").await.text;
    let push = r#"api="external_instances",app="#;
    for line in [
        format!(r#"feishu_request_duration_seconds_count{{{push}"erp",outcome="ok"}} 2"#),
        format!(r#"feishu_request_duration_seconds_count{{{push}"default",outcome="ok"}} 1"#),
        format!(r#"feishu_limiter_calls_per_second{{{push}"erp"}} 0"#),
        format!(r#"feishu_limiter_calls_per_second{{{push}"default"}} 1"#),
        // Half of what all may hold for each.
        r#"gateway_request_quota_bytes{app="erp"} 1048576"#.to_owned(),
        r#"gateway_request_quota_bytes{app="default"} 1048576"#.to_owned(),
    ] {
        assert!(text.lines().any(|written| written == line), "{line} is not in\n{text}");
    }
}
