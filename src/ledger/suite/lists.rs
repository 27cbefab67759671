//! Lists, counts, and the order of what is due.

use super::support::{TestStore, acceptance, app, key, problem, whole};
use crate::domain::AppName;
use crate::ledger::{
    Acceptance, DefinitionRecord, DeliveryFilter, DeliveryResult, DeliveryState, Due, HistoryEvent,
    HistoryNote, InstanceKey, LONGEST_HISTORY, Lane, LedgerError, NewDocument, PageRequest, RequestedBy,
};

/// The ids of all pages.
async fn listed(store: &TestStore, filter: &DeliveryFilter, limit: usize) -> Vec<String> {
    let (mut ids, mut page) = (Vec::new(), PageRequest::first(limit));
    loop {
        let found = store.ledger.deliveries(&app(), filter, page).await.unwrap();
        assert!(found.items.len() <= limit);
        ids.extend(found.items.into_iter().map(|record| record.key.instance_id));
        let Some(next) = found.next else { return ids };
        page = PageRequest { after: Some(next), limit };
    }
}

pub(super) async fn deliveries_come_newest_first_in_pages(store: &TestStore) {
    for number in 0..7 {
        store.accept(&format!("a{number}"), whole("one")).await;
        // Some within one millisecond.
        store.pass(number % 2);
    }
    store.pass(1);
    store.accept("a0", whole("two")).await;
    for limit in [1, 3, 7, 8] {
        let ids = listed(store, &DeliveryFilter::default(), limit).await;
        assert_eq!(ids, ["a0", "a6", "a5", "a4", "a3", "a2", "a1"], "{limit} a page");
    }
}

pub(super) async fn deliveries_are_filtered(store: &TestStore) {
    let other_code = NewDocument { approval_code: "travel".to_owned(), ..whole("one") };
    store.accept("waiting", other_code).await;
    let started = store.now();
    store.pass(10);
    store.accept("refused", whole("one")).await;
    store.refuse("refused").await;
    store.pass(10);
    store.accept("conflict", whole("one")).await;
    store.report("conflict", DeliveryResult::Conflict { version: None, problem: problem("conflict") }).await;
    store.accept("delivered", whole("one")).await;
    store.deliver("delivered").await;
    let cases = [
        (DeliveryFilter { states: vec![DeliveryState::Pending], ..Default::default() }, vec!["waiting"]),
        (
            DeliveryFilter {
                states: vec![DeliveryState::Pending, DeliveryState::Conflict, DeliveryState::Refused],
                ..Default::default()
            },
            vec!["conflict", "refused", "waiting"],
        ),
        (
            DeliveryFilter {
                states: vec![DeliveryState::Refused, DeliveryState::Delivered],
                ..Default::default()
            },
            vec!["delivered", "refused"],
        ),
        (DeliveryFilter { approval_code: Some("travel".to_owned()), ..Default::default() }, vec!["waiting"]),
        (DeliveryFilter { problem: Some("conflict".to_owned()), ..Default::default() }, vec!["conflict"]),
        (DeliveryFilter { caller: Some("crm".to_owned()), ..Default::default() }, vec![]),
        (
            DeliveryFilter { accepted_from: Some(store.now()), ..Default::default() },
            vec!["delivered", "conflict"],
        ),
        (DeliveryFilter { accepted_to: Some(store.now()), ..Default::default() }, vec!["refused", "waiting"]),
        (
            DeliveryFilter {
                states: vec![DeliveryState::Refused, DeliveryState::Pending],
                accepted_from: Some(started.next()),
                ..Default::default()
            },
            vec!["refused"],
        ),
    ];
    for (filter, expected) in cases {
        for limit in [1, 2, 50] {
            assert_eq!(listed(store, &filter, limit).await, expected, "{filter:?}");
        }
    }
}

/// The deliveries of one instance.
fn of(instance_id: &str) -> DeliveryFilter {
    DeliveryFilter { instance_id: Some(instance_id.to_owned()), ..Default::default() }
}

