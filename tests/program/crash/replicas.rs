//! Three gateways on one PostgreSQL: whatever becomes of the one that pushes, what any of them acknowledged is delivered.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio_util::sync::CancellationToken;

use super::postgres;
use super::site::{Site, time};
use super::writers::{Last, Writer, compare};
use crate::feishu::until;
use crate::process::Running;

/// Instances, each written by a caller of its own through all gateways in turn.
pub(super) const WRITERS: u64 = 6;

/// Time between two documents of a caller: more than Feishu may be sent, and less than keeps a machine busy.
const PAUSE: Duration = Duration::from_millis(100);

/// Pushes that Feishu takes of the app in a second and in a minute; the minute's are used up when the first gateway is killed.
const WINDOWS: [(usize, i128); 2] = [(10, 1_000), (120, 60_000)];

/// A call may be held up so long between the gateway's clock and the sandbox's.
const HELD_UP_MILLIS: i128 = 200;

/// Pushes between two misfortunes.
const BETWEEN: u64 = 10;

/// The gateways that callers reach.
#[derive(Clone, Default)]
pub(super) struct Members(Arc<Mutex<Vec<Arc<Running>>>>);

impl Members {
    pub(super) fn add(&self, gateway: Arc<Running>) {
        self.0.lock().unwrap().push(gateway);
    }

    pub(super) fn remove(&self, gateway: &Arc<Running>) {
        self.0.lock().unwrap().retain(|member| !Arc::ptr_eq(member, gateway));
    }

    pub(super) fn all(&self) -> Vec<Arc<Running>> {
        self.0.lock().unwrap().clone()
    }

    /// Waits until one of them has the lease.
    pub(super) async fn holder(&self) -> Arc<Running> {
        let found = Mutex::new(None);
        until(|| async {
            for member in self.all() {
                if holds(&member).await {
                    *found.lock().unwrap() = Some(member);
                    return true;
                }
            }
            false
        })
        .await;
        found.into_inner().unwrap().unwrap()
    }
}

/// Whether a gateway says that it has the lease.
pub(super) async fn holds(gateway: &Running) -> bool {
    let Ok(response) = gateway.request("GET", "/metrics", &serde_json::Value::Null).send().await else {
        return false;
    };
    let text = response.text().await.unwrap_or_default();
    text.lines().any(|line| line.starts_with("gateway_lease_held{") && line.ends_with(" 1"))
}

/// Writes through all gateways in turn until the end.
pub(super) async fn write(writer: &mut Writer, members: &Members, end: &CancellationToken) {
    for turn in 0.. {
        let all = members.all();
        writer.write(&all[turn % all.len()]).await;
        tokio::select! {
            () = end.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Never more pushes than the app may send, whoever sends them.
async fn check_windows(site: &Site) {
    let millis =
        |text: &str| OffsetDateTime::parse(text, &Rfc3339).unwrap().unix_timestamp_nanos() / 1_000_000;
    let arrivals: Vec<_> = site.pushes().await.iter().map(|push| millis(time(push, "at"))).collect();
    for (limit, span) in WINDOWS {
        for window in arrivals.windows(limit + 1) {
            let took = window[limit] - window[0];
            assert!(took >= span - HELD_UP_MILLIS, "{} pushes within {took} ms", limit + 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_any_replica_acknowledged_is_delivered_whatever_becomes_of_the_one_that_pushes() {
    let Some((site, _)) = postgres::site().await else { return };
    let [per_second, per_minute] = WINDOWS.map(|(limit, _)| limit.to_string());
    let site = site.with("GATEWAY_FEISHU__RATE__PER_SECOND", &per_second);
    let site = site.with("GATEWAY_FEISHU__RATE__PER_MINUTE", &per_minute);
    let members = Members::default();
    for _ in 0..3 {
        members.add(Arc::new(site.start()));
    }
    let mut writers: Vec<_> = (0..WRITERS).map(Writer::new).collect();
    let end = CancellationToken::new();
    let writing = join_all(writers.iter_mut().map(|writer| write(writer, &members, &end)));
    let misfortunes = async {
        let more = || async {
            let count = site.feishu.count("external_instances").await + BETWEEN;
            site.feishu.until_called("external_instances", count).await;
        };
        more().await;
        // Asked to stop, as when versions are exchanged.
        let stopped = members.holder().await;
        members.remove(&stopped);
        stopped.terminate();
        members.holder().await;
        members.add(Arc::new(site.start()));
        more().await;
        // Suspended, and back when another one pushes.
        let suspended = members.holder().await;
        members.remove(&suspended);
        suspended.suspend();
        members.holder().await;
        suspended.resume();
        until(|| async { !holds(&suspended).await }).await;
        members.add(suspended);
        more().await;
        // Killed.
        let killed = members.holder().await;
        members.remove(&killed);
        killed.kill();
        members.holder().await;
        more().await;
        end.cancel();
    };
    tokio::join!(writing, misfortunes);
    for writer in &writers {
        writer.until_shown(&site).await;
    }
    for member in members.all() {
        member.terminate();
    }
    check_windows(&site).await;
    let mut last = Last::new();
    compare(&site, &mut last).await;
    for writer in &writers {
        writer.check_end(&site, &last).await;
    }
}
