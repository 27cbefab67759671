//! Parameters that no operation takes.

use serde_json::json;
use test_case::test_case;

use super::of;
use crate::durable::support::Kept;
use crate::harness::documents::instance;

#[test_case("state=refuse", &["query /state: unknown_value"]; "an unknown state")]
#[test_case("state=", &["query /state: invalid_value"]; "an empty state")]
#[test_case("caller=a&caller=b", &["query /caller: repeated_parameter"]; "two callers")]
#[test_case("accepted_from=1767323045000", &["query /accepted_from: invalid_time"]; "a number for a time")]
#[test_case("accepted_from=2026-01-02T00:00:00Z&accepted_to=2026-01-01T00:00:00Z", &["query /accepted_to: contradiction"]; "times the wrong way round")]
#[test_case("limit=0&limits=3", &["query /limit: invalid_value", "query /limits: unknown_parameter"]; "limits")]
#[test_case("problem=%ff", &["query /problem: malformed_encoding"]; "no text")]
#[test_case("problem=%00", &["query /problem: control_character"]; "a null byte")]
#[tokio::test]
async fn bad_filters_of_deliveries_are_refused(query: &str, expected: &[&str]) {
    let kept = Kept::start().await;
    let mut violations = kept.gateway.get(&format!("/v1/deliveries?{query}")).await.violations();
    violations.sort();
    assert_eq!(violations, expected);
}

#[test_case("caller=%27%20OR%201=1--"; "quotes")]
#[test_case("approval_code=%25_%5C"; "wild cards")]
#[test_case("approval_code=%F0%9F%98%80%E2%80%AE"; "signs that nobody expects")]
#[tokio::test]
async fn hostile_filters_find_nothing(query: &str) {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    assert_eq!(
        kept.gateway.all(&format!("/v1/deliveries?{query}"), 10).await,
        Vec::<serde_json::Value>::new()
    );
}

#[tokio::test]
async fn cursors_are_good_for_one_list_only() {
    let kept = Kept::start().await;
    for id in ["a", "b"] {
        kept.gateway.put(id, "", &instance(id)).await.ok();
    }
    let cursor = async |path: &str| kept.gateway.page(&format!("{path}limit=1")).await.1.unwrap();
    let deliveries = cursor("/v1/deliveries?").await;
    let delivered = cursor("/v1/deliveries?state=delivered&").await;
    let history = cursor(&(of("a", "history") + "?")).await;
    let wrong = [
        (of("a", "history"), &deliveries),
        (of("b", "history"), &history),
        ("/v1/deliveries".to_owned(), &history),
        ("/v1/deliveries".to_owned(), &delivered),
        ("/v1/definitions".to_owned(), &deliveries),
        ("/v1/deliveries".to_owned(), &"AAAA".to_owned()),
    ];
    for (path, cursor) in wrong {
        let refused = kept.gateway.get(&format!("{path}?cursor={cursor}")).await;
        assert_eq!(refused.problem(), "422 invalid_cursor, not_sent", "{path} {cursor}");
    }
    assert_eq!(kept.gateway.get(&format!("/v1/deliveries?cursor={deliveries}")).await.status, 200);
}

#[tokio::test]
async fn nobody_takes_parameters_that_it_does_not_have() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    for (method, path) in [
        ("GET", of("a", "document")),
        ("DELETE", of("a", "document")),
        ("GET", of("a", "delivery")),
        ("GET", of("a", "history")),
        ("GET", "/v1/deliveries/summary".to_owned()),
        ("GET", "/v1/definitions".to_owned()),
    ] {
        let refused = kept.gateway.send(method, &format!("{path}?forced=true"), &json!(null)).await;
        assert_eq!(refused.violations(), ["query /forced: unknown_parameter"], "{method} {path}");
    }
    assert_eq!(kept.gateway.get(&of("a", "document")).await.status, 200);
}
