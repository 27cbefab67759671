//! Imports: what is counted, what waits behind them, and what canceling brings back.

use super::support::{TestStore, acceptance, app, key, revision, whole};
use crate::ledger::{
    AcceptError, Acceptance, AcceptedAs, DeliveryFilter, DeliveryResult, DeliveryState, HistoryEvent,
    ImportCounts, ImportError, ImportId, ImportState, ImportUpdate, Lane, NewImport, PageRequest,
    RequestedBy,
};

async fn counts(store: &TestStore, import: ImportId) -> ImportCounts {
    store.import_record(import).await.counts
}

pub(super) async fn set(store: &TestStore, import: ImportId, state: ImportState) -> Result<(), ImportError> {
    let update = ImportUpdate { state: Some(state), ..ImportUpdate::default() };
    store.ledger.update_import(&app(), import, update).await.map(drop)
}

pub(super) async fn lines_are_counted_and_delivered_behind_their_import(store: &TestStore) {
    let import = store.import().await;
    for id in ["a", "b", "c"] {
        let record = store.accept_line(import, id, whole("one")).await.record;
        assert_eq!(record.lane, Lane::Import(import));
    }
    assert!(store.due_ids(Lane::Interactive).await.is_empty());
    assert_eq!(store.due_ids(Lane::Import(import)).await, ["a", "b", "c"]);
    store.deliver("a").await;
    store.refuse("b").await;
    let update = ImportUpdate { invalid: 2, has_ended: true, ..ImportUpdate::default() };
    let record = store.ledger.update_import(&app(), import, update).await.unwrap();
    assert_eq!((record.ended_at, record.state), (Some(store.now()), ImportState::Running));
    let expected =
        ImportCounts { accepted: 3, invalid: 2, delivered: 1, refused: 1, ..ImportCounts::default() };
    assert_eq!((record.counts, record.counts.pending(), record.counts.lines()), (expected, 1, 5));
    assert_eq!(store.record("a").await.lane, Lane::Interactive);
    let running = store.ledger.running_imports(&app()).await.unwrap();
    assert_eq!(running.iter().map(|import| import.id).collect::<Vec<_>>(), [import]);
    let refused =
        DeliveryFilter { import: Some(import), states: vec![DeliveryState::Refused], ..Default::default() };
    let refused = store.ledger.deliveries(&app(), &refused, PageRequest::first(9)).await.unwrap().items;
    assert_eq!(refused.iter().map(|record| record.key.instance_id.as_str()).collect::<Vec<_>>(), ["b"]);
    store.deliver("c").await;
    assert!(store.ledger.running_imports(&app()).await.unwrap().is_empty());
}

pub(super) async fn a_paused_import_delivers_nothing_and_goes_on_later(store: &TestStore) {
    let import = store.import().await;
    store.accept_line(import, "a", whole("one")).await;
    set(store, import, ImportState::Paused).await.unwrap();
    assert!(store.due_ids(Lane::Import(import)).await.is_empty());
    assert!(store.ledger.running_imports(&app()).await.unwrap().is_empty());
    store.accept_line(import, "b", whole("one")).await;
    set(store, import, ImportState::Running).await.unwrap();
    assert_eq!(store.due_ids(Lane::Import(import)).await, ["a", "b"]);
}

pub(super) async fn a_callers_own_push_takes_the_instance_out(store: &TestStore) {
    let import = store.import().await;
    store.accept_line(import, "a", whole("one")).await;
    store.accept("a", whole("two")).await;
    assert_eq!(store.due_ids(Lane::Interactive).await, ["a"]);
    assert!(store.due_ids(Lane::Import(import)).await.is_empty());
    store.deliver("a").await;
    let expected = ImportCounts { accepted: 1, superseded: 1, ..ImportCounts::default() };
    assert_eq!(counts(store, import).await, expected);
    set(store, import, ImportState::Canceled).await.unwrap();
    assert_eq!(store.json("a").await.as_deref(), Some("two"));
}

