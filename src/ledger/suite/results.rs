//! Results of pushes and checks.

use super::support::{TestStore, app, key, problem, revision, whole};
use crate::domain::{InstanceStatus, Timestamp};
use crate::ledger::{
    Acceptance, Attempt, DeliveryFilter, DeliveryRecord, DeliveryResult, DeliveryState, Epoch, HistoryEvent,
    Lane, NewDocument, PageRequest, Report, RequestedBy,
};

const DAY: u64 = 24 * 60 * 60;

async fn check_ids(store: &TestStore) -> Vec<String> {
    let due = store.ledger.check_due(&app(), 100).await.unwrap();
    due.items.into_iter().map(|key| key.instance_id).collect()
}

fn sent(record: &DeliveryRecord) -> Option<(Attempt, Timestamp)> {
    record.sent.map(|sent| (sent.attempt, sent.at))
}

pub(super) async fn a_delivered_document_is_not_due_any_more(store: &TestStore) {
    store.accept("a", whole("one")).await;
    store.pass(2);
    let reported = store.deliver("a").await;
    let record = store.record("a").await;
    assert_eq!((reported.is_current, &reported.record), (true, &record));
    assert_eq!((record.state, record.due_at), (Some(DeliveryState::Delivered), None));
    assert_eq!(sent(&record), Some((record.desired(), store.now())));
    assert_eq!((record.attempts, record.log_id.as_deref()), (1, Some("log-1")));
    assert_eq!(record.check_at, Some(store.after(30)));
    assert!(store.due_ids(Lane::Interactive).await.is_empty());
    assert!(check_ids(store).await.is_empty());
    store.pass(30);
    assert_eq!(check_ids(store).await, ["a"]);
}

pub(super) async fn a_result_of_an_earlier_revision_marks_no_newer_one(store: &TestStore) {
    let first = store.accept("a", whole("one")).await.record.desired();
    let second = store.accept("a", whole("two")).await.record.desired();
    let reported = store.report_of("a", first, DeliveryResult::Delivered { check_at: None }).await;
    assert!(!reported.is_current);
    let record = store.record("a").await;
    assert_eq!((record.state, record.desired()), (Some(DeliveryState::Pending), second));
    assert_eq!(record.sent_revision(), Some(revision(1)));
    assert_eq!(store.due_ids(Lane::Interactive).await, ["a"]);
    let expected = [(HistoryEvent::Accepted, 1), (HistoryEvent::Accepted, 2), (HistoryEvent::Delivered, 1)];
    assert_eq!(store.events("a").await, expected, "what was delivered was not passed over");
    for result in [
        DeliveryResult::RetryLater { at: store.after(60), problem: problem("upstream_unavailable") },
        DeliveryResult::Confirmed { check_at: None },
        DeliveryResult::Drift { problem: None },
        DeliveryResult::Delivered { check_at: None },
    ] {
        assert!(!store.report_of("a", first, result).await.is_current);
        assert_eq!(store.record("a").await, record);
    }
    store.deliver("a").await;
    assert_eq!(store.record("a").await.sent_revision(), Some(revision(2)));
}

pub(super) async fn a_refused_revision_that_was_passed_over_stays_in_the_history(store: &TestStore) {
    let first = store.accept("a", whole("one")).await.record.desired();
    store.accept("a", whole("two")).await;
    store.report_of("a", first, DeliveryResult::Refused { problem: problem("upstream_rejected") }).await;
    let record = store.record("a").await;
    assert_eq!((record.state, record.problem), (Some(DeliveryState::Pending), None));
    assert_eq!(store.events("a").await.last(), Some(&(HistoryEvent::Refused, 1)));
}

pub(super) async fn passing_trouble_postpones_the_next_attempt(store: &TestStore) {
    store.accept("a", whole("one")).await;
    let began = store.now();
    for attempt in 1..=3 {
        let trouble = problem("upstream_unavailable");
        let record =
            store.report("a", DeliveryResult::RetryLater { at: store.after(60), problem: trouble.clone() });
        let record = record.await.record;
        assert_eq!((record.attempts, record.failing_since), (attempt, Some(began)));
        assert_eq!((record.state, record.problem), (Some(DeliveryState::Pending), Some(trouble)));
        let due = store.due(Lane::Interactive).await;
        assert_eq!((due.items.len(), due.next_at), (0, Some(store.after(60))));
        store.pass(60);
        assert_eq!(store.due_ids(Lane::Interactive).await, ["a"]);
    }
    let record = store.deliver("a").await.record;
    assert_eq!((record.attempts, record.failing_since, record.problem), (4, None, None));
}

