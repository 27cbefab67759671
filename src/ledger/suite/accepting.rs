//! Documents that are accepted: revisions, versions, what is equal and what takes whose place.

use super::support::{TestStore, acceptance, app, at, key, problem, revision, update, whole};
use crate::domain::{AppName, Mode};
use crate::ledger::{
    AcceptError, Acceptance, AcceptedAs, DeliveryResult, DeliveryState, HistoryEvent, IfMatch, InstanceKey,
    Lane, NewDocument, PageRequest,
};

pub(super) async fn a_first_document_waits_as_revision_one(store: &TestStore) {
    let accepted = store.accept("a", whole("one")).await;
    assert_eq!(accepted.accepted_as, AcceptedAs::Changed);
    let record = store.record("a").await;
    assert_eq!(record, accepted.record);
    assert_eq!(record.state, Some(DeliveryState::Pending));
    assert_eq!((record.revision, record.version), (revision(1), store.now()));
    assert_eq!((record.accepted_at, record.due_at), (store.now(), Some(store.now())));
    assert_eq!((record.caller.as_deref(), record.approval_code.as_str()), (Some("erp"), "leave"));
    assert!(record.is_whole && record.has_document && record.sent.is_none());
    assert_eq!(store.json("a").await.as_deref(), Some("one"));
    assert_eq!(store.due_ids(Lane::Interactive).await, ["a"]);
    let history = store.ledger.history(&key("a"), PageRequest::first(9)).await.unwrap();
    let entry = &history.items[0];
    assert_eq!(
        (entry.event, entry.revision, entry.version),
        (HistoryEvent::Accepted, revision(1), store.now())
    );
    assert_eq!((entry.caller.as_deref(), entry.request_id.as_deref()), (Some("erp"), Some("request-1")));
}

pub(super) async fn an_equal_document_that_was_delivered_changes_nothing(store: &TestStore) {
    store.accept("a", whole("one")).await;
    let before = store.deliver("a").await.record;
    store.pass(5);
    let accepted = store.accept("a", whole("one")).await;
    assert_eq!(accepted.accepted_as, AcceptedAs::Unchanged);
    assert_eq!(store.record("a").await, before);
    let before = store.confirm("a").await.record;
    let accepted = store.accept("a", whole("one")).await;
    assert_eq!((accepted.accepted_as, store.record("a").await), (AcceptedAs::Unchanged, before));
}

pub(super) async fn an_equal_document_that_waits_keeps_its_revision(store: &TestStore) {
    let before = store.accept("a", whole("one")).await.record;
    store.pass(5);
    let accepted = store.accept("a", whole("one")).await;
    assert_eq!((accepted.accepted_as, accepted.record), (AcceptedAs::Waiting, before));
    assert_eq!(store.events("a").await, [(HistoryEvent::Accepted, 1)]);
}

pub(super) async fn an_equal_document_that_was_refused_is_tried_again(store: &TestStore) {
    store.accept("a", whole("one")).await;
    store.refuse("a").await;
    store.pass(5);
    let accepted = store.accept("a", whole("one")).await;
    let record = accepted.record;
    assert_eq!((accepted.accepted_as, record.state), (AcceptedAs::Again, Some(DeliveryState::Pending)));
    assert_eq!((record.revision, record.attempts, &record.problem), (revision(1), 0, &None));
    assert_eq!(record.due_at, Some(store.now()));
    let expected = [(HistoryEvent::Accepted, 1), (HistoryEvent::Refused, 1), (HistoryEvent::Retried, 1)];
    assert_eq!(store.events("a").await, expected);
}

pub(super) async fn an_equal_document_in_conflict_gets_a_version_that_wins(store: &TestStore) {
    store.accept("a", whole("one")).await;
    let theirs = store.after(600);
    let conflict = DeliveryResult::Conflict { version: Some(theirs), problem: problem("conflict") };
    store.report("a", conflict).await;
    let accepted = store.accept("a", whole("one")).await;
    assert_eq!((accepted.accepted_as, accepted.record.revision), (AcceptedAs::Again, revision(1)));
    assert_eq!(accepted.record.version, theirs.next());
}

