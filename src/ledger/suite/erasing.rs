//! Forgetting on request, and the retention.

use super::support::{TestStore, acceptance, app, key, problem, revision, whole};
use crate::domain::{InstanceStatus, Timestamp};
use crate::ledger::{
    AcceptError, Acceptance, AcceptedAs, DeliveryFilter, DeliveryResult, DeliveryState, Forgotten, IfMatch,
    NewDocument, PageRequest, Retention, Swept,
};

const DAY: u64 = 24 * 60 * 60;

fn approved(content: &str) -> NewDocument {
    NewDocument { status: InstanceStatus::Approved, ..whole(content) }
}

/// Sweeps until nothing is left to do; gives documents and records.
async fn sweep(store: &TestStore, documents_before: Timestamp, records_before: Timestamp) -> (u64, u64) {
    let (mut documents, mut records) = (0, 0);
    loop {
        let retention = Retention { documents_before, records_before };
        let swept: Swept = store.ledger.sweep(&app(), retention).await.unwrap();
        documents += swept.documents;
        records += swept.records;
        if !swept.has_more {
            return (documents, records);
        }
    }
}

pub(super) async fn a_forgotten_document_leaves_only_its_counters(store: &TestStore) {
    assert_eq!(store.ledger.forget(&key("a"), None).await.unwrap(), Forgotten::NotFound);
    let version = store.accept("a", whole("one")).await.record.version;
    store.deliver("a").await;
    assert_eq!(store.ledger.forget(&key("a"), None).await.unwrap(), Forgotten::Erased);
    assert!(store.ledger.delivery(&key("a")).await.unwrap().is_none());
    assert!(store.ledger.document(&key("a")).await.unwrap().is_none());
    assert!(store.events("a").await.is_empty());
    let listed = store.ledger.deliveries(&app(), &DeliveryFilter::default(), PageRequest::first(9)).await;
    assert!(listed.unwrap().items.is_empty());
    assert!(store.ledger.summary(&app()).await.unwrap().counts.is_empty());
    store.pass(DAY);
    assert!(store.ledger.check_due(&app(), 9).await.unwrap().items.is_empty());
    assert_eq!(store.ledger.forget(&key("a"), None).await.unwrap(), Forgotten::NotFound);
    let any = Acceptance { if_match: Some(IfMatch::Any), ..acceptance("a", whole("one")) };
    let refused = store.ledger.accept(any).await;
    assert!(matches!(refused, Err(AcceptError::RevisionMismatch { kept: None })));
    let accepted = store.accept("a", whole("one")).await;
    assert_eq!((accepted.accepted_as, accepted.record.revision), (AcceptedAs::Changed, revision(2)));
    assert!(accepted.record.version > version);
}

pub(super) async fn what_waits_cannot_be_forgotten(store: &TestStore) {
    let before = store.accept("a", whole("one")).await.record;
    assert_eq!(store.ledger.forget(&key("a"), None).await.unwrap(), Forgotten::Pending);
    assert_eq!(store.record("a").await, before);
    store.refuse("a").await;
    assert_eq!(store.ledger.forget(&key("a"), None).await.unwrap(), Forgotten::Erased);
}

pub(super) async fn only_what_is_expected_is_forgotten(store: &TestStore) {
    store.accept("a", whole("one")).await;
    store.deliver("a").await;
    let before = store.record("a").await;
    let forget = async |expected: IfMatch| store.ledger.forget(&key("a"), Some(&expected)).await.unwrap();
    let mismatch = Forgotten::RevisionMismatch { kept: Some(revision(1)) };
    for other in [IfMatch::OneOf(vec![revision(2)]), IfMatch::Nothing, IfMatch::NoneOf(vec![revision(1)])] {
        assert_eq!(forget(other).await, mismatch);
    }
    assert_eq!(store.record("a").await, before);
    assert_eq!(forget(IfMatch::OneOf(vec![revision(1)])).await, Forgotten::Erased);
}

pub(super) async fn retention_drops_documents_of_settled_approvals_only(store: &TestStore) {
    for (id, document) in
        [("done", approved("one")), ("open", whole("one")), ("unconfirmed", approved("one"))]
    {
        store.accept(id, document).await;
        store.deliver(id).await;
    }
    store.accept("refused", approved("one")).await;
    store.refuse("refused").await;
    for id in ["done", "open"] {
        store.confirm(id).await;
    }
    let long_ago = store.now();
    assert_eq!(sweep(store, store.now(), long_ago).await, (0, 0), "not old enough");
    store.pass(1);
    assert_eq!(sweep(store, store.now(), long_ago).await, (1, 0));
    assert_eq!(store.json("done").await, None);
    let record = store.record("done").await;
    assert_eq!((record.has_document, record.check_at, record.settled_at), (false, None, None));
    for id in ["open", "unconfirmed", "refused"] {
        assert!(store.json(id).await.is_some(), "{id}");
    }
    assert_eq!(sweep(store, store.now(), long_ago).await, (0, 0));
}

pub(super) async fn retention_forgets_what_has_not_changed_for_long(store: &TestStore) {
    for id in ["old", "repaired", "waiting"] {
        store.accept(id, whole("one")).await;
    }
    store.deliver("old").await;
    store.pass(DAY);
    store.deliver("repaired").await;
    let cut = store.now();
    assert_eq!(sweep(store, cut, cut).await, (0, 1));
    assert!(store.ledger.delivery(&key("old")).await.unwrap().is_none());
    assert!(store.events("old").await.is_empty());
    assert_eq!(store.events("repaired").await.len(), 2);
    store.record("waiting").await;
    assert_eq!(store.accept("old", whole("one")).await.record.revision, revision(1), "nothing is left of it");
}

pub(super) async fn what_a_check_finds_of_a_dropped_document_gives_nothing_up(store: &TestStore) {
    store.accept("a", approved("one")).await;
    store.deliver("a").await;
    store.confirm("a").await;
    let (long_ago, theirs) = (store.now(), store.after(60));
    store.pass(1);
    assert_eq!(sweep(store, store.now(), long_ago).await, (1, 0));
    let refused = DeliveryResult::Refused { problem: problem("refused") };
    let conflict = DeliveryResult::Conflict { version: Some(theirs), problem: problem("conflict") };
    for result in [refused, conflict] {
        let reported = store.report("a", result).await;
        assert!(!reported.is_current);
        assert_eq!(reported.record.state, Some(DeliveryState::Confirmed), "there is nothing to send again");
    }
    assert_eq!(store.record("a").await.clock, theirs, "what comes later is to win");
}

pub(super) async fn an_equal_document_is_unchanged_even_when_it_was_dropped(store: &TestStore) {
    store.accept("a", approved("one")).await;
    store.deliver("a").await;
    store.confirm("a").await;
    let long_ago = store.now();
    store.pass(1);
    assert_eq!(sweep(store, store.now(), long_ago).await, (1, 0));
    assert_eq!(store.accept("a", approved("one")).await.accepted_as, AcceptedAs::Unchanged);
    let record = store.accept("a", approved("two")).await.record;
    assert_eq!((record.revision, record.has_document), (revision(2), true));
}
