//! kill -9 again and again, under load.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::HashMap;

use approval_gateway::ledger::sqlite::check;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::site::{Site, document, pushed_title, time, version};
use crate::feishu::{FOR_EVER, until};
use crate::process::Running;

/// Instances, each written by a caller of its own.
const WRITERS: usize = 6;

/// The same documents and faults in every run; what they meet when is left to chance.
const SEED: u64 = 0x6b11;

/// How often the gateway is killed; `just crash` asks for more.
fn kills() -> u32 {
    std::env::var("CRASHES").map_or(8, |kills| kills.parse().unwrap())
}

/// A caller of one instance, who remembers what was acknowledged.
struct Writer {
    id: String,
    random: fastrand::Rng,
    issued: u64,
    acknowledged: u64,
}

fn title(number: u64) -> String {
    format!("document {number:04}")
}

fn number(title: &str) -> u64 {
    title.strip_prefix("document ").unwrap().parse().unwrap()
}

impl Writer {
    fn new(number: u64) -> Self {
        let random = fastrand::Rng::with_seed(SEED + number);
        Self { id: format!("crash-{number}"), random, issued: 0, acknowledged: 0 }
    }

    /// Writes until the gateway is gone.
    async fn write(&mut self, gateway: &Running, acknowledgements: &Semaphore) {
        loop {
            self.issued += 1;
            let Some((status, body)) = self.send(gateway).await else { return };
            if status == 200 || status == 202 {
                self.acknowledged = self.issued;
                acknowledgements.add_permits(1);
            } else {
                // The ledger had not answered when the time was up.
                assert_eq!(body["outcome"], "unknown", "{status}: {body}");
            }
        }
    }

    /// One document, whole or as a patch; nothing when nobody answered.
    async fn send(&mut self, gateway: &Running) -> Option<(u16, Value)> {
        let (path, title) = (format!("/v1/instances/{}", self.id), title(self.issued));
        let request = if self.acknowledged > 0 && self.random.bool() {
            gateway.request("PATCH", &path, &json!({"title": title}))
        } else {
            gateway.request("PUT", &path, &document(&self.id, &title))
        };
        let request = match self.random.u8(0..3) {
            0 => request.header("prefer", "respond-async"),
            1 => request.header("x-request-timeout-ms", self.random.u32(20..400)),
            _ => request,
        };
        let response = request.timeout(FOR_EVER).send().await.ok()?;
        let status = response.status().as_u16();
        let body = response.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&body).unwrap()))
    }
}

/// Faults that strike some time in the next pushes. What is applied is so when it arrives: a push that outlives its gateway
/// lands before what the next one sends.
async fn break_some(site: &Site, random: &mut fastrand::Rng) {
    site.clear_faults().await;
    for _ in 0..8 {
        let mut fault = match random.u8(0..5) {
            0 => json!({"http_status": 503, "apply": random.bool()}),
            1 => json!({"close": "before_headers", "apply": random.bool()}),
            _ => json!({"delay_ms": random.u32(10..150), "apply": true}),
        };
        fault["api"] = "external_instances".into();
        fault["skip"] = random.u32(0..40).into();
        site.feishu.fault(fault).await;
    }
}

/// What the sandbox is known to have of an instance: the last version that was sent, and with which title.
type Last = HashMap<String, (u64, String)>;

/// Looks through the pushes of one gateway, when all of them have ended, and forgets them.
async fn compare(site: &Site, last: &mut Last) {
    until(|| async { site.pushes().await.iter().all(|push| push.get("ended_at").is_some()) }).await;
    let mut ended = HashMap::<String, String>::new();
    for push in site.pushes().await {
        let id = push["body"]["instance_id"].as_str().unwrap().to_owned();
        let sent = (version(&push), pushed_title(&push).to_owned());
        if let Some(before) = last.insert(id.clone(), sent.clone()) {
            assert!(before.0 <= sent.0 && number(&before.1) <= number(&sent.1), "{id}: {before:?}, {sent:?}");
            assert!(before.0 < sent.0 || before.1 == sent.1, "{id}: {before:?}, {sent:?}");
        }
        let at = time(&push, "at");
        if let Some(before) = ended.insert(id.clone(), time(&push, "ended_at").to_owned()) {
            assert!(*before <= *at, "{id}: a push came at {at}, the one before it ended at {before}");
        }
    }
    site.feishu.control("DELETE", "requests", Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_delivered_however_often_the_gateway_is_killed() {
    let site = Site::new().await;
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut writers: Vec<_> = (0..WRITERS as u64).map(Writer::new).collect();
    let mut last = Last::new();
    for _ in 0..kills() {
        break_some(&site, &mut random).await;
        let gateway = site.start();
        let acknowledgements = Semaphore::new(0);
        let writing = join_all(writers.iter_mut().map(|writer| writer.write(&gateway, &acknowledgements)));
        let killing = async {
            let enough = acknowledgements.acquire_many(random.u32(1..60));
            tokio::time::timeout(FOR_EVER, enough).await.unwrap().unwrap().forget();
            gateway.kill();
        };
        tokio::join!(writing, killing);
        drop(gateway);
        compare(&site, &mut last).await;
    }
    site.clear_faults().await;
    let gateway = site.start();
    for writer in &writers {
        let is_there = || async {
            site.title(&writer.id).await.is_some_and(|title| number(&title) >= writer.acknowledged)
        };
        until(is_there).await;
    }
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    compare(&site, &mut last).await;
    for writer in &writers {
        let shown = number(&site.title(&writer.id).await.unwrap());
        let possible = writer.acknowledged..=writer.issued;
        assert!(possible.contains(&shown), "{}: {shown} is none of {possible:?}", writer.id);
        assert_eq!(last[&writer.id].1, title(shown), "{}", writer.id);
    }
    assert_eq!(check(&site.ledger()).unwrap().faults, Vec::<String>::new());
}
