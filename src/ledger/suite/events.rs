//! The outbox: what is written when, and in which order it is sent.

use std::sync::Arc;

use super::support::{TestStore, acceptance, app, key, problem, revision, whole};
use crate::domain::{EventState, EventType, Timestamp};
use crate::ledger::{
    Acceptance, DeliveryFilter, DeliveryResult, EVENT_TRIED_FOR, EventFilter, EventNumber, EventRecord,
    EventResult, EventRetention, EventsSwept, NewEvent, PageRequest, RequestedBy, StoredProblem,
};

const DAY: u64 = 24 * 60 * 60;

async fn all(store: &TestStore, filter: &EventFilter) -> Vec<EventRecord> {
    let page = store.ledger.events(&app(), filter, PageRequest::first(1_000)).await.unwrap();
    page.items.into_iter().rev().collect()
}

/// Types and instances of all events, oldest first.
async fn told(store: &TestStore) -> Vec<(EventType, String)> {
    let all = all(store, &EventFilter::default()).await;
    all.into_iter().map(|record| (record.event.kind, record.event.instance_id.unwrap_or_default())).collect()
}

/// Instances and revisions of what is due, in order.
async fn due(store: &TestStore) -> Vec<(String, u64)> {
    let due = store.ledger.events_due(&app(), 100).await.unwrap();
    let shown = |record: EventRecord| {
        let EventRecord { event: NewEvent { instance_id, revision, .. }, .. } = record;
        (instance_id.unwrap_or_default(), revision.map_or(0, |revision| revision.0))
    };
    due.items.into_iter().map(shown).collect()
}

async fn first_due(store: &TestStore) -> EventRecord {
    store.ledger.events_due(&app(), 1).await.unwrap().items.remove(0)
}

async fn sent(store: &TestStore, record: &EventRecord, result: EventResult) -> Option<EventRecord> {
    store.ledger.report_event(&app(), record.number, record.attempts, result).await.unwrap()
}

fn failed(at: Timestamp) -> EventResult {
    EventResult::Failed { at, error: "HTTP 500".to_owned() }
}

async fn accept_promised(store: &TestStore, id: &str, content: &str) {
    let acceptance = Acceptance { is_promised: true, ..acceptance(id, whole(content)) };
    store.ledger.accept(acceptance).await.unwrap();
}

/// An event about this instance.
async fn refuse(store: &TestStore, id: &str, content: &str) {
    store.accept(id, whole(content)).await;
    store.refuse(id).await;
}

pub(super) async fn an_event_is_written_with_the_result_that_it_tells_of(store: &TestStore) {
    store.accept("a", whole("one")).await;
    let json = r#"{"code":"upstream_rejected","detail":"no","errors":[{"pointer":"/title"}]}"#;
    let problem = StoredProblem::new("upstream_rejected", json);
    store.report("a", DeliveryResult::Refused { problem }).await;
    let [record] = all(store, &EventFilter::default()).await.try_into().unwrap();
    let EventRecord { event, state, attempts, due_at, .. } = record;
    assert_eq!((state, attempts, due_at), (EventState::Pending, 0, Some(store.now())));
    assert_eq!((event.kind, event.at), (EventType::DeliveryRefused, store.now()));
    assert_eq!((event.instance_id.as_deref(), event.revision), (Some("a"), Some(revision(1))));
    assert_eq!(event.approval_code.as_deref(), Some("leave"));
    let told = event.problem.unwrap();
    assert_eq!(
        (told.code(), told.json()),
        ("upstream_rejected", r#"{"code":"upstream_rejected","detail":"no"}"#)
    );
}

pub(super) async fn conflicts_and_repairs_are_told(store: &TestStore) {
    store.accept("a", whole("one")).await;
    store.deliver("a").await;
    assert_eq!(told(store).await, [], "whoever sent it was told by the answer");
    store.report("a", DeliveryResult::Drift { problem: None }).await;
    assert_eq!(told(store).await, []);
    store.deliver("a").await;
    let conflict = DeliveryResult::Conflict { version: None, problem: problem("conflict") };
    store.report("a", conflict).await;
    let a = |kind| (kind, "a".to_owned());
    assert_eq!(told(store).await, [a(EventType::DriftRepaired), a(EventType::DeliveryConflict)]);
}

pub(super) async fn a_result_that_nobody_wants_to_hear_of_is_not_told(store: &TestStore) {
    accept_promised(store, "a", "one").await;
    let attempt = store.record("a").await.desired();
    let result = DeliveryResult::Refused { problem: problem("upstream_rejected") };
    store.report_silently("a", attempt, result).await;
    assert_eq!(told(store).await, []);
}

pub(super) async fn a_delivery_is_told_when_it_was_promised(store: &TestStore) {
    let delivered = |id: &str| (EventType::DeliveryDelivered, id.to_owned());
    accept_promised(store, "at once", "one").await;
    store.deliver("at once").await;
    // Whoever sent it has waited for a while.
    store.accept("later", whole("one")).await;
    store.ledger.promise(&key("later"), revision(1)).await.unwrap();
    store.deliver("later").await;
    // It was delivered while the answer was on its way.
    store.accept("late", whole("one")).await;
    store.deliver("late").await;
    store.ledger.promise(&key("late"), revision(1)).await.unwrap();
    assert_eq!(told(store).await, [delivered("at once"), delivered("later"), delivered("late")]);
    // It is told once.
    store.accept("later", whole("two")).await;
    store.deliver("later").await;
    assert_eq!(told(store).await.len(), 3);
    store.ledger.promise(&key("nobody"), revision(1)).await.unwrap();
}

pub(super) async fn a_promise_goes_on_with_what_takes_its_place(store: &TestStore) {
    accept_promised(store, "a", "one").await;
    store.accept("a", whole("two")).await;
    store.deliver("a").await;
    let [record] = all(store, &EventFilter::default()).await.try_into().unwrap();
    assert_eq!(record.event.revision, Some(revision(2)));
    // What was refused is told as such, and again when a retry delivers it.
    accept_promised(store, "b", "one").await;
    store.refuse("b").await;
    store.ledger.retry(&app(), &DeliveryFilter::default(), &RequestedBy::default()).await.unwrap();
    store.deliver("b").await;
    let kinds: Vec<_> = told(store).await.into_iter().skip(1).map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [EventType::DeliveryRefused, EventType::DeliveryDelivered]);
    // Whoever was told of a refusal has nothing to wait for.
    accept_promised(store, "c", "one").await;
    store.refuse("c").await;
    store.accept("c", whole("two")).await;
    store.deliver("c").await;
    assert_eq!(told(store).await.len(), 4);
}

