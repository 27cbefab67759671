//! What the sandbox holds before a test begins.

use approval_gateway::sandbox::{SEEDED_APPROVAL_CODE, Sandbox};
use approval_gateway::support::clock::Clock;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::harness::{APP_ID, APP_SECRET, Builder, Feishu, Gateway, START, sandbox};

/// 2026-03-14T09:00:00Z: the newest instance of every world.
pub(crate) const NOW: i64 = 1_773_478_800_000;

pub(crate) const DAY: i64 = 24 * 60 * 60 * 1000;

/// The code of the definition that most instances belong to.
pub(crate) const CODE: &str = SEEDED_APPROVAL_CODE;

/// Feishu's own code of the instance `oa-1`.
pub(crate) const INSTANCE_CODE: &str = "83363B88-54D3-6876-F62A-5AD34451623E";

/// The caller's own code of that definition.
pub(crate) const DEFINITION_KEY: &str = "sandbox-demo";

/// What Feishu answers in clear and nobody may see.
pub(crate) const SECRETS: [&str; 2] = ["cbt-6f1d93", "cbk-9b42ed"];

/// What people wrote.
pub(crate) const TEXTS: [&str; 4] = ["出差申请", "行政", "国内与国际出差", "Travel request"];

/// The caller's code of the group that most instances belong to.
pub(crate) const GROUP: &str = "acme-oa";

/// The person who starts every instance.
pub(crate) const APPLICANT: &str = "b51f70ac";

/// The person who approves most tasks.
pub(crate) const APPROVER: &str = "e7b21c9d";

/// The person who gets every copy.
pub(crate) const READER: &str = "c03f5a8e";

/// An instance, in the words of a push (contract §4.1).
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) approval_code: String,
    /// Upper case.
    pub(crate) status: &'static str,
    pub(crate) title: String,
    pub(crate) started: i64,
    pub(crate) updated: i64,
    pub(crate) extra: String,
    pub(crate) tasks: Vec<Task>,
    pub(crate) copies: Vec<Copy>,
}

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) status: &'static str,
    pub(crate) started: i64,
    pub(crate) updated: i64,
    pub(crate) extra: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Copy {
    pub(crate) user: String,
    pub(crate) created: i64,
    pub(crate) read: bool,
    pub(crate) title: String,
}

/// Everything that the sandbox holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) instances: Vec<Instance>,
}

impl Instance {
    /// A pending instance with one pending task and one unread copy.
    pub(crate) fn new(id: &str, started: i64) -> Self {
        let task = Task {
            id: format!("{id}-n1"),
            user: APPROVER.to_owned(),
            status: "PENDING",
            started,
            updated: started + 1000,
            extra: String::new(),
        };
        let copy =
            Copy { user: READER.to_owned(), created: started, read: false, title: format!("copy of {id}") };
        Self {
            id: id.to_owned(),
            approval_code: CODE.to_owned(),
            status: "PENDING",
            title: format!("title of {id}"),
            started,
            updated: started + 2000,
            extra: format!("{{\"business_key\":\"BK-{id}\"}}"),
            tasks: vec![task],
            copies: vec![copy],
        }
    }

    pub(crate) fn status(mut self, status: &'static str) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn task_status(mut self, status: &'static str) -> Self {
        self.tasks[0].status = status;
        self
    }