pub(super) async fn a_callers_equal_push_takes_the_instance_out_too(store: &TestStore) {
    let import = store.import().await;
    store.accept_line(import, "a", whole("one")).await;
    let accepted = store.accept("a", whole("one")).await;
    assert_eq!((accepted.accepted_as, accepted.record.revision), (AcceptedAs::Waiting, revision(1)));
    assert_eq!(store.due_ids(Lane::Interactive).await, ["a"]);
    let expected = ImportCounts { accepted: 1, superseded: 1, ..ImportCounts::default() };
    assert_eq!(counts(store, import).await, expected);
    // And a line does not put it behind an import again.
    let accepted = store.accept_line(import, "a", whole("one")).await;
    assert_eq!((accepted.accepted_as, accepted.record.lane), (AcceptedAs::Waiting, Lane::Interactive));
}

pub(super) async fn the_same_line_twice_is_unchanged(store: &TestStore) {
    let import = store.import().await;
    store.accept_line(import, "a", whole("one")).await;
    assert_eq!(store.accept_line(import, "a", whole("one")).await.accepted_as, AcceptedAs::Waiting);
    store.deliver("a").await;
    assert_eq!(store.accept_line(import, "a", whole("one")).await.accepted_as, AcceptedAs::Unchanged);
    let expected = ImportCounts { accepted: 1, unchanged: 2, delivered: 1, ..ImportCounts::default() };
    assert_eq!(counts(store, import).await, expected);
}

pub(super) async fn a_repeated_import_takes_over_what_waits(store: &TestStore) {
    let broken_off = store.import().await;
    store.accept_line(broken_off, "a", whole("one")).await;
    let repeated = store.import().await;
    let accepted = store.accept_line(repeated, "a", whole("one")).await;
    assert_eq!(accepted.record.revision, revision(1), "it costs nothing twice");
    assert_eq!(store.due_ids(Lane::Import(repeated)).await, ["a"]);
    store.deliver("a").await;
    let expected = ImportCounts { accepted: 1, delivered: 1, ..ImportCounts::default() };
    assert_eq!(counts(store, repeated).await, expected);
    assert_eq!(counts(store, broken_off).await.pending(), 0);
}

pub(super) async fn a_refused_line_that_is_retried_counts_once(store: &TestStore) {
    let import = store.import().await;
    store.accept_line(import, "a", whole("one")).await;
    store.refuse("a").await;
    assert_eq!(counts(store, import).await.refused, 1);
    store.ledger.retry(&app(), &DeliveryFilter::default(), &RequestedBy::default()).await.unwrap();
    assert_eq!(counts(store, import).await.pending(), 1);
    store.deliver("a").await;
    let expected = ImportCounts { accepted: 1, delivered: 1, ..ImportCounts::default() };
    assert_eq!(counts(store, import).await, expected);
}

pub(super) async fn canceling_brings_back_what_was_delivered(store: &TestStore) {
    store.accept("a", whole("one")).await;
    store.deliver("a").await;
    let before = store.confirm("a").await.record;
    let import = store.import().await;
    store.accept_line(import, "a", whole("two")).await;
    store.accept_line(import, "a", whole("three")).await;
    store.pass(5);
    set(store, import, ImportState::Canceled).await.unwrap();
    let record = store.record("a").await;
    assert_eq!(store.json("a").await.as_deref(), Some("one"));
    assert_eq!((record.state, record.hash), (Some(DeliveryState::Confirmed), before.hash));
    assert_eq!(
        (record.revision, record.version),
        (revision(4), before.version),
        "an ETag is never used twice"
    );
    assert_eq!(record.sent.map(|sent| sent.attempt), Some(record.desired()));
    assert_eq!(store.events("a").await.last(), Some(&(HistoryEvent::Canceled, 3)));
    let expected = ImportCounts { accepted: 2, superseded: 1, canceled: 1, ..ImportCounts::default() };
    assert_eq!(counts(store, import).await, expected);
    let accepted = store.accept("a", whole("one")).await;
    assert_eq!(accepted.accepted_as, AcceptedAs::Unchanged);
    let later = store.accept("a", whole("four")).await.record;
    assert!(later.version > before.version.next().next(), "versions that were promised are not used again");
}

