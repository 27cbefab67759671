//! A ledger in a directory, a sandbox that outlives its gateways, and gateways on both.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::binary::documents;
use crate::feishu::{Feishu, until};
use crate::process::{Running, answer, environment, start_feishu};

/// What stays when a gateway is gone.
pub(super) struct Site {
    pub(super) feishu: Arc<Feishu>,
    directory: Arc<tempfile::TempDir>,
    /// Variables of every gateway, beside those that all tests set.
    more: Vec<(&'static str, String)>,
}

/// A document with this title, whose version the gateway chooses.
pub(super) fn document(id: &str, title: &str) -> Value {
    let mut document = documents::instance(id);
    document.as_object_mut().unwrap().remove("updated_at");
    document["title"] = title.into();
    document
}

impl Site {
    /// No ledger yet, and an empty sandbox without limits of its own: a new gateway knows no calls of an old one.
    pub(super) async fn new() -> Self {
        let feishu = Arc::new(start_feishu().await);
        feishu.switch(json!({"per_second": 0, "per_minute": 0})).await;
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let more = vec![
            ("GATEWAY_LEDGER__URL", format!("sqlite:{}", directory.path().join("ledger.db").display())),
            ("GATEWAY_FEISHU__RATE__PER_SECOND", "0".to_owned()),
            ("GATEWAY_FEISHU__RATE__PER_MINUTE", "0".to_owned()),
            ("GATEWAY_LOG__FORMAT", "text".to_owned()),
        ];
        Self { feishu, directory, more }
    }

    /// The same with another ledger.
    pub(super) fn beside(other: &Self, url: &str) -> Self {
        let Self { feishu, directory, more } = other;
        let site = Self { feishu: Arc::clone(feishu), directory: Arc::clone(directory), more: more.clone() };
        site.with("GATEWAY_LEDGER__URL", url)
    }

    pub(super) fn with(mut self, variable: &'static str, value: &str) -> Self {
        self.more.retain(|(name, _)| *name != variable);
        self.more.push((variable, value.to_owned()));
        self
    }

    pub(super) fn directory(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    pub(super) fn ledger(&self) -> PathBuf {
        self.directory.path().join("ledger.db")
    }

    pub(super) fn environment(&self) -> Vec<(&str, &str)> {
        let more = self.more.iter().map(|(name, value)| (*name, value.as_str()));
        environment(&self.feishu).into_iter().filter(|(name, _)| self.is_not_set(name)).chain(more).collect()
    }

    fn is_not_set(&self, name: &str) -> bool {
        self.more.iter().all(|(set, _)| *set != name)
    }

    pub(super) fn start(&self) -> Running {
        Running::start(&["serve"], &self.environment())
    }

    /// Starts by a program that becomes the gateway.
    pub(super) fn start_by(&self, program: &[&str]) -> Result<Running, String> {
        Running::start_by(program, &["serve"], &self.environment())
    }

    /// The pushes that the sandbox has recorded, oldest first.
    pub(super) async fn pushes(&self) -> Vec<Value> {
        let answer = self.feishu.control("GET", "requests?api=external_instances", Value::Null).await.1;
        answer["requests"].as_array().unwrap().clone()
    }

    /// The title that Feishu shows.
    pub(super) async fn title(&self, id: &str) -> Option<String> {
        let (status, shown) = self.feishu.control("GET", &format!("instances/{id}"), Value::Null).await;
        (status == 200).then(|| shown["texts"]["title"]["zh-CN"].as_str().unwrap().to_owned())
    }

    /// Waits until Feishu shows a title.
    pub(super) async fn until_shown(&self, id: &str, title: &str) {
        until(|| async { self.title(id).await.as_deref() == Some(title) }).await;
    }

    pub(super) async fn clear_faults(&self) {
        self.feishu.control("DELETE", "faults", Value::Null).await;
    }
}

/// Pushes without waiting for the delivery; status and body.
pub(super) async fn accept(gateway: &Running, id: &str, document: &Value) -> (u16, Value) {
    let request = gateway.request("PUT", &format!("/v1/instances/{id}"), document);
    answer(request.header("prefer", "respond-async")).await
}

/// Whether a program can be run in this way; says so when not, and fails where nothing may be skipped.
#[expect(clippy::print_stdout, reason = "whoever runs the tests should see it")]
pub(super) fn is_possible(program: &[&str]) -> bool {
    let tried = std::process::Command::new(program[0]).args(&program[1..]).arg("true").output();
    let is_possible = tried.is_ok_and(|output| output.status.success());
    if !is_possible {
        assert!(std::env::var_os("GATEWAY_TESTS_SKIP_NOTHING").is_none(), "{program:?} does not work here");
        println!("SKIPPED: {program:?} does not work here");
    }
    is_possible
}

/// Time of a member of a recorded call, such as `at`; RFC 3339 in one form, so that texts compare as times do.
pub(super) fn time<'a>(call: &'a Value, member: &str) -> &'a str {
    call[member].as_str().unwrap()
}

/// The version of a recorded push.
pub(super) fn version(push: &Value) -> u64 {
    push["body"]["update_time"].as_str().unwrap().parse().unwrap()
}

/// The title of a recorded push.
pub(super) fn pushed_title(push: &Value) -> &str {
    let key = push["body"]["title"].as_str().unwrap();
    let texts = push["body"]["i18n_resources"][0]["texts"].as_array().unwrap();
    texts.iter().find(|text| text["key"] == key).unwrap()["value"].as_str().unwrap()
}
