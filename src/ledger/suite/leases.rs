//! Leases, for stores that replicas share.

use std::time::Duration;

use super::support::{TestStore, app, key, problem, whole};
use crate::domain::AppName;
use crate::ledger::{
    DeliveryResult, DeliveryState, Epoch, HolderNote, LEASE_TIME, Lease, Leases, NotedHold, ReplicaId,
    Report, ReportError, Reported,
};

fn leases(store: &TestStore) -> &dyn Leases {
    store.ledger.leases().unwrap()
}

fn replica(name: &str) -> ReplicaId {
    ReplicaId::new(name)
}

async fn acquire(store: &TestStore, name: &str) -> Lease {
    leases(store).acquire(&app(), &replica(name), &HolderNote::default()).await.unwrap()
}

async fn release(store: &TestStore, name: &str) {
    let note = HolderNote { is_last: true, ..HolderNote::default() };
    leases(store).release(&app(), &replica(name), &note).await.unwrap();
}

fn held(lease: &Lease) -> (Option<&str>, i64) {
    (lease.holder.as_ref().map(ReplicaId::as_str), lease.epoch.0)
}

async fn report_under(
    store: &TestStore,
    epoch: i64,
    result: DeliveryResult,
) -> Result<Reported, ReportError> {
    let attempt = store.record("a").await.desired();
    let report = Report { epoch: Some(Epoch(epoch)), ..Report::new(key("a"), attempt, result) };
    store.ledger.report(report).await.map(Option::unwrap)
}

pub(super) async fn a_free_lease_is_taken_and_renewing_keeps_its_epoch(store: &TestStore) {
    let nobodys = leases(store).lease(&app()).await.unwrap();
    assert_eq!((nobodys.is_free(), held(&nobodys)), (true, (None, 0)));
    let taken = acquire(store, "one").await;
    assert_eq!(held(&taken), (Some("one"), 1));
    assert!(taken.is_held_by(&replica("one")) && !taken.is_free());
    assert!(taken.left > LEASE_TIME - Duration::from_secs(5) && taken.left <= LEASE_TIME, "{:?}", taken.left);
    store.pass_for_leases(Duration::from_secs(10)).await;
    assert_eq!(held(&acquire(store, "one").await), (Some("one"), 1));
    store.pass_for_leases(Duration::from_secs(10)).await;
    let seen = leases(store).lease(&app()).await.unwrap();
    assert_eq!((seen.is_free(), held(&seen)), (false, (Some("one"), 1)), "renewed for as long as at first");
}

pub(super) async fn of_two_one_has_the_lease_until_it_expires(store: &TestStore) {
    acquire(store, "one").await;
    let others = acquire(store, "two").await;
    assert_eq!((others.is_held_by(&replica("two")), held(&others)), (false, (Some("one"), 1)));
    store.pass_for_leases(LEASE_TIME).await;
    assert!(leases(store).lease(&app()).await.unwrap().is_free());
    assert_eq!(held(&acquire(store, "two").await), (Some("two"), 2));
    assert_eq!(held(&acquire(store, "one").await), (Some("two"), 2), "the first one is too late");
}

pub(super) async fn many_at_once_get_one_holder(store: &TestStore) {
    for round in 1..=3 {
        let names: Vec<_> = (0..8).map(|number| format!("{round}-{number}")).collect();
        let leases = futures_util::future::join_all(names.iter().map(|name| acquire(store, name))).await;
        let holders = leases.iter().zip(&names).filter(|(lease, name)| lease.is_held_by(&replica(name)));
        assert_eq!(holders.count(), 1);
        assert!(leases.iter().all(|lease| lease.epoch == Epoch(round)));
        store.pass_for_leases(LEASE_TIME).await;
    }
}

pub(super) async fn an_expired_lease_that_nobody_took_is_renewed_in_its_epoch(store: &TestStore) {
    acquire(store, "one").await;
    store.pass_for_leases(LEASE_TIME * 10).await;
    let late = acquire(store, "one").await;
    assert_eq!((held(&late), late.is_free()), ((Some("one"), 1), false));
}

pub(super) async fn a_lease_that_is_given_back_is_free_at_once(store: &TestStore) {
    acquire(store, "one").await;
    release(store, "two").await;
    assert!(!leases(store).lease(&app()).await.unwrap().is_free(), "it is not theirs");
    release(store, "one").await;
    let free = leases(store).lease(&app()).await.unwrap();
    assert_eq!((free.is_free(), held(&free)), (true, (None, 1)));
    assert_eq!(held(&acquire(store, "two").await), (Some("two"), 2));
    release(store, "two").await;
    assert_eq!(held(&acquire(store, "two").await), (Some("two"), 3), "in between others may have had it");
}