pub(super) async fn canceling_brings_back_what_waited(store: &TestStore) {
    store.accept("a", whole("one")).await;
    let import = store.import().await;
    store.accept_line(import, "a", whole("two")).await;
    set(store, import, ImportState::Canceled).await.unwrap();
    let record = store.record("a").await;
    assert_eq!(store.json("a").await.as_deref(), Some("one"));
    assert_eq!((record.state, record.lane), (Some(DeliveryState::Pending), Lane::Interactive));
    assert_eq!(store.due_ids(Lane::Interactive).await, ["a"]);
}

pub(super) async fn canceling_withdraws_what_never_was_delivered(store: &TestStore) {
    let import = store.import().await;
    // More than one step withdraws.
    for number in 0..250 {
        store.accept_line(import, &format!("a{number}"), whole("one")).await;
    }
    store.refuse("a0").await;
    set(store, import, ImportState::Canceled).await.unwrap();
    let expected = ImportCounts { accepted: 250, refused: 1, canceled: 249, ..ImportCounts::default() };
    assert_eq!(counts(store, import).await, expected);
    assert!(store.ledger.delivery(&key("a1")).await.unwrap().is_none());
    assert_eq!(store.json("a1").await, None);
    assert_eq!(store.events("a1").await, [(HistoryEvent::Accepted, 1), (HistoryEvent::Canceled, 1)]);
    assert_eq!(store.accept("a1", whole("one")).await.record.revision, revision(2));
}

pub(super) async fn a_push_on_the_wire_of_a_canceled_line_is_written_over(store: &TestStore) {
    store.accept("a", whole("one")).await;
    store.deliver("a").await;
    let import = store.import().await;
    let on_the_wire = store.accept_line(import, "a", whole("two")).await.record.desired();
    set(store, import, ImportState::Canceled).await.unwrap();
    store.report_of("a", on_the_wire, DeliveryResult::Delivered { check_at: None }).await;
    let record = store.record("a").await;
    assert_eq!((record.state, record.lane), (Some(DeliveryState::Pending), Lane::Repair));
    assert!(record.version > on_the_wire.version);
    assert_eq!(store.json("a").await.as_deref(), Some("one"));
    store.deliver("a").await;
    assert_eq!(store.events("a").await.last(), Some(&(HistoryEvent::Repaired, 3)));
}

pub(super) async fn a_canceled_import_takes_nothing_more(store: &TestStore) {
    let import = store.import().await;
    set(store, import, ImportState::Canceled).await.unwrap();
    set(store, import, ImportState::Canceled).await.unwrap();
    assert!(matches!(set(store, import, ImportState::Running).await, Err(ImportError::Canceled)));
    for import in [import, ImportId(77)] {
        let line = Acceptance { import: Some(import), ..acceptance("a", whole("one")) };
        assert!(matches!(store.ledger.accept(line).await, Err(AcceptError::ImportClosed)));
    }
    assert!(matches!(set(store, ImportId(77), ImportState::Paused).await, Err(ImportError::NotFound)));
    let other = "hr".parse().unwrap();
    assert!(store.ledger.import(&other, import).await.unwrap().is_none());
}

pub(super) async fn imports_are_listed_newest_first(store: &TestStore) {
    let mut made = Vec::new();
    for number in 0..5_u32 {
        let new =
            NewImport { per_minute: Some(number), caller: Some("erp".to_owned()), ..NewImport::default() };
        made.push(store.ledger.create_import(&app(), new).await.unwrap());
        store.pass(1);
    }
    made.reverse();
    let first = store.ledger.imports(&app(), PageRequest::first(3)).await.unwrap();
    assert_eq!((first.items.as_slice(), first.next), (&made[..3], Some(made[2].id)));
    let second = store.ledger.imports(&app(), PageRequest { after: first.next, limit: 3 }).await.unwrap();
    assert_eq!((second.items.as_slice(), second.next), (&made[3..], None));
    let unbounded = ImportUpdate { per_minute: Some(None), ..ImportUpdate::default() };
    let record = store.ledger.update_import(&app(), made[0].id, unbounded).await.unwrap();
    assert_eq!((record.per_minute, store.import_record(made[0].id).await), (None, record));
}