    /// The push that brings it.
    fn push(&self) -> Value {
        let tasks = self.tasks.iter().map(|task| {
            json!({
                "task_id": task.id, "user_id": task.user, "status": task.status, "title": "@i18n@step",
                "links": links("task"), "extra": task.extra, "create_time": task.started.to_string(),
                "end_time": if task.status == "PENDING" { "0".to_owned() } else { task.updated.to_string() },
                "update_time": task.updated.to_string(),
            })
        });
        let copies = self.copies.iter().enumerate().map(|(nth, copy)| {
            json!({
                "cc_id": format!("{}-cc{nth}", self.id), "user_id": copy.user, "title": copy.title,
                "read_status": if copy.read { "READ" } else { "UNREAD" }, "links": links("cc"), "extra": "{}",
                "create_time": copy.created.to_string(), "update_time": self.updated.to_string(),
            })
        });
        let texts = [("title", self.title.as_str()), ("step", "直属主管审批"), ("name", "周南")];
        let texts = texts.map(|(key, value)| json!({"key": format!("@i18n@{key}"), "value": value}));
        json!({
            "instance_id": self.id, "approval_code": self.approval_code, "status": self.status,
            "title": "@i18n@title", "user_id": APPLICANT, "open_id": format!("ou_{APPLICANT}"),
            "user_name": "@i18n@name", "extra": self.extra,
            "links": links("instance"), "start_time": self.started.to_string(),
            "end_time": self.ended().to_string(), "update_time": self.updated.to_string(),
            "task_list": tasks.collect::<Vec<_>>(), "cc_list": copies.collect::<Vec<_>>(),
            "i18n_resources": [{"locale": "zh-CN", "is_default": true, "texts": texts}],
        })
    }

    /// When it ended, `0` while it is open.
    fn ended(&self) -> i64 {
        if matches!(self.status, "PENDING" | "HIDDEN") { 0 } else { self.updated }
    }
}

/// Statuses of the instances of [`World::of_230_days`], in turn.
const STATUSES: [&str; 6] = ["PENDING", "APPROVED", "REJECTED", "CANCELED", "DELETED", "APPROVED"];

/// Statuses of their tasks, in turn.
const TASK_STATUSES: [&str; 5] = ["PENDING", "APPROVED", "REJECTED", "TRANSFERRED", "DONE"];

impl World {
    /// A hundred and twenty instances in every status that searches know, over 230 days, with twelve withdrawn ones in a
    /// row so that some pages are empty.
    pub(crate) fn of_230_days() -> Self {
        let instances = (0..120).map(|nth: usize| {
            let started = NOW - (i64::try_from(nth).unwrap() * 230 * DAY) / 119;
            let status = if (40..52).contains(&nth) { "CANCELED" } else { STATUSES[nth % STATUSES.len()] };
            let mut instance = Instance::new(&format!("oa-{nth:03}"), started)
                .status(status)
                .task_status(TASK_STATUSES[nth % TASK_STATUSES.len()]);
            instance.copies[0].read = nth.is_multiple_of(3);
            instance
        });
        Self { instances: instances.collect() }
    }

    /// Two instances a definition, for as many definitions; [`before`] gives them the codes that Feishu gave these.
    pub(crate) fn of_definitions(count: usize) -> Self {
        let instances = (0..count).flat_map(|nth| {
            ["a", "b"].map(|letter| Instance {
                approval_code: format!("key-{nth:03}"),
                ..Instance::new(&format!("oa-{nth:03}-{letter}"), NOW)
            })
        });
        Self { instances: instances.collect() }
    }

    /// These alone.
    pub(crate) fn of(instances: impl IntoIterator<Item = Instance>) -> Self {
        Self { instances: instances.into_iter().collect() }
    }
}

/// Which generation of the task list is asked (`feishu.task_status_api`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Generation {
    V4,
    V2,
}

/// A gateway before a sandbox that holds this world.
pub(crate) async fn before(world: World) -> Gateway {
    of(Generation::V4, world).await
}

pub(crate) async fn of(generation: Generation, world: World) -> Gateway {
    reading(&feishu(world).await, generation).start().await
}

/// A gateway that reads from a sandbox.
pub(crate) fn reading(feishu: &Feishu, generation: Generation) -> Builder {
    let generation = if generation == Generation::V4 { "v4" } else { "v2" };
    let builder = Gateway::builder().feishu(feishu).set("FEISHU__TASK_STATUS_API", generation);
    builder.set("REQUEST__DEADLINE_MS", 60_000)
}