pub(super) async fn leases_of_apps_are_their_own(store: &TestStore) {
    acquire(store, "one").await;
    let other: AppName = "other".parse().unwrap();
    let lease = leases(store).acquire(&other, &replica("two"), &HolderNote::default()).await.unwrap();
    assert_eq!(held(&lease), (Some("two"), 1));
}

pub(super) async fn a_note_is_seen_by_all_and_left_to_the_successor(store: &TestStore) {
    acquire(store, "one").await;
    let hold = NotedHold { problem: problem("quota_exhausted"), is_parked: true, since: 7, lasts_ms: 60_000 };
    let note = HolderNote { hold: Some(hold), sends: vec![3, 0, 50], is_last: false };
    leases(store).acquire(&app(), &replica("one"), &note).await.unwrap();
    store.pass_for_leases(Duration::from_secs(4)).await;
    let others = HolderNote { sends: vec![9], ..HolderNote::default() };
    let seen = leases(store).acquire(&app(), &replica("two"), &others).await.unwrap();
    assert_eq!((held(&seen), &seen.note), ((Some("one"), 1), &note));
    assert!(seen.note_age >= Duration::from_secs(4) && seen.note_age < Duration::from_secs(9));
    store.pass_for_leases(LEASE_TIME).await;
    let taken = leases(store).acquire(&app(), &replica("two"), &others).await.unwrap();
    assert_eq!((held(&taken), &taken.note), ((Some("two"), 2), &note), "what the holder before has told");
    assert!(taken.note_age >= Duration::from_secs(19));
    let own = leases(store).acquire(&app(), &replica("two"), &others).await.unwrap();
    assert_eq!(own.note, others);
    assert!(own.note_age < Duration::from_secs(5));
    release(store, "two").await;
    assert!(leases(store).lease(&app()).await.unwrap().note.is_last);
}

pub(super) async fn a_result_of_an_earlier_epoch_changes_nothing(store: &TestStore) {
    acquire(store, "one").await;
    store.accept("a", whole("one")).await;
    store.pass_for_leases(LEASE_TIME).await;
    acquire(store, "two").await;
    let before = (store.record("a").await, store.events("a").await);
    for epoch in [0, 1, 3] {
        let result = report_under(store, epoch, DeliveryResult::Delivered { check_at: None }).await;
        assert!(matches!(result, Err(ReportError::LeaseLost)), "{epoch}: {result:?}");
        assert_eq!((store.record("a").await, store.events("a").await), before);
    }
    let reported = report_under(store, 2, DeliveryResult::Delivered { check_at: None }).await.unwrap();
    assert_eq!(reported.record.state, Some(DeliveryState::Delivered));
}

pub(super) async fn what_was_on_its_way_when_the_lease_was_given_back_is_written(store: &TestStore) {
    acquire(store, "one").await;
    store.accept("a", whole("one")).await;
    release(store, "one").await;
    report_under(store, 1, DeliveryResult::Delivered { check_at: None }).await.unwrap();
}

pub(super) async fn accepting_and_checks_of_callers_need_no_lease(store: &TestStore) {
    acquire(store, "one").await;
    store.accept("a", whole("one")).await;
    let at = store.now();
    report_under(store, 1, DeliveryResult::Unknown { at, check_at: at, problem: problem("late") })
        .await
        .unwrap();
    report_under(store, 1, DeliveryResult::Delivered { check_at: None }).await.unwrap();
    store.pass_for_leases(LEASE_TIME).await;
    let attempt = store.record("a").await.desired();
    let result = DeliveryResult::Confirmed { check_at: None };
    let report = Report::new(key("a"), attempt, result);
    let record = store.ledger.report(report).await.unwrap().unwrap().record;
    assert_eq!(record.state, Some(DeliveryState::Confirmed));
    assert_eq!(record.doubt_at, Some(at), "it may have been asked before what was late arrived");
    store.accept("b", whole("one")).await;
}

pub(super) async fn replicas_are_counted_while_they_are_heard_of(store: &TestStore) {
    let leases = leases(store);
    assert_eq!(leases.heartbeat(&replica("one")).await.unwrap(), 1);
    assert_eq!(leases.heartbeat(&replica("two")).await.unwrap(), 2);
    assert_eq!(leases.heartbeat(&replica("one")).await.unwrap(), 2);
    store.pass_for_leases(LEASE_TIME - Duration::from_secs(5)).await;
    assert_eq!(leases.heartbeat(&replica("two")).await.unwrap(), 2);
    store.pass_for_leases(Duration::from_secs(5)).await;
    assert_eq!(leases.heartbeat(&replica("three")).await.unwrap(), 2, "nobody has heard of the first");
    leases.leave(&replica("two")).await.unwrap();
    assert_eq!(leases.heartbeat(&replica("three")).await.unwrap(), 1);
}