pub(super) async fn one_instance_is_found_by_its_id_and_whatever_else_is_asked(store: &TestStore) {
    for id in ["a", "b", "gone"] {
        store.accept(id, whole("one")).await;
        store.pass(1);
    }
    store.refuse("a").await;
    store.deliver("gone").await;
    store.ledger.forget(&key("gone"), None).await.unwrap();
    let (state, from) = (DeliveryState::Refused, store.now());
    let cases = [
        (of("a"), vec!["a"]),
        (of("b"), vec!["b"]),
        (of("gone"), vec![]),
        (of("nobody"), vec![]),
        (of("a\0"), vec![]),
        (DeliveryFilter { states: vec![state, DeliveryState::Pending], ..of("a") }, vec!["a"]),
        (DeliveryFilter { states: vec![state], ..of("b") }, vec![]),
        (DeliveryFilter { caller: Some("crm".to_owned()), ..of("a") }, vec![]),
        (DeliveryFilter { accepted_from: Some(from), ..of("a") }, vec![]),
        (DeliveryFilter { accepted_to: Some(from), ..of("a") }, vec!["a"]),
    ];
    for (filter, expected) in cases {
        for limit in [1, 50] {
            assert_eq!(listed(store, &filter, limit).await, expected, "{filter:?}");
        }
    }
    let found = store.ledger.deliveries(&app(), &of("a"), PageRequest::first(1)).await.unwrap();
    assert_eq!((found.items, found.next), (vec![store.record("a").await], None));
    // Behind an older one there is nothing of it.
    let all =
        store.ledger.deliveries(&app(), &DeliveryFilter::default(), PageRequest::first(1)).await.unwrap();
    let behind = store.ledger.deliveries(&app(), &of("b"), PageRequest { after: all.next, limit: 1 }).await;
    assert!(behind.unwrap().items.is_empty());
    let other: AppName = "hr".parse().unwrap();
    assert!(store.ledger.deliveries(&other, &of("a"), PageRequest::first(1)).await.unwrap().items.is_empty());
}

pub(super) async fn a_retry_of_one_instance_leaves_the_others(store: &TestStore) {
    for id in ["a", "b"] {
        store.accept(id, whole("one")).await;
        store.refuse(id).await;
    }
    let retry = async |filter: DeliveryFilter| {
        store.ledger.retry(&app(), &filter, &RequestedBy::default()).await.unwrap()
    };
    assert_eq!(retry(of("nobody")).await, 0);
    assert_eq!(retry(of("a")).await, 1);
    let states = [store.record("a").await.state, store.record("b").await.state];
    assert_eq!(states, [DeliveryState::Pending, DeliveryState::Refused].map(Some));
}

pub(super) async fn history_comes_newest_first_in_pages(store: &TestStore) {
    for number in 0..4 {
        store.accept("a", whole(&number.to_string())).await;
        store.deliver("a").await;
    }
    let (mut numbers, mut page) = (Vec::new(), PageRequest::first(3));
    loop {
        let found = store.ledger.history(&key("a"), page).await.unwrap();
        numbers.extend(found.items.iter().map(|entry| entry.number));
        let Some(next) = found.next else { break };
        page = PageRequest { after: Some(next), limit: 3 };
    }
    assert_eq!(numbers, [8, 7, 6, 5, 4, 3, 2, 1]);
    assert!(store.ledger.history(&key("nobody"), PageRequest::first(3)).await.unwrap().items.is_empty());
}

pub(super) async fn history_is_bounded(store: &TestStore) {
    store.accept("a", whole("one")).await;
    let note = HistoryNote::new(HistoryEvent::Notified);
    let a = key("a");
    let notes = (0..LONGEST_HISTORY).map(|_| store.ledger.note(&a, note.clone()));
    futures_util::future::try_join_all(notes.collect::<Vec<_>>()).await.unwrap();
    let events = store.events("a").await;
    assert_eq!(events.len() as u64, LONGEST_HISTORY);
    assert_eq!(events[0].0, HistoryEvent::Notified, "the oldest entry went first");
}

