//! Several gateways on one ledger: one of them pushes for the app, and all of them answer alike.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::sync::Arc;
use std::time::Duration;

use approval_gateway::domain::AppName;
use approval_gateway::ledger::memory::MemoryLedger;
use approval_gateway::ledger::{
    DeliveryResult, DeliveryState, Epoch, HolderNote, LEASE_TIME, Lease, Leases as _, Ledger, LedgerError,
    ReplicaId, Report,
};
use approval_gateway::support::clock::Clock;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::support::{Kept, key};
use crate::harness::documents::{LATER, instance, with};
use crate::harness::{Answer, Builder, Feishu, Gateway, START, sandbox, until};

/// A ledger and a sandbox that replicas share.
struct Site {
    clock: Clock,
    ledger: Arc<MemoryLedger>,
    feishu: Feishu,
}

impl Site {
    async fn new() -> Self {
        let clock = Clock::manual(START);
        let ledger = Arc::new(MemoryLedger::new(clock.clone()));
        let feishu = Feishu::serve(&sandbox(Some(crate::harness::APP_ID), &clock)).await;
        Self { clock, ledger, feishu }
    }

    async fn replica_with(&self, change: impl FnOnce(Builder) -> Builder) -> Kept {
        let memory = Arc::clone(&self.ledger);
        let ledger = Arc::clone(&memory) as Arc<dyn Ledger>;
        let builder = Gateway::builder().clock(self.clock.clone()).feishu(&self.feishu);
        let builder = change(builder.ledger(Arc::clone(&ledger)));
        Kept { gateway: builder.start().await, ledger, memory, directory: None }
    }

    async fn replica(&self) -> Kept {
        self.replica_with(|builder| builder).await
    }

    /// The one that has the lease, and another.
    async fn two(&self) -> (Kept, Kept) {
        let first = self.replica().await;
        until(|| async { holds(&first).await }).await;
        (first, self.replica().await)
    }

    /// Takes the lease, as a replica that the test plays.
    async fn acquire(&self, name: &str, note: &HolderNote) -> Lease {
        let lease = self.ledger.acquire(&AppName::default(), &ReplicaId::new(name), note).await.unwrap();
        assert_eq!(lease.holder, Some(ReplicaId::new(name)));
        lease
    }

    /// Writes a result, as the replica that the test plays.
    async fn report(&self, id: &str, epoch: Epoch, result: DeliveryResult) {
        let attempt = self.ledger.delivery(&key(id)).await.unwrap().unwrap().desired();
        let log_id = Some("log".to_owned());
        let report = Report { epoch: Some(epoch), log_id, ..Report::new(key(id), attempt, result) };
        self.ledger.report(report).await.unwrap().unwrap();
    }

    async fn lease(&self) -> Lease {
        self.ledger.lease(&AppName::default()).await.unwrap()
    }

    async fn pushes(&self) -> u64 {
        self.feishu.count("external_instances").await
    }
}

async fn metric(replica: &Kept, name: &str) -> u64 {
    let text = replica.gateway.get("/metrics").await.text;
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}

async fn holds(replica: &Kept) -> bool {
    metric(replica, "gateway_lease_held{").await == 1
}

/// The answer without what no two answers have in common.
fn said(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    for member in ["instance_id", "request_id", "changes", "log_id"] {
        body.as_object_mut().unwrap().remove(member);
    }
    body.get_mut("upstream").and_then(Value::as_object_mut).map(|upstream| upstream.remove("log_id"));
    json!([answer.status, body])
}

#[tokio::test]
async fn one_of_two_pushes_each_document_once_and_both_answer() {
    let site = Site::new().await;
    let (first, second) = site.two().await;
    let ids: Vec<_> = (0..20).map(|number| format!("i{number}")).collect();
    let documents: Vec<_> = ids.iter().map(|id| instance(id)).collect();
    let pushes = ids.iter().zip(&documents).enumerate().map(|(number, (id, document))| {
        let replica = if number % 2 == 0 { &first } else { &second };
        replica.gateway.put(id, "", document)
    });
    for receipt in join_all(pushes).await {
        let receipt = receipt.ok();
        assert_eq!((&receipt["revision"], &receipt["delivery_state"]), (&json!(1), &json!("delivered")));
        assert!(receipt["log_id"].is_string());
    }
    assert_eq!(site.pushes().await, 20);
    assert_eq!((holds(&first).await, holds(&second).await), (true, false));
    assert_eq!(site.lease().await.epoch, Epoch(1));
}

