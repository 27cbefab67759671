//! Callers who write to instances of their own while gateways come and go, and the check of what reached Feishu.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::HashMap;

use serde_json::{Value, json};

use super::site::{Site, document, pushed_title, time, version};
use crate::feishu::{FOR_EVER, until};
use crate::process::Running;

/// The same documents and faults in every run; what they meet when is left to chance.
pub(super) const SEED: u64 = 0x6b11;

/// A caller of one instance, who remembers what was acknowledged.
pub(super) struct Writer {
    pub(super) id: String,
    random: fastrand::Rng,
    pub(super) issued: u64,
    pub(super) acknowledged: u64,
}

/// The title of a document with this number.
pub(super) fn title(number: u64) -> String {
    format!("document {number:04}")
}

/// The number in a title.
pub(super) fn number(title: &str) -> u64 {
    title.strip_prefix("document ").unwrap().parse().unwrap()
}

impl Writer {
    pub(super) fn new(number: u64) -> Self {
        let random = fastrand::Rng::with_seed(SEED + number);
        Self { id: format!("crash-{number}"), random, issued: 0, acknowledged: 0 }
    }

    /// Writes the next document; says whether it was acknowledged, or nothing when nobody answered.
    pub(super) async fn write(&mut self, gateway: &Running) -> Option<bool> {
        self.issued += 1;
        let (status, body) = self.send(gateway).await?;
        let is_acknowledged = status == 200 || status == 202;
        if is_acknowledged {
            self.acknowledged = self.issued;
        } else {
            // The ledger had not answered when the time was up, or could not be reached, or the gateway is about to stop.
            let is_open = body["outcome"] == "unknown"
                || ["ledger_unavailable", "draining"].contains(&body["code"].as_str().unwrap_or_default());
            assert!(is_open, "{status}: {body}");
        }
        Some(is_acknowledged)
    }

    /// Whether Feishu shows a document that may be there in the end: the newest acknowledged one, or one that was issued later.
    pub(super) async fn check_end(&self, site: &Site, last: &Last) {
        let shown = number(&site.title(&self.id).await.unwrap());
        let possible = self.acknowledged..=self.issued;
        assert!(possible.contains(&shown), "{}: {shown} is none of {possible:?}", self.id);
        assert_eq!(last[&self.id].1, title(shown), "{}", self.id);
    }

    /// Waits until Feishu shows what was acknowledged, or something newer.
    pub(super) async fn until_shown(&self, site: &Site) {
        until(|| async {
            site.title(&self.id).await.is_some_and(|title| number(&title) >= self.acknowledged)
        })
        .await;
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

/// What the sandbox is known to have of an instance: the last version that was sent, and with which title.
pub(super) type Last = HashMap<String, (u64, String)>;

/// Looks through the pushes that have come, when all of them have ended, and forgets them: versions and documents never go back,
/// and one push of an instance begins after the one before it has ended.
pub(super) async fn compare(site: &Site, last: &mut Last) {
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