pub(super) async fn events_about_an_instance_are_sent_one_after_the_other(store: &TestStore) {
    refuse(store, "a", "one").await;
    refuse(store, "a", "two").await;
    refuse(store, "b", "one").await;
    let event = NewEvent::of_app(EventType::AppParked, store.now(), Some(&problem("upstream_auth")));
    store.ledger.add_event(&app(), event).await.unwrap();
    let expected = [("a".to_owned(), 1), ("b".to_owned(), 1), (String::new(), 0)];
    assert_eq!(due(store).await, expected);
    let first = first_due(store).await;
    store.pass(1);
    let again = sent(store, &first, failed(store.after(60))).await.unwrap();
    assert_eq!((again.attempts, again.due_at), (1, Some(store.after(60))));
    assert_eq!(due(store).await, expected[1..], "nothing goes past one that failed");
    store.pass(60);
    sent(store, &again, EventResult::Delivered).await;
    assert_eq!(due(store).await[2], ("a".to_owned(), 2));
    let delivered = EventFilter { states: vec![EventState::Delivered], ..EventFilter::default() };
    let [record] = all(store, &delivered).await.try_into().unwrap();
    assert_eq!((record.ended_at, record.last_error), (Some(store.now()), None));
    let elsewhere = "other".parse().unwrap();
    assert!(store.ledger.events_due(&elsewhere, 9).await.unwrap().items.is_empty());
}

pub(super) async fn an_event_is_tried_for_three_days(store: &TestStore) {
    refuse(store, "a", "one").await;
    let record = first_due(store).await;
    store.pass(EVENT_TRIED_FOR.as_secs() - 10);
    let record = sent(store, &record, failed(store.after(600))).await.unwrap();
    assert_eq!((record.state, record.due_at), (EventState::Pending, Some(store.after(10))), "a last time");
    store.pass(10);
    let record = sent(store, &record, failed(store.after(600))).await.unwrap();
    assert_eq!((record.state, record.due_at), (EventState::Dead, None));
    assert_eq!(record.last_error.as_deref(), Some("HTTP 500"));
    assert_eq!(due(store).await, []);
}

pub(super) async fn an_unwanted_event_ends_and_the_next_one_moves_up(store: &TestStore) {
    refuse(store, "a", "one").await;
    refuse(store, "a", "two").await;
    let record = first_due(store).await;
    let result = EventResult::Unwanted { error: "HTTP 410".to_owned() };
    assert_eq!(sent(store, &record, result).await.unwrap().state, EventState::Dead);
    assert_eq!(due(store).await, [("a".to_owned(), 2)]);
    // A result that comes twice, or about an earlier attempt, changes nothing.
    assert_eq!(sent(store, &record, EventResult::Delivered).await, None);
    let second = first_due(store).await;
    sent(store, &second, failed(store.now())).await.unwrap();
    assert_eq!(sent(store, &second, EventResult::Delivered).await, None);
}