/// A sandbox that holds this world and remembers no call.
pub(crate) async fn feishu(world: World) -> Feishu {
    let sandbox = sandbox(None, &Clock::manual(START));
    let token = call(
        &sandbox,
        "",
        "auth/v3/tenant_access_token/internal",
        &json!({"app_id": APP_ID, "app_secret": APP_SECRET}),
    )
    .await;
    let token = token["tenant_access_token"].as_str().unwrap();
    let mut codes = vec![(CODE.to_owned(), define(&sandbox, token, DEFINITION_KEY).await)];
    // The oldest comes first, as it would.
    for mut instance in world.instances.into_iter().rev() {
        if codes.iter().all(|(key, _)| *key != instance.approval_code) {
            let key = instance.approval_code.clone();
            let code = define(&sandbox, token, &key).await;
            codes.push((key, code));
        }
        let known = codes.iter().find(|(key, _)| *key == instance.approval_code);
        instance.approval_code = known.unwrap().1.clone();
        call(&sandbox, token, "approval/v4/external_instances", &instance.push()).await;
    }
    let feishu = Feishu::serve(&sandbox).await;
    // Batches so small that a list of twenty ids has many.
    feishu.switch(json!({"legacy_page_size": 3})).await;
    assert_eq!(feishu.control("DELETE", "requests", Value::Null).await.0, 204);
    feishu
}

/// Defines an approval and answers its code.
async fn define(sandbox: &Sandbox, token: &str, key: &str) -> String {
    let [name, group, description, english] = TEXTS;
    let text = |key: &str, value: &str| json!({"key": format!("@i18n@{key}"), "value": value});
    let [callback_token, callback_key] = SECRETS;
    let definition = json!({
        "approval_name": "@i18n@travel_name", "approval_code": key, "description": "@i18n@travel_desc",
        "group_code": GROUP, "group_name": "@i18n@group_oa",
        "external": {
            "biz_type": "travel", "create_link_pc": "https://oa.example.org/travel/new", "create_link_mobile": "",
            "support_pc": true, "support_mobile": true, "support_batch_read": true, "enable_mark_readed": false,
            "enable_quick_operate": false, "allow_batch_operate": true, "exclude_efficiency_statistics": false,
            "action_callback_url": "https://gateway.example.org/feishu/approval/action",
            "action_callback_token": callback_token, "action_callback_key": callback_key,
        },
        "viewers": [
            // The example of the documents shows both ids in one entry.
            {"viewer_type": "DEPARTMENT", "viewer_department_id": "od-4be0c1f77a9d2e53", "viewer_user_id": "zz"},
            {"viewer_type": "USER", "viewer_user_id": APPROVER, "viewer_department_id": ""},
        ],
        "i18n_resources": [
            {"locale": "en-US", "is_default": false, "texts": [text("travel_name", english)]},
            {"locale": "zh-CN", "is_default": true, "texts": [
                text("travel_name", name), text("group_oa", group), text("travel_desc", description),
            ]},
        ],
        "managers": [READER],
    });
    let answer =
        call(sandbox, token, "approval/v4/external_approvals?user_id_type=user_id", &definition).await;
    answer["data"]["approval_code"].as_str().unwrap().to_owned()
}

/// A call that the sandbox must take.
async fn call(sandbox: &Sandbox, token: &str, path: &str, body: &Value) -> Value {
    let body = body.to_string();
    let request = Request::post(format!("/open-apis/{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json; charset=utf-8")
        .header("content-length", body.len());
    let answer = sandbox.router().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let answer = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["code"], 0, "{answer}");
    answer
}

fn links(what: &str) -> Value {
    json!({
        "pc_link": format!("https://oa.example.org/{what}"),
        "mobile_link": format!("https://oa.example.org/m/{what}"),
    })
}

/// The recorded calls beside those for tokens.
pub(crate) async fn asked(gateway: &Gateway) -> Vec<Value> {
    let mut calls = gateway.feishu.calls().await;
    calls.retain(|call| call["api"] != "token");
    calls
}
