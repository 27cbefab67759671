//! A served sandbox with a clock set by hand, and the calls that tests make of it.

use approval_gateway::sandbox::{
    DEFAULT_APP_ID, DEFAULT_APP_SECRET, Options, SEEDED_APPROVAL_CODE, Sandbox, Switches,
};
use approval_gateway::support::clock::Clock;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::harness::{Answer, Feishu, exchange};

/// 2026-03-14T09:00:00Z, when the samples were taken.
pub(crate) const START: i64 = 1_773_478_800_000;

pub(crate) const TOKEN: &str = "/open-apis/auth/v3/tenant_access_token/internal";
pub(crate) const DEFINITIONS: &str = "/open-apis/approval/v4/external_approvals";
pub(crate) const INSTANCES: &str = "/open-apis/approval/v4/external_instances";
pub(crate) const CHECK: &str = "/open-apis/approval/v4/external_instances/check";
pub(crate) const TASKS: &str = "/open-apis/approval/v4/external_tasks";

pub(crate) struct TestSandbox {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Clock,
    served: OnceCell<Feishu>,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {:?}", self.text))
    }

    pub(crate) fn code(&self) -> i64 {
        self.json()["code"].as_i64().unwrap()
    }

    /// Status and code, the two that callers branch on.
    pub(crate) fn outcome(&self) -> (u16, i64) {
        (self.status, self.code())
    }

    pub(crate) fn data(&self) -> Value {
        let json = self.json();
        assert_eq!(json["code"], 0, "{json}");
        json["data"].clone()
    }

    /// Paths of the field violations, in their order.
    pub(crate) fn violations(&self) -> Vec<String> {
        assert_eq!(self.outcome(), (400, 99992402), "{}", self.text);
        let fields = self.json()["error"]["field_violations"].clone();
        fields.as_array().unwrap().iter().map(|entry| entry["field"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl TestSandbox {
    pub(crate) fn new() -> Self {
        Self::with(Switches::default())
    }

    pub(crate) fn with(switches: Switches) -> Self {
        Self::of(Options { switches, ..Options::default() })
    }

    pub(crate) fn of(options: Options) -> Self {
        let clock = Clock::manual(START);
        let sandbox = Sandbox::new(Options { clock: clock.clone(), ..options });
        Self::serving(sandbox, clock)
    }

    pub(crate) fn serving(sandbox: Sandbox, clock: Clock) -> Self {
        Self { sandbox, clock, served: OnceCell::new() }
    }

    /// The sandbox as it is served, from the first call on.
    pub(crate) async fn served(&self) -> &Feishu {
        self.served.get_or_init(|| Feishu::serve(&self.sandbox)).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let address = self.served().await.origin.trim_start_matches("http://").parse().unwrap();
        let Answer { status, headers, text, .. } = Answer::of(exchange(address, request).await.into()).await;
        Reply { status, headers, text }
    }

    /// Any call with a JSON body and no token.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Reply {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(Request::builder().method(method).uri(path).body(body).unwrap()).await
    }

    pub(crate) async fn token_of(&self, app_id: &str, app_secret: &str) -> Reply {
        self.call("POST", TOKEN, json!({"app_id": app_id, "app_secret": app_secret})).await
    }

    pub(crate) async fn token(&self) -> String {
        let reply = self.token_of(DEFAULT_APP_ID, DEFAULT_APP_SECRET).await;
        reply.json()["tenant_access_token"].as_str().unwrap().to_owned()
    }

    /// A call with a token of its own.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Value) -> Reply {
        let token = self.token().await;
        self.ask_with(&token, method, path, body).await
    }

    pub(crate) async fn ask_with(&self, token: &str, method: &str, path: &str, body: Value) -> Reply {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json; charset=utf-8");
        self.send(request.body(body).unwrap()).await
    }

    /// Pushes an instance that must be accepted.
    pub(crate) async fn push(&self, instance: Value) -> Value {
        self.ask("POST", INSTANCES, instance).await.data()
    }

    /// What `GET /sandbox/...` shows.
    pub(crate) async fn look(&self, path: &str) -> Value {
        let (status, shown) = self.served().await.control("GET", path, Value::Null).await;
        assert_eq!(status, 200, "{shown}");
        shown
    }

    pub(crate) async fn stored(&self, instance_id: &str) -> Value {
        self.look(&format!("instances/{instance_id}")).await["stored"].clone()
    }

    pub(crate) async fn switch(&self, switches: Value) {
        self.served().await.switch(switches).await;
    }

    pub(crate) async fn fault(&self, fault: Value) {
        self.served().await.fault(fault).await;
    }
}

/// An instance with one open task and one unread copy.
pub(crate) fn instance() -> Value {
    json!({
        "approval_code": SEEDED_APPROVAL_CODE,
        "status": "PENDING",
        "extra": "{\"business_key\":\"TR-417\"}",
        "instance_id": "oa-417",
        "links": {"pc_link": "https://oa.example.org/417", "mobile_link": "https://oa.example.org/m/417"},
        "title": "@i18n@title",
        "form": [{"name": "@i18n@dest", "value": "@i18n@city"}],
        "user_id": "initiator",
        "department_id": "od-1",
        "start_time": "1773450000000",
        "end_time": "0",
        "update_time": "1773450000000",
        "update_mode": "REPLACE",
        "task_list": [{
            "task_id": "oa-417-n1",
            "user_id": "approver",
            "title": "@i18n@node",
            "links": {"pc_link": "https://oa.example.org/417?n1"},
            "status": "PENDING",
            "create_time": "1773450000000",
            "end_time": "0",
            "update_time": "1773450000000",
            "action_configs": [{"action_type": "APPROVE"}, {"action_type": "ask", "action_name": "@i18n@ask"}],
            "node_id": "n1",
            "node_name": "@i18n@node"
        }],
        "cc_list": [{
            "cc_id": "oa-417-cc1",
            "user_id": "reader",
            "links": {"pc_link": "https://oa.example.org/417?cc1"},
            "read_status": "UNREAD",
            "title": "出差抄送",
            "create_time": "1773450000000",
            "update_time": "1773450000000"
        }],
        "i18n_resources": [
            {"locale": "zh-CN", "is_default": true, "texts": [
                {"key": "@i18n@title", "value": "出差申请：成都"},
                {"key": "@i18n@dest", "value": "目的地"},
                {"key": "@i18n@city", "value": "成都"},
                {"key": "@i18n@node", "value": "主管审批"},
                {"key": "@i18n@ask", "value": "询问"}
            ]},
            {"locale": "en-US", "is_default": false, "texts": [{"key": "@i18n@title", "value": "Trip to Chengdu"}]}
        ]
    })
}

/// A definition that passes.
pub(crate) fn definition() -> Value {
    json!({
        "approval_name": "@i18n@travel_name",
        "approval_code": "acme-travel",
        "group_code": "acme-oa",
        "group_name": "@i18n@group_oa",
        "external": {"support_pc": true, "support_mobile": true, "support_batch_read": true},
        "viewers": [{"viewer_type": "TENANT"}],
        "i18n_resources": [{"locale": "zh-CN", "is_default": true, "texts": [
            {"key": "@i18n@travel_name", "value": "出差申请"},
            {"key": "@i18n@group_oa", "value": "行政"}
        ]}]
    })
}

/// A copy of a document in which the values at some pointers are others; `null` takes a member away.
pub(crate) fn with(mut document: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match document.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}")) {
            Value::Object(map) if value.is_null() => drop(map.remove(name)),
            Value::Object(map) => drop(map.insert(name.to_owned(), value.clone())),
            Value::Array(list) => list[name.parse::<usize>().unwrap()] = value.clone(),
            other => panic!("{parent} is {other}"),
        }
    }
    document
}