pub(super) async fn an_unknown_outcome_is_checked_once_it_is_delivered(store: &TestStore) {
    store.accept("a", whole("one")).await;
    let (at, check_at, trouble) = (store.after(5), store.after(60), problem("upstream_timeout"));
    store.report("a", DeliveryResult::Unknown { at, check_at, problem: trouble }).await;
    assert_eq!(store.record("a").await.state, Some(DeliveryState::Pending));
    store.pass(10);
    // Without reconciling nobody would look.
    let record = store.report("a", DeliveryResult::Delivered { check_at: None }).await.record;
    assert_eq!(record.check_at, Some(check_at));
    let record = store.confirm("a").await.record;
    assert_eq!(record.check_at, Some(check_at), "the doubt is about a later moment");
    store.pass(60);
    assert_eq!(check_ids(store).await, ["a"]);
    let record = store.confirm("a").await.record;
    assert_eq!((record.check_at, record.doubt_at), (None, None));
}

pub(super) async fn a_confirmed_document_is_checked_again_later(store: &TestStore) {
    store.accept("a", whole("one")).await;
    store.deliver("a").await;
    for checks in 1..=2 {
        store.pass(30);
        let next = Some(store.after(300));
        let record = store.report("a", DeliveryResult::Confirmed { check_at: next }).await.record;
        assert_eq!((record.state, record.checks), (Some(DeliveryState::Confirmed), checks));
        assert_eq!((record.confirmed_at, record.check_at), (Some(store.now()), next));
    }
    let once = [(HistoryEvent::Accepted, 1), (HistoryEvent::Delivered, 1), (HistoryEvent::Confirmed, 1)];
    assert_eq!(store.events("a").await, once);
    let later = Some(store.after(900));
    let record = store.report("a", DeliveryResult::NotChecked { check_at: later }).await.record;
    assert_eq!((record.state, record.check_at), (Some(DeliveryState::Confirmed), later));
}

pub(super) async fn a_finished_approval_settles_when_it_is_confirmed(store: &TestStore) {
    store.accept("open", whole("one")).await;
    store.deliver("open").await;
    assert_eq!(store.confirm("open").await.record.settled_at, None);
    let approved = || NewDocument { status: InstanceStatus::Approved, ..whole("one") };
    store.accept("a", approved()).await;
    assert_eq!(store.deliver("a").await.record.settled_at, None);
    let settled = Some(store.now());
    assert_eq!(store.confirm("a").await.record.settled_at, settled);
    store.pass(60);
    assert_eq!(store.confirm("a").await.record.settled_at, settled);
    assert_eq!(store.accept("a", whole("two")).await.record.settled_at, None);
    // Where nothing is checked, delivered is all that there will be.
    store.accept("b", approved()).await;
    let record = store.report("b", DeliveryResult::Delivered { check_at: None }).await.record;
    assert_eq!(record.settled_at, Some(store.now()));
}

pub(super) async fn drift_is_pushed_again_with_a_new_version_and_then_repaired(store: &TestStore) {
    let version = store.accept("a", whole("one")).await.record.version;
    store.deliver("a").await;
    store.confirm("a").await;
    store.pass(60);
    let record = store.report("a", DeliveryResult::Drift { problem: Some(problem("behind")) }).await.record;
    assert_eq!((record.state, record.lane), (Some(DeliveryState::Pending), Lane::Repair));
    assert!(record.version > version && record.is_repair);
    assert_eq!((record.revision, record.problem), (revision(1), Some(problem("behind"))));
    assert_eq!(store.due_ids(Lane::Repair).await, ["a"]);
    let record = store.deliver("a").await.record;
    assert_eq!((record.lane, record.is_repair), (Lane::Interactive, false));
    let events = store.events("a").await;
    assert_eq!(events[3..], [(HistoryEvent::Drift, 1), (HistoryEvent::Repaired, 1)]);
    // A newer document is more than a repair.
    store.report("a", DeliveryResult::Drift { problem: None }).await;
    let record = store.accept("a", whole("two")).await.record;
    assert_eq!((record.lane, record.is_repair), (Lane::Interactive, false));
    store.deliver("a").await;
    assert_eq!(store.events("a").await.last(), Some(&(HistoryEvent::Delivered, 2)));
}

pub(super) async fn drifts_are_counted_by_the_day(store: &TestStore) {
    store.accept("a", whole("one")).await;
    let drift = async || {
        store.deliver("a").await;
        store.report("a", DeliveryResult::Drift { problem: None }).await.record.drifts
    };
    assert_eq!(drift().await, 1);
    store.pass(DAY - 1);
    assert_eq!(drift().await, 2);
    store.pass(1);
    assert_eq!(drift().await, 1);
}

pub(super) async fn a_conflict_raises_the_version_clock(store: &TestStore) {
    store.accept("a", whole("one")).await;
    store.deliver("a").await;
    let theirs = store.after(60);
    let conflict = DeliveryResult::Conflict { version: Some(theirs), problem: problem("conflict") };
    let record = store.report("a", conflict.clone()).await.record;
    assert_eq!((record.state, record.clock), (Some(DeliveryState::Conflict), theirs));
    assert_eq!((record.due_at, record.check_at), (None, None), "nothing is tried by itself");
    let record = store.accept("a", whole("two")).await.record;
    assert_eq!((record.version, record.state), (theirs.next(), Some(DeliveryState::Pending)));
    // News of a later version while a newer document waits: it must still win.
    let theirs = store.after(600);
    let conflict = DeliveryResult::Conflict { version: Some(theirs), problem: problem("conflict") };
    let earlier = Attempt { revision: revision(1), version: store.now() };
    let reported = store.report_of("a", earlier, conflict).await;
    assert_eq!((reported.is_current, reported.record.version), (false, theirs.next()));
    assert_eq!(reported.record.state, Some(DeliveryState::Pending));
}