pub(super) async fn events_that_were_given_up_are_put_back_in_their_order(store: &TestStore) {
    refuse(store, "a", "one").await;
    refuse(store, "a", "two").await;
    let first = first_due(store).await;
    sent(store, &first, EventResult::Unwanted { error: "HTTP 410".to_owned() }).await;
    let retry = async |filter: EventFilter| store.ledger.retry_events(&app(), &filter).await.unwrap();
    let about_a = || EventFilter { instance_id: Some(Arc::from("a")), ..EventFilter::default() };
    let about_b = EventFilter { instance_id: Some(Arc::from("b")), ..EventFilter::default() };
    assert_eq!(retry(about_b).await, 0);
    assert_eq!(retry(about_a()).await, 1);
    assert_eq!(due(store).await, [("a".to_owned(), 1)], "it goes first again");
    let again = first_due(store).await;
    assert_eq!((again.event.id == first.event.id, again.attempts), (true, 0));
    sent(store, &again, EventResult::Delivered).await;
    assert_eq!(due(store).await, [("a".to_owned(), 2)]);
    // What was delivered is sent once more only when it is meant by its state.
    assert_eq!(retry(about_a()).await, 0);
    let delivered = EventFilter { states: vec![EventState::Delivered], ..about_a() };
    assert_eq!(retry(delivered).await, 1);
    assert_eq!(due(store).await, [("a".to_owned(), 1)]);
    // One that waits for its next attempt is due at once when it is meant.
    let again = first_due(store).await;
    sent(store, &again, failed(store.after(600))).await;
    assert_eq!((retry(about_a()).await, due(store).await), (0, Vec::new()));
    let pending = EventFilter { states: vec![EventState::Pending], ..EventFilter::default() };
    assert_eq!(retry(pending).await, 1);
    assert_eq!(due(store).await, [("a".to_owned(), 1)]);
}

pub(super) async fn events_come_newest_first_in_pages(store: &TestStore) {
    for id in ["a", "b", "a", "c", "a"] {
        refuse(store, id, &store.now().to_string()).await;
        store.pass(1);
    }
    sent(store, &first_due(store).await, EventResult::Delivered).await;
    let filters = [
        EventFilter::default(),
        EventFilter { instance_id: Some(Arc::from("a")), ..EventFilter::default() },
        EventFilter { states: vec![EventState::Pending], ..EventFilter::default() },
        EventFilter { states: vec![EventState::Dead], ..EventFilter::default() },
        EventFilter { kinds: vec![EventType::DeliveryRefused], ..EventFilter::default() },
        EventFilter { kinds: vec![EventType::AppOpened], ..EventFilter::default() },
    ];
    for (filter, expected) in filters.iter().zip([5, 3, 4, 0, 5, 0]) {
        let (mut numbers, mut after) = (Vec::<EventNumber>::new(), None);
        loop {
            let page = PageRequest { after, limit: 2 };
            let page = store.ledger.events(&app(), filter, page).await.unwrap();
            assert!(page.items.iter().all(|record| filter.matches(record)), "{filter:?}");
            numbers.extend(page.items.iter().map(|record| record.number));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(numbers.len(), expected, "{filter:?}");
        assert!(numbers.is_sorted_by(|a, b| a > b), "{filter:?}");
    }
}

pub(super) async fn old_events_are_dropped_and_too_many_are_given_up(store: &TestStore) {
    let retention = |most_pending| EventRetention {
        delivered_before: store.after(-(DAY as i64)),
        dead_before: store.after(-2 * DAY as i64),
        most_pending,
    };
    for id in ["delivered", "dead", "waits", "waits too"] {
        refuse(store, id, "one").await;
        store.pass(1);
    }
    sent(store, &first_due(store).await, EventResult::Delivered).await;
    sent(store, &first_due(store).await, EventResult::Unwanted { error: "HTTP 410".to_owned() }).await;
    let count = async || told(store).await.len();
    let sweep = async |retention| store.ledger.sweep_events(&app(), retention).await.unwrap();
    assert_eq!((sweep(retention(2)).await, count().await), (EventsSwept::default(), 4));
    store.pass(DAY + 1);
    assert_eq!((sweep(retention(2)).await, count().await), (EventsSwept::default(), 3));
    store.pass(DAY);
    assert_eq!((sweep(retention(1)).await.given_up, count().await), (1, 2));
    assert_eq!(due(store).await, [("waits too".to_owned(), 1)]);
    let summary = store.ledger.event_summary(&app()).await.unwrap();
    let oldest = first_due(store).await.event.at;
    assert_eq!((summary.pending, summary.oldest), (1, Some(oldest)));
}

pub(super) async fn a_forgotten_instance_leaves_only_what_is_still_to_be_told(store: &TestStore) {
    refuse(store, "a", "one").await;
    refuse(store, "a", "two").await;
    sent(store, &first_due(store).await, EventResult::Delivered).await;
    store.ledger.forget(&key("a"), None).await.unwrap();
    assert_eq!(told(store).await.len(), 1);
    assert_eq!(due(store).await, [("a".to_owned(), 2)]);
}

pub(super) async fn an_event_does_not_wait_for_a_clock_that_was_set_back(store: &TestStore) {
    refuse(store, "a", "one").await;
    sent(store, &first_due(store).await, failed(store.after(60))).await;
    store.step_back(3_600_000);
    assert_eq!(due(store).await, []);
    store.pass(60);
    assert_eq!(due(store).await.len(), 1);
}