pub(super) async fn notes_are_part_of_the_history(store: &TestStore) {
    let note = HistoryNote {
        event: HistoryEvent::Action,
        caller: Some("ou_1".to_owned()),
        request_id: Some("request-2".to_owned()),
        problem: Some(problem("relay")),
        log_id: Some("log-9".to_owned()),
        detail: Some("{}".to_owned()),
    };
    assert!(!store.ledger.note(&key("a"), note.clone()).await.unwrap(), "of an instance that is not there");
    store.accept("a", whole("one")).await;
    assert!(store.ledger.note(&key("a"), note.clone()).await.unwrap());
    let entry = store.ledger.history(&key("a"), PageRequest::first(1)).await.unwrap().items.remove(0);
    assert_eq!((entry.event, entry.caller, entry.request_id), (note.event, note.caller, note.request_id));
    assert_eq!((entry.problem, entry.log_id, entry.detail), (note.problem, note.log_id, note.detail));
}

pub(super) async fn the_summary_counts_by_state_and_class(store: &TestStore) {
    assert_eq!(store.ledger.summary(&app()).await.unwrap(), Default::default());
    let import = store.import().await;
    store.accept("a", whole("one")).await;
    store.accept("b", whole("one")).await;
    store.accept_line(import, "c", whole("one")).await;
    store.deliver("a").await;
    store.accept("d", whole("one")).await;
    store.deliver("d").await;
    store.pass(60);
    store.report("d", DeliveryResult::Drift { problem: None }).await;
    let summary = store.ledger.summary(&app()).await.unwrap();
    let expected = [
        ((DeliveryState::Pending, "import"), 1),
        ((DeliveryState::Pending, "interactive"), 1),
        ((DeliveryState::Pending, "repair"), 1),
        ((DeliveryState::Delivered, "interactive"), 1),
    ];
    assert_eq!(summary.counts, expected.into());
    assert_eq!(summary.count(DeliveryState::Pending), 3);
    assert_eq!(summary.oldest_pending, Some(store.after(-60)));
    store.deliver("b").await;
    store.deliver("c").await;
    let oldest = store.ledger.summary(&app()).await.unwrap().oldest_pending;
    assert_eq!(oldest, Some(store.now()), "a repair has waited since its drift, however old its document is");
}

pub(super) async fn what_is_due_comes_in_the_order_of_time(store: &TestStore) {
    for id in ["a", "b", "c", "d"] {
        store.accept(id, whole("one")).await;
    }
    for (id, seconds) in [("a", 30), ("b", 10), ("c", 20), ("d", 600)] {
        let later =
            DeliveryResult::RetryLater { at: store.after(seconds), problem: problem("upstream_unavailable") };
        store.report(id, later).await;
    }
    let rest = store.after(600);
    store.pass(60);
    let due = store.due(Lane::Interactive).await;
    assert_eq!((due.items, due.next_at), (vec![key("b"), key("c"), key("a")], Some(rest)));
    let due = store.due_within(&app(), Lane::Interactive, 2).await;
    assert_eq!((due.items, due.next_at), (vec![key("b"), key("c")], None));
}

