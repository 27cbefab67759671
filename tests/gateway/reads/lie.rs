//! Answers of Feishu's that make no sense, as faults and switches of the sandbox.

use serde_json::{Value, json};

use crate::harness::Gateway;

/// How the sandbox misbehaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Lie {
    /// A page of a proxy.
    Html,
    /// JSON of another shape.
    WrongTypes,
    /// Lists that are texts.
    TextsForLists,
    /// No `data`.
    NoData,
    /// `has_more` without a token.
    NoToken,
    /// Every page names the same next one.
    SameToken,
    /// Two pages name each other as the next one.
    Circle,
    /// The first page again and again, with a new token each time.
    Repeated,
    /// Empty pages without end.
    Empty,
}

/// Every reading operation with the member that holds its list.
const LISTS: [(&str, &str); 8] = [
    ("instances_query", "instance_list"),
    ("tasks_search", "task_list"),
    ("search_cc", "cc_list"),
    ("tasks_query", "tasks"),
    ("external_tasks", "data"),
    ("v2_list", "data"),
    ("check", "diff_instances"),
    ("external_approvals_get", "viewers"),
];

/// Misbehaves from now on.
pub(crate) async fn lie(gateway: &Gateway, lie: Lie) {
    let pages = match lie {
        Lie::NoToken => "no_token",
        Lie::SameToken => "same_token",
        Lie::Circle => "circle",
        Lie::Repeated => "repeated",
        Lie::Empty => "empty",
        Lie::Html | Lie::WrongTypes | Lie::TextsForLists | Lie::NoData => "honest",
    };
    gateway.feishu.switch(json!({"pages": pages})).await;
    for (api, list) in LISTS {
        let body = match lie {
            Lie::Html => "<html>Bad gateway</html>".to_owned(),
            Lie::WrongTypes => json!({"code": 0, "msg": "success", "data": [7]}).to_string(),
            Lie::NoData => json!({"code": 0, "msg": "success"}).to_string(),
            Lie::TextsForLists => json!({"code": 0, "data": {list: "none", "has_more": false}}).to_string(),
            _ => return,
        };
        let media_type = if lie == Lie::Html { "text/html" } else { "application/json" };
        let fault =
            json!({"api": api, "times": 0, "http_status": 200, "body_raw": body, "content_type": media_type});
        gateway.feishu.fault(fault).await;
    }
}

/// Puts values into every answer of an operation.
pub(crate) async fn set(gateway: &Gateway, api: &str, values: Value) {
    gateway.feishu.fault(json!({"api": api, "times": 0, "set": values})).await;
}