#[tokio::test]
async fn whatever_becomes_of_a_document_both_say_the_same() {
    let site = Site::new().await;
    let (first, second) = site.two().await;
    let mut answers = Vec::new();
    for (replica, name) in [(&first, "a"), (&second, "b")] {
        let mut said_here = Vec::new();
        said_here.push(said(&replica.gateway.put(name, "", &instance(name)).await));
        let changed = with(instance(name), json!({"title": "changed", "updated_at": LATER}));
        said_here.push(said(&replica.gateway.put(name, "?verify=true", &changed).await));
        said_here.push(said(&replica.gateway.put(name, "?verify=true", &changed).await));
        let refused = json!({
            "api": "external_instances", "code": 99_992_402, "msg": "no", "times": 1,
            "error": {"field_violations": [{"field": "user_id", "value": "x", "description": "no such user"}]},
        });
        site.feishu.fault(refused).await;
        said_here.push(said(&replica.gateway.put(&format!("{name}-refused"), "", &instance(name)).await));
        answers.push(said_here);
    }
    assert_eq!(answers[0], answers[1]);
    let statuses: Vec<_> = answers[0].iter().map(|answer| answer[0].clone()).collect();
    assert_eq!(statuses, [200, 200, 200, 422]);
    assert_eq!(answers[0][1][1]["verification"]["status"], "in_sync");
    assert_eq!(answers[0][3][1]["errors"][0]["pointer"], "/applicant_user_id");
}

#[tokio::test]
async fn why_the_app_pushes_nothing_is_told_by_all() {
    let site = Site::new().await;
    let (first, second) = site.two().await;
    let denied = json!({"api": "external_instances", "code": 99_991_672, "msg": "no scope", "times": 0});
    site.feishu.fault(denied).await;
    let mut said_by_both = Vec::new();
    for (replica, id) in [(&first, "a"), (&second, "b")] {
        let accepted = replica.gateway.put_within(20_000, id, &instance(id)).await;
        let problem = &accepted.body["last_problem"];
        let summary = replica.gateway.get("/v1/deliveries/summary").await.ok();
        assert_eq!((accepted.status, &problem["code"]), (202, &json!("upstream_permission_denied")));
        said_by_both.push((problem["detail"].clone(), summary["app"]["state"].clone()));
    }
    assert_eq!(said_by_both[0], said_by_both[1]);
    assert_eq!(said_by_both[0].1, "parked");
}

#[tokio::test]
async fn another_takes_over_when_the_holder_is_not_heard_of_and_looks_a_minute_later() {
    let site = Site::new().await;
    site.acquire("dead", &HolderNote::default()).await;
    let off = |builder: Builder| builder.set("RECONCILE__INTERVAL_S", 0).set("RECONCILE__SWEEP_S", 0);
    let replica = site.replica_with(off).await;
    let accepted = replica.gateway.put_within(700, "a", &instance("a")).await;
    assert_eq!((accepted.status, accepted.body.get("last_problem")), (202, None));
    assert_eq!((site.pushes().await, holds(&replica).await), (0, false), "accepted without the lease");
    assert_eq!(replica.gateway.get("/readyz").await.status, 200);
    site.ledger.pass_for_leases(LEASE_TIME);
    replica.until("a", DeliveryState::Delivered).await;
    assert_eq!(site.lease().await.epoch, Epoch(2));
    assert_eq!(metric(&replica, "gateway_lease_takeovers_total").await, 1);
    let record = replica.record("a").await;
    let after = record.check_at.unwrap().unix_millis() - site.clock.unix_millis();
    assert_eq!(after, 60_000, "what the dead one had on the wire may come later");
    site.clock.advance(Duration::from_secs(60));
    replica.until("a", DeliveryState::Confirmed).await;
}

#[tokio::test]
async fn a_lease_that_is_given_back_is_taken_at_once_and_the_giver_goes_on_to_answer() {
    let site = Site::new().await;
    let (first, second) = site.two().await;
    until(|| async { metric(&first, "gateway_replicas").await == 2 }).await;
    first.gateway.put("a", "", &instance("a")).await.ok();
    first.gateway.deliveries.iter().for_each(|delivery| delivery.hand_over());
    until(|| async { holds(&second).await }).await;
    assert!(!holds(&first).await);
    assert_eq!((metric(&first, "gateway_lease_lost_total").await, site.lease().await.epoch), (0, Epoch(2)));
    first.gateway.put("b", "", &instance("b")).await.ok();
    assert_eq!(site.pushes().await, 2);
}

#[tokio::test]
async fn the_only_replica_gives_nothing_back_before_it_stops() {
    let site = Site::new().await;
    let alone = site.replica().await;
    until(|| async { holds(&alone).await }).await;
    alone.gateway.deliveries.iter().for_each(|delivery| delivery.hand_over());
    alone.gateway.put("a", "", &instance("a")).await.ok();
    for delivery in &alone.gateway.deliveries {
        delivery.drained().await;
    }
    let lease = site.lease().await;
    assert!(lease.is_free() && lease.note.is_last && lease.note.hold.is_none());
}

