//! People whom documents name by aliases.

use super::support::{TestStore, app, key, problem, whole};
use crate::domain::{Alias, AliasKind, KnownPeople, PersonIds};
use crate::ledger::{DeliveryResult, Forgotten, ImportState, ImportUpdate, KeptPeople};

fn people(email: &str) -> Option<KeptPeople> {
    let alias = Alias { kind: AliasKind::Email, value: email.to_owned().into() };
    let ids = PersonIds { open_id: format!("ou_{email}"), user_id: Some("alice".to_owned()) };
    KeptPeople::of(&KnownPeople::from([(alias, ids)]))
}

fn delivered() -> DeliveryResult {
    DeliveryResult::Delivered { check_at: None }
}

pub(super) async fn people_are_remembered_with_every_result_and_as_long_as_their_document(store: &TestStore) {
    let first = store.accept("a", whole("one")).await.record;
    assert_eq!(first.people, None);
    let later = DeliveryResult::RetryLater { at: store.after(5), problem: problem("upstream_unavailable") };
    store.report_people("a", first.desired(), later, people("alice@example.com")).await;
    let kept = store.ledger.document(&key("a")).await.unwrap().unwrap();
    assert_eq!(kept.record.people, people("alice@example.com"));
    // A result that tells nothing of people leaves them, and so does the next document.
    store.deliver("a").await;
    let next = store.accept("a", whole("two")).await.record;
    assert_eq!(next.people, people("alice@example.com"));
    store.report_people("a", next.desired(), delivered(), people("bob@example.com")).await;
    assert_eq!(store.record("a").await.people, people("bob@example.com"));
    assert_eq!(store.ledger.forget(&key("a"), None).await.unwrap(), Forgotten::Erased);
    assert_eq!(store.accept("a", whole("three")).await.record.people, None);
}

pub(super) async fn people_of_an_earlier_attempt_are_not_remembered(store: &TestStore) {
    let first = store.accept("a", whole("one")).await.record;
    store.accept("a", whole("two")).await;
    store.report_people("a", first.desired(), delivered(), people("alice@example.com")).await;
    assert_eq!(store.record("a").await.people, None);
}

pub(super) async fn people_come_back_with_what_a_canceled_import_had_taken_the_place_of(store: &TestStore) {
    let first = store.accept("a", whole("one")).await.record;
    store.report_people("a", first.desired(), delivered(), people("alice@example.com")).await;
    let import = store.import().await;
    let line = store.accept_line(import, "a", whole("two")).await.record;
    let later = DeliveryResult::RetryLater { at: store.after(5), problem: problem("upstream_unavailable") };
    store.report_people("a", line.desired(), later, people("bob@example.com")).await;
    let canceled = ImportUpdate { state: Some(ImportState::Canceled), ..ImportUpdate::default() };
    store.ledger.update_import(&app(), import, canceled).await.unwrap();
    assert_eq!(store.record("a").await.people, people("alice@example.com"));
}