pub(super) async fn of_each_caller_is_due_what_it_has_waiting_however_much_others_have(store: &TestStore) {
    let of = |id: &str, caller: Option<&str>| Acceptance {
        caller: caller.map(str::to_owned),
        ..acceptance(id, whole("one"))
    };
    for number in 0..5 {
        store.ledger.accept(of(&format!("flood-{number}"), Some("flood"))).await.unwrap();
        store.pass(1);
    }
    store.ledger.accept(of("one", Some("hr"))).await.unwrap();
    store.ledger.accept(of("nobody", None)).await.unwrap();
    let due = store.ledger.due(&app(), Lane::Interactive, 2).await.unwrap();
    let ids = |due: Due<InstanceKey>| due.items.into_iter().map(|key| key.instance_id).collect::<Vec<_>>();
    let due: Vec<_> = due.into_iter().map(|of_caller| (of_caller.caller, ids(of_caller.due))).collect();
    let expected =
        [(None, vec!["nobody"]), (Some("flood"), vec!["flood-0", "flood-1"]), (Some("hr"), vec!["one"])];
    let of_caller = |(caller, ids): (Option<&str>, Vec<&str>)| {
        (caller.map(str::to_owned), ids.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(due, expected.map(of_caller));
}

pub(super) async fn what_waits_does_not_wait_for_a_clock_that_was_set_back(store: &TestStore) {
    for id in ["waiting", "postponed", "delivered"] {
        store.accept(id, whole("one")).await;
    }
    let later = DeliveryResult::RetryLater { at: store.after(60), problem: problem("upstream_unavailable") };
    store.report("postponed", later).await;
    store.deliver("delivered").await;
    store.step_back(24 * 60 * 60 * 1_000);
    let due = store.due(Lane::Interactive).await;
    assert_eq!((due.items, due.next_at), (vec![key("waiting")], Some(store.after(60))));
    store.pass(60);
    assert_eq!(store.due_ids(Lane::Interactive).await, ["waiting", "postponed"]);
    assert_eq!(store.ledger.check_due(&app(), 9).await.unwrap().items, [key("delivered")]);
}

pub(super) async fn definitions_are_kept_by_their_keys(store: &TestStore) {
    let definition = |key: &str, json: &str| DefinitionRecord {
        definition_key: key.to_owned(),
        approval_code: format!("code of {key}"),
        json: json.to_owned(),
        caller: Some("erp".to_owned()),
        updated_at: store.now(),
    };
    for key in ["travel", "leave", "expense"] {
        store.ledger.put_definition(&app(), definition(key, "{}")).await.unwrap();
    }
    store.ledger.put_definition(&app(), definition("leave", "{\"name\":\"new\"}")).await.unwrap();
    let first = store.ledger.definitions(&app(), PageRequest::first(2)).await.unwrap();
    let expected = [definition("expense", "{}"), definition("leave", "{\"name\":\"new\"}")];
    assert_eq!((first.items.as_slice(), first.next.as_deref()), (&expected[..], Some("leave")));
    let second = store.ledger.definitions(&app(), PageRequest { after: first.next, limit: 2 }).await.unwrap();
    assert_eq!((second.items, second.next), (vec![definition("travel", "{}")], None));
    let other: AppName = "hr".parse().unwrap();
    assert!(store.ledger.definitions(&other, PageRequest::first(2)).await.unwrap().items.is_empty());
}

pub(super) async fn a_closed_ledger_says_so(store: &TestStore) {
    store.accept("a", whole("one")).await;
    store.ledger.close().await;
    let accepted = store.ledger.accept(acceptance("a", whole("two"))).await;
    assert!(matches!(accepted, Err(crate::ledger::AcceptError::Ledger(LedgerError::Closed))), "{accepted:?}");
    assert!(matches!(store.ledger.delivery(&key("a")).await, Err(LedgerError::Closed)));
    store.ledger.close().await;
}

pub(super) async fn several_deliveries_are_found_at_once(store: &TestStore) {
    for id in ["a", "b", "c"] {
        store.accept(id, whole(id)).await;
    }
    store.deliver("c").await;
    store.ledger.forget(&key("c"), None).await.unwrap();
    let asked = ["b", "nobody", "a", "c"].map(std::sync::Arc::from);
    let mut found = store.ledger.deliveries_of(&app(), &asked).await.unwrap();
    found.sort_by(|one, other| one.key.cmp(&other.key));
    assert_eq!(found, [store.record("a").await, store.record("b").await]);
    assert_eq!(store.ledger.deliveries_of(&app(), &[]).await.unwrap(), []);
}
