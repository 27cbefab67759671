//! Documents that are made of the kept one: patches, and updates that are merged.

use std::sync::Arc;

use super::support::{TestStore, acceptance, at, key, problem, revision, update, whole};
use crate::domain::Mode;
use crate::ledger::{
    AcceptError, Acceptance, Accepted, AcceptedAs, DeliveryResult, DocumentSource, Kept, NewDocument,
    Rejection,
};

/// Adds a text to the kept document and lets it go out in this mode.
fn appended(
    text: &'static str,
    NewDocument { version, mode, is_mode_given, .. }: NewDocument,
) -> DocumentSource {
    DocumentSource::Made(Arc::new(move |kept: Option<&Kept>| {
        let kept = kept.map(|kept| String::from_utf8(kept.body.json().unwrap()).unwrap());
        Ok(NewDocument { version, mode, is_mode_given, ..whole(&(kept.unwrap_or_default() + text)) })
    }))
}

async fn append(
    store: &TestStore,
    text: &'static str,
    document: NewDocument,
) -> Result<Accepted, AcceptError> {
    let document = appended(text, document);
    store.ledger.accept(Acceptance { document, ..acceptance("a", whole("")) }).await
}

pub(super) async fn a_made_document_sees_the_kept_one(store: &TestStore) {
    append(store, "one", whole("")).await.unwrap();
    append(store, " two", whole("")).await.unwrap();
    assert_eq!(store.json("a").await.as_deref(), Some("one two"));
    store.deliver("a").await;
    let accepted = append(store, "", whole("")).await.unwrap();
    assert_eq!(accepted.accepted_as, AcceptedAs::Unchanged, "a patch that changes nothing");
}

pub(super) async fn a_rejection_changes_nothing_and_comes_back_as_it_was(store: &TestStore) {
    store.accept("a", whole("one")).await;
    let before = store.record("a").await;
    let document = DocumentSource::Made(Arc::new(|kept: Option<&Kept>| {
        Err(Rejection::new(format!("revision {}", kept.unwrap().record.revision)))
    }));
    let rejected = store.ledger.accept(Acceptance { document, ..acceptance("a", whole("")) }).await;
    let Err(AcceptError::Rejected(rejection)) = rejected else { panic!("{rejected:?}") };
    assert_eq!(rejection.downcast::<String>().unwrap(), "revision 1");
    assert_eq!(store.record("a").await, before);
}

pub(super) async fn an_older_update_is_stale(store: &TestStore) {
    let first = store.accept("a", whole("one")).await.record.version;
    for version in [at(1), first] {
        let stale = NewDocument { version: Some(version), ..update("two") };
        let refused = store.ledger.accept(acceptance("a", stale)).await;
        assert!(matches!(refused, Err(AcceptError::Stale { latest }) if latest == first), "{refused:?}");
    }
    let conflict = DeliveryResult::Conflict { version: Some(store.after(60)), problem: problem("conflict") };
    store.report("a", conflict).await;
    let stale = NewDocument { version: Some(store.after(59)), ..update("two") };
    let refused = store.ledger.accept(acceptance("a", stale)).await;
    assert!(matches!(refused, Err(AcceptError::Stale { .. })), "Feishu has a later one: {refused:?}");
    let later = NewDocument { version: Some(store.after(61)), ..update("two") };
    assert_eq!(store.accept("a", later).await.record.version, store.after(61));
}

pub(super) async fn an_update_goes_out_whole_when_the_kept_document_waits_to_go_out_whole(store: &TestStore) {
    store.accept("a", whole("one")).await;
    let record = append(store, " two", update("")).await.unwrap().record;
    assert_eq!((record.mode, record.is_whole), (Mode::Replace, true));
    store.refuse("a").await;
    let record = append(store, " three", update("")).await.unwrap().record;
    assert_eq!((record.mode, record.is_whole), (Mode::Replace, true), "a refused one was not sent either");
    assert_eq!(store.json("a").await.as_deref(), Some("one two three"));
    // Equal in content and in the mode that it goes out with.
    let accepted = append(store, "", update("")).await.unwrap();
    assert_eq!((accepted.accepted_as, accepted.record.revision), (AcceptedAs::Waiting, revision(3)));
}

pub(super) async fn an_update_alone_is_never_whole(store: &TestStore) {
    let record = append(store, "one", update("")).await.unwrap().record;
    assert_eq!((record.mode, record.is_whole), (Mode::Update, false));
    let record = append(store, " two", update("")).await.unwrap().record;
    assert_eq!((record.mode, record.is_whole), (Mode::Update, false));
    let record = store.accept("a", whole("three")).await.record;
    assert_eq!((record.mode, record.is_whole), (Mode::Replace, true));
}

pub(super) async fn an_update_over_a_delivered_document_goes_out_as_update_and_stays_whole(
    store: &TestStore,
) {
    store.accept("a", whole("one")).await;
    store.deliver("a").await;
    let record = append(store, " two", update("")).await.unwrap().record;
    assert_eq!((record.mode, record.is_whole), (Mode::Update, true));
    let kept = store.ledger.document(&key("a")).await.unwrap().unwrap();
    assert_eq!(kept.record, record);
    assert_eq!(store.json("a").await.as_deref(), Some("one two"));
}