pub(super) async fn a_result_for_nothing_is_none(store: &TestStore) {
    let attempt = Attempt { revision: revision(1), version: store.now() };
    let result = DeliveryResult::Delivered { check_at: None };
    let report = Report { epoch: Some(Epoch::default()), ..Report::new(key("nobody"), attempt, result) };
    assert!(store.ledger.report(report).await.unwrap().is_none());
}

pub(super) async fn a_result_of_a_check_before_a_newer_document_is_ignored(store: &TestStore) {
    let first = store.accept("a", whole("one")).await.record.desired();
    store.deliver("a").await;
    store.accept("a", whole("two")).await;
    let before = store.record("a").await;
    for result in [DeliveryResult::Confirmed { check_at: None }, DeliveryResult::Drift { problem: None }] {
        assert!(!store.report_of("a", first, result).await.is_current);
    }
    assert_eq!(store.record("a").await, before);
}

pub(super) async fn a_late_success_over_a_resent_document_is_pushed_again(store: &TestStore) {
    store.accept("a", whole("one")).await;
    store.deliver("a").await;
    let resend = Acceptance { resend: true, ..super::support::acceptance("a", whole("one")) };
    let on_the_wire = store.ledger.accept(resend.clone()).await.unwrap().record.desired();
    store.refuse("a").await;
    store.ledger.accept(resend).await.unwrap();
    let reported = store.report_of("a", on_the_wire, DeliveryResult::Delivered { check_at: None }).await;
    assert_eq!((reported.is_current, reported.record.state), (false, Some(DeliveryState::Pending)));
    assert_eq!(reported.record.sent.map(|sent| sent.attempt), Some(on_the_wire));
}

pub(super) async fn retries_put_back_what_was_refused(store: &TestStore) {
    for id in ["refused", "conflict", "delivered", "waiting"] {
        store.accept(id, whole(id)).await;
    }
    store.refuse("refused").await;
    let theirs = store.after(60);
    store
        .report("conflict", DeliveryResult::Conflict { version: Some(theirs), problem: problem("conflict") })
        .await;
    store.deliver("delivered").await;
    let version = store.record("refused").await.version;
    let by = RequestedBy { caller: Some("ops".to_owned()), request_id: Some("request-7".to_owned()) };
    assert_eq!(store.ledger.retry(&app(), &DeliveryFilter::default(), &by).await.unwrap(), 2);
    let page = store.ledger.history(&key("refused"), PageRequest::first(1)).await.unwrap();
    let newest = page.items.into_iter().next().unwrap();
    assert_eq!(
        (newest.event, newest.caller, newest.request_id),
        (HistoryEvent::Retried, by.caller, by.request_id)
    );
    let record = store.record("refused").await;
    assert_eq!((record.state, record.attempts, record.problem), (Some(DeliveryState::Pending), 0, None));
    assert_eq!(record.version, version, "Feishu never had it");
    assert_eq!(store.record("conflict").await.version, theirs.next());
    assert_eq!(store.events("refused").await.last(), Some(&(HistoryEvent::Retried, 1)));
    assert_eq!(store.record("delivered").await.state, Some(DeliveryState::Delivered));
    assert_eq!(
        store.ledger.retry(&app(), &DeliveryFilter::default(), &RequestedBy::default()).await.unwrap(),
        0
    );
}

pub(super) async fn a_retry_makes_those_that_wait_due_only_when_it_names_them(store: &TestStore) {
    store.accept("a", whole("one")).await;
    let later = DeliveryResult::RetryLater { at: store.after(600), problem: problem("upstream_unavailable") };
    store.report("a", later).await;
    let any =
        DeliveryFilter { problem: Some("upstream_unavailable".to_owned()), ..DeliveryFilter::default() };
    assert_eq!(store.ledger.retry(&app(), &any, &RequestedBy::default()).await.unwrap(), 0);
    let named = DeliveryFilter { states: vec![DeliveryState::Pending], ..any };
    assert_eq!(store.ledger.retry(&app(), &named, &RequestedBy::default()).await.unwrap(), 1);
    assert_eq!(store.due_ids(Lane::Interactive).await, ["a"]);
    assert_eq!(
        store.ledger.retry(&app(), &named, &RequestedBy::default()).await.unwrap(),
        0,
        "it is due already"
    );
}

pub(super) async fn an_app_that_waits_loses_no_attempt(store: &TestStore) {
    store.accept("a", whole("one")).await;
    store.pass(DAY);
    let record = store.record("a").await;
    assert_eq!((record.attempts, record.state), (0, Some(DeliveryState::Pending)));
    let summary = store.ledger.summary(&app()).await.unwrap();
    assert_eq!(summary.oldest_pending, record.pending_since);
}