pub(super) async fn a_resent_document_keeps_its_revision_and_gets_a_new_version(store: &TestStore) {
    store.accept("a", whole("one")).await;
    store.deliver("a").await;
    store.pass(5);
    let resend = Acceptance { resend: true, ..acceptance("a", whole("one")) };
    let accepted = store.ledger.accept(resend.clone()).await.unwrap();
    assert_eq!(accepted.accepted_as, AcceptedAs::Again);
    let record = accepted.record;
    assert_eq!((record.state, record.revision), (Some(DeliveryState::Pending), revision(1)));
    assert_eq!(record.version, store.now());
    assert_eq!(record.sent_revision(), Some(revision(1)), "it was delivered before");
    // What waits is going to be sent anyhow.
    let accepted = store.ledger.accept(resend).await.unwrap();
    assert_eq!((accepted.accepted_as, accepted.record), (AcceptedAs::Waiting, record));
}

pub(super) async fn a_given_version_or_mode_makes_an_equal_document_a_new_one(store: &TestStore) {
    let version = store.accept("a", whole("one")).await.record.version;
    store.deliver("a").await;
    let same = NewDocument { version: Some(version), ..whole("one") };
    assert_eq!(store.accept("a", same).await.accepted_as, AcceptedAs::Unchanged);
    let same = NewDocument { is_mode_given: true, ..whole("one") };
    assert_eq!(store.accept("a", same).await.accepted_as, AcceptedAs::Unchanged);
    let other = NewDocument { version: Some(version.next()), ..whole("one") };
    let accepted = store.accept("a", other).await;
    assert_eq!((accepted.accepted_as, accepted.record.revision), (AcceptedAs::Changed, revision(2)));
    store.deliver("a").await;
    let accepted = store.accept("a", update("one")).await;
    assert_eq!((accepted.accepted_as, accepted.record.mode), (AcceptedAs::Changed, Mode::Update));
}

pub(super) async fn a_newer_document_takes_the_place_of_one_that_waits(store: &TestStore) {
    store.accept("a", whole("one")).await;
    let later = DeliveryResult::RetryLater { at: store.after(300), problem: problem("upstream_unavailable") };
    store.report("a", later).await;
    store.pass(5);
    let record = store.accept("a", whole("two")).await.record;
    assert_eq!((record.revision, record.version), (revision(2), store.now()));
    assert_eq!((record.due_at, record.attempts), (Some(store.now()), 0), "it is tried at once");
    assert_eq!((record.failing_since, record.problem), (None, None));
    assert_eq!(store.json("a").await.as_deref(), Some("two"));
    let passed_over =
        [(HistoryEvent::Accepted, 1), (HistoryEvent::Superseded, 1), (HistoryEvent::Accepted, 2)];
    assert_eq!(store.events("a").await, passed_over);
    store.deliver("a").await;
    store.accept("a", whole("three")).await;
    let superseded =
        store.events("a").await.iter().filter(|(event, _)| *event == HistoryEvent::Superseded).count();
    assert_eq!(superseded, 1, "what was delivered is not passed over");
}

pub(super) async fn versions_grow_when_the_clock_steps_back(store: &TestStore) {
    let first = store.accept("a", whole("one")).await.record.version;
    let second = store.accept("a", whole("two")).await.record.version;
    assert_eq!(second, first.next(), "within a millisecond");
    store.step_back(24 * 60 * 60 * 1_000);
    let third = store.accept("a", whole("three")).await.record.version;
    assert_eq!(third, second.next(), "a day back");
}