#[tokio::test]
async fn what_a_replica_had_on_the_wire_when_it_lost_the_lease_is_not_written_and_pushed_again() {
    let site = Site::new().await;
    let replica = site.replica().await;
    until(|| async { holds(&replica).await }).await;
    let slow = json!({"api": "external_instances", "delay_ms": 1_500, "times": 1});
    site.feishu.fault(slow).await;
    let document = instance("a");
    let waiting = replica.gateway.put("a", "", &document);
    let losing = async {
        site.feishu.until_called("external_instances", 1).await;
        site.ledger.pass_for_leases(LEASE_TIME);
        let lease = site.acquire("other", &HolderNote::default()).await;
        until(|| async { !holds(&replica).await }).await;
        let record = replica.record("a").await;
        assert_eq!((record.state, record.attempts), (Some(DeliveryState::Pending), 0));
        site.report("a", lease.epoch, DeliveryResult::Delivered { check_at: None }).await;
    };
    let (receipt, ()) = tokio::join!(waiting, losing);
    let receipt = receipt.ok();
    assert_eq!((&receipt["log_id"], receipt.get("changes")), (&json!("log"), None), "as the other reported");
    assert_eq!(metric(&replica, "gateway_lease_lost_total").await, 1);
    assert_eq!(replica.history("a").await, ["accepted 1", "delivered 1"]);
    assert_eq!(site.pushes().await, 1);
}

#[tokio::test]
async fn the_rate_goes_on_where_the_holder_before_left_it() {
    let site = Site::new().await;
    let sends = [vec![0; 10], vec![15]].concat();
    let note = HolderNote { sends, is_last: false, ..HolderNote::default() };
    site.acquire("before", &note).await;
    site.acquire("before", &note).await;
    let last = HolderNote { is_last: true, ..note };
    site.ledger.release(&AppName::default(), &ReplicaId::new("before"), &last).await.unwrap();
    let replica = site.replica_with(|builder| builder.rate(0, 20)).await;
    for number in 0..5 {
        let id = format!("i{number}");
        replica.gateway.put(&id, "", &instance(&id)).await.ok();
    }
    let accepted = replica.gateway.put_within(3_000, "last", &instance("last")).await;
    assert_eq!(
        (accepted.status, &accepted.body["last_problem"]["code"]),
        (202, &json!("upstream_rate_limited"))
    );
    assert_eq!(site.pushes().await, 5);
    // The next one is told of all of them.
    until(|| async { site.lease().await.note.sends.iter().sum::<u32>() == 20 }).await;
}

#[tokio::test]
async fn what_a_dead_holder_may_have_sent_unseen_counts_as_sent() {
    let site = Site::new().await;
    site.acquire("dead", &HolderNote::default()).await;
    site.ledger.pass_for_leases(LEASE_TIME);
    let replica = site.replica_with(|builder| builder.rate(3, 10)).await;
    replica.gateway.put("a", "", &instance("a")).await.ok();
    let accepted = replica.gateway.put_within(5_000, "last", &instance("last")).await;
    assert_eq!(
        (accepted.status, &accepted.body["last_problem"]["code"]),
        (202, &json!("upstream_rate_limited"))
    );
    assert_eq!(site.pushes().await, 1, "nine in the 2.5 seconds of which nobody was told");
}

#[tokio::test]
async fn nothing_is_pushed_while_the_ledger_is_away_and_the_lease_cannot_be_renewed() {
    let site = Site::new().await;
    let replica = site.replica().await;
    until(|| async { holds(&replica).await }).await;
    site.ledger.fail_with(Some(LedgerError::Busy(approval_gateway::ledger::Cause::new("away"))));
    let refused = replica.gateway.put("a", "", &instance("a")).await;
    assert!(refused.problem().starts_with("503 ledger_unavailable"), "{refused:?}");
    site.ledger.fail_with(None);
    replica.gateway.put("a", "", &instance("a")).await.ok();
    assert_eq!(site.lease().await.epoch, Epoch(1));
}

#[tokio::test]
async fn reads_share_the_rate_by_the_number_of_replicas() {
    let site = Site::new().await;
    let half = |builder: Builder| builder.rate(0, 100);
    let (first, second) = (site.replica_with(half).await, site.replica_with(half).await);
    for replica in [&first, &second] {
        until(|| async { metric(replica, "gateway_replicas").await == 2 }).await;
        let policy = async |answer: Answer| answer.headers["ratelimit-policy"].to_str().unwrap().to_owned();
        let of_reads = policy(replica.gateway.get("/v1/instances?limit=1").await).await;
        assert_eq!(of_reads, r#""minute";q=50;w=60"#);
        let of_pushes = policy(replica.gateway.put("a", "", &instance("a")).await).await;
        assert_eq!(of_pushes, r#""minute";q=100;w=60"#);
    }
}
