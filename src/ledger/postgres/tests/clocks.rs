//! A clock of the database that is set back: whoever shares it follows once.

use std::time::Duration;

use super::{PostgresLedger, TestDatabase, acceptance};
use crate::domain::AppName;
use crate::ledger::{
    Acceptance, DeliveryResult, HolderNote, InstanceKey, LEASE_TIME, Lane, Lease, Leases as _, Ledger as _,
    ReplicaId, Report, StoredProblem,
};
use crate::support::clock::Clock;

const START: i64 = 1_800_000_000_000;

const HOUR: i64 = 3_600_000;

/// An instance that is due in two hours.
async fn postponed(ledger: &PostgresLedger, app: &AppName) {
    let key = InstanceKey::new(app.clone(), "a");
    let wish = Acceptance { key: key.clone(), ..acceptance("a", "one") };
    let attempt = ledger.accept(wish).await.unwrap().record.desired();
    let at = crate::domain::Timestamp::from_unix_millis(ledger.now().unix_millis() + 2 * HOUR).unwrap();
    let result = DeliveryResult::RetryLater { at, problem: StoredProblem::new("upstream_timeout", "{}") };
    let report = Report::new(key, attempt, result);
    ledger.report(report).await.unwrap().unwrap();
}

async fn acquire(ledger: &PostgresLedger, app: &AppName, name: &str) -> Lease {
    ledger.acquire(app, &ReplicaId::new(name), &HolderNote::default()).await.unwrap()
}

/// In how many milliseconds it is due, when the ledger was asked what is.
async fn due_in(ledger: &PostgresLedger, app: &AppName) -> i64 {
    ledger.due(app, Lane::Interactive, 9).await.unwrap();
    let record = ledger.delivery(&InstanceKey::new(app.clone(), "a")).await.unwrap().unwrap();
    record.due_at.unwrap().unix_millis() - ledger.now().unix_millis()
}

#[tokio::test]
async fn the_rows_of_each_app_follow_once_whoever_sees_the_step() {
    let Some(database) = TestDatabase::new().await else { return };
    let clock = Clock::manual(START);
    let (one, two) = (database.open(clock.clone()).await, database.open(clock.clone()).await);
    let apps: [AppName; 2] = ["hr".parse().unwrap(), "travel".parse().unwrap()];
    for (ledger, app) in [(&one, &apps[0]), (&two, &apps[1])] {
        postponed(ledger, app).await;
        acquire(ledger, app, "its own").await;
    }
    clock.set(START - HOUR);
    for _ in 0..2 {
        assert_eq!(due_in(&one, &apps[0]).await, 2 * HOUR);
        assert_eq!(due_in(&two, &apps[1]).await, 2 * HOUR);
    }
    // The next holder has seen the step, too, and the one before has followed it.
    database.pass_for_leases(LEASE_TIME);
    assert_eq!(acquire(&two, &apps[0], "the next").await.epoch.0, 2);
    assert_eq!(due_in(&two, &apps[0]).await, 2 * HOUR);
    two.close().await;
    database.end(one).await;
}

#[tokio::test]
async fn whoever_takes_over_follows_a_step_that_the_holder_before_did_not_live_to_see() {
    let Some(database) = TestDatabase::new().await else { return };
    let (app, clock) = (AppName::default(), Clock::manual(START));
    let (one, two) = (database.open(clock.clone()).await, database.open(clock.clone()).await);
    postponed(&one, &app).await;
    acquire(&one, &app, "dead").await;
    database.sql("update lease set noted_at = noted_at + interval '1 hour', expires_at = clock_timestamp()");
    assert_eq!(acquire(&two, &app, "the next").await.epoch.0, 2);
    let left = due_in(&two, &app).await;
    assert!((HOUR..HOUR + 60_000).contains(&left), "{left}");
    assert_eq!(due_in(&two, &app).await, left);
    one.close().await;
    database.end(two).await;
}

#[tokio::test]
async fn a_replica_that_was_heard_of_before_the_clock_was_set_back_is_not_alive_for_that() {
    let Some(database) = TestDatabase::new().await else { return };
    let ledger = database.open(Clock::System).await;
    assert_eq!(ledger.heartbeat(&ReplicaId::new("dead")).await.unwrap(), 1);
    assert_eq!(ledger.heartbeat(&ReplicaId::new("one")).await.unwrap(), 2);
    database.sql("update replica set seen_at = seen_at + interval '1 hour'");
    assert_eq!(ledger.heartbeat(&ReplicaId::new("one")).await.unwrap(), 1);
    database.end(ledger).await;
}

#[tokio::test]
async fn a_lease_from_before_the_clock_was_set_back_lasts_no_longer_than_any_other() {
    let Some(database) = TestDatabase::new().await else { return };
    let (app, ledger) = (AppName::default(), database.open(Clock::System).await);
    acquire(&ledger, &app, "dead").await;
    database.sql("update lease set expires_at = expires_at + interval '1 hour'");
    assert!(ledger.lease(&app).await.unwrap().left > LEASE_TIME);
    let lease = acquire(&ledger, &app, "the next").await;
    assert_eq!((lease.holder, lease.epoch.0), (Some(ReplicaId::new("dead")), 1));
    assert!(lease.left <= LEASE_TIME && lease.left > LEASE_TIME - Duration::from_secs(5), "{:?}", lease.left);
    database.end(ledger).await;
}