pub(super) async fn an_older_version_is_raised_when_the_document_is_whole(store: &TestStore) {
    let first = store.accept("a", whole("one")).await.record.version;
    for version in [first, at(1)] {
        let latest = store.record("a").await.version;
        let older = NewDocument { version: Some(version), ..whole(&format!("for {version}")) };
        let accepted = store.accept("a", older).await;
        assert!(accepted.is_version_raised);
        assert_eq!(accepted.record.version, latest.next());
    }
    let later = NewDocument { version: Some(store.after(60)), ..whole("later") };
    let accepted = store.accept("a", later).await;
    assert_eq!((accepted.is_version_raised, accepted.record.version), (false, store.after(60)));
}

pub(super) async fn a_version_far_ahead_pins_the_clock(store: &TestStore) {
    let ahead = store.after(10 * 24 * 60 * 60);
    store.accept("a", NewDocument { version: Some(ahead), ..whole("one") }).await;
    assert_eq!(store.accept("a", whole("two")).await.record.version, ahead.next());
}

pub(super) async fn only_the_expected_revision_is_replaced(store: &TestStore) {
    let put = |if_match, content: &str| {
        store.ledger.accept(Acceptance { if_match: Some(if_match), ..acceptance("a", whole(content)) })
    };
    let nothing = put(IfMatch::Any, "one").await;
    assert!(matches!(nothing, Err(AcceptError::RevisionMismatch { kept: None })));
    store.accept("a", whole("one")).await;
    let other = put(IfMatch::OneOf(vec![revision(2)]), "two").await;
    assert!(matches!(other, Err(AcceptError::RevisionMismatch { kept: Some(kept) }) if kept == revision(1)));
    assert_eq!(store.json("a").await.as_deref(), Some("one"));
    put(IfMatch::OneOf(vec![revision(7), revision(1)]), "two").await.unwrap();
    put(IfMatch::Any, "three").await.unwrap();
    assert_eq!(store.record("a").await.revision, revision(3));
    for other in [IfMatch::Nothing, IfMatch::NoneOf(vec![revision(3)])] {
        let refused = put(other, "four").await;
        assert!(
            matches!(refused, Err(AcceptError::RevisionMismatch { kept: Some(kept) }) if kept == revision(3))
        );
    }
    put(IfMatch::NoneOf(vec![revision(1)]), "four").await.unwrap();
    let new = Acceptance { if_match: Some(IfMatch::Nothing), ..acceptance("b", whole("one")) };
    store.ledger.accept(new).await.unwrap();
}

pub(super) async fn apps_do_not_see_each_other(store: &TestStore) {
    let other: AppName = "hr".parse().unwrap();
    store.accept("a", whole("one")).await;
    let theirs = Acceptance { key: InstanceKey::new(other.clone(), "a"), ..acceptance("a", whole("theirs")) };
    store.ledger.accept(theirs).await.unwrap();
    assert_eq!(store.json("a").await.as_deref(), Some("one"));
    assert_eq!(store.due_ids(Lane::Interactive).await.len(), 1);
    assert_eq!(store.ledger.summary(&app()).await.unwrap().count(DeliveryState::Pending), 1);
    assert_eq!(store.ledger.summary(&other).await.unwrap().count(DeliveryState::Pending), 1);
    store.deliver("a").await;
    assert_eq!(store.due_within(&other, Lane::Interactive, 9).await.items.len(), 1);
}

pub(super) async fn many_at_once_get_revisions_and_versions_of_their_own(store: &TestStore) {
    let accepts = (0..100).map(|number| store.accept("a", whole(&number.to_string())));
    let accepted = futures_util::future::join_all(accepts.collect::<Vec<_>>()).await;
    let mut seen: Vec<_> = accepted.iter().map(|accepted| accepted.record.desired()).collect();
    seen.sort_unstable();
    assert!(
        seen.windows(2).all(|pair| pair[0].revision < pair[1].revision && pair[0].version < pair[1].version)
    );
    let last = accepted.iter().max_by_key(|accepted| accepted.record.revision).unwrap();
    assert_eq!(store.record("a").await, last.record);
    assert_eq!(last.record.revision, revision(100));
}
