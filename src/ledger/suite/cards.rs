//! Cards: when they are due, when they are withdrawn, and what becomes of those that are sent.

use super::support::{TestStore, app, key, problem, revision, whole};
use crate::domain::MessageStatus;
use crate::ledger::{
    Attempt, CardNumber, CardPerson, CardRecord, CardResult, CardState, DeliveredTask, DeliveredTasks,
    DeliveryResult, HistoryEvent, ImportState, NewDocument, PageRequest, Retention, TaskClue,
};

/// A task of a person that waits and wants a card.
fn open(task_id: &str, user_id: &str) -> DeliveredTask {
    let person = CardPerson { user_id: Some(user_id.to_owned()), open_id: None };
    DeliveredTask { task_id: task_id.to_owned(), person, closed: None, wants_card: true }
}

fn closed(task: DeliveredTask, status: MessageStatus) -> DeliveredTask {
    DeliveredTask { closed: Some(status), ..task }
}

fn document(tasks: &[DeliveredTask]) -> DeliveredTasks {
    DeliveredTasks { tasks: tasks.to_vec(), gone: MessageStatus::Deleted, is_import: false }
}

fn imported(tasks: &[DeliveredTask]) -> DeliveredTasks {
    DeliveredTasks { is_import: true, ..document(tasks) }
}

async fn accept(store: &TestStore, content: &str) {
    store.ledger.accept(super::support::acceptance("a", whole(content))).await.unwrap();
}

/// Accepts a document that is new, and has Feishu take it with these tasks.
async fn deliver(store: &TestStore, content: &str, tasks: &[DeliveredTask]) {
    accept(store, content).await;
    store.deliver_with("a", document(tasks)).await;
}

async fn due(store: &TestStore) -> Vec<CardRecord> {
    store.ledger.cards_due(&app(), 100).await.unwrap().items
}

/// Task, person, round and status of what is due, in order.
async fn shown(store: &TestStore) -> Vec<(String, String, u64, Option<MessageStatus>)> {
    let shown =
        |card: CardRecord| (card.task_id, card.person.user_id.unwrap_or_default(), card.round.0, card.status);
    due(store).await.into_iter().map(shown).collect()
}

fn to_send(task_id: &str, user_id: &str, round: u64) -> (String, String, u64, Option<MessageStatus>) {
    (task_id.to_owned(), user_id.to_owned(), round, None)
}

fn to_change(
    task_id: &str,
    user_id: &str,
    round: u64,
    status: MessageStatus,
) -> (String, String, u64, Option<MessageStatus>) {
    (task_id.to_owned(), user_id.to_owned(), round, Some(status))
}

async fn begin(store: &TestStore, card: &CardRecord) -> Option<CardRecord> {
    store.ledger.begin_card(&key("a"), card.number, card.attempts).await.unwrap()
}

async fn end(store: &TestStore, card: &CardRecord, result: CardResult) -> Option<CardRecord> {
    store.ledger.report_card(&key("a"), card.number, card.attempts, result).await.unwrap()
}

fn taken(message_id: &str) -> CardResult {
    CardResult::Taken { message_id: message_id.to_owned(), log_id: Some("log".to_owned()) }
}

fn failed(store: &TestStore, is_in_doubt: bool) -> CardResult {
    CardResult::Failed { at: store.after(60), problem: problem("upstream_unavailable"), is_in_doubt }
}

/// Feishu refused the attempt.
fn given_up() -> CardResult {
    CardResult::GivenUp { was_tried: true, problem: problem("upstream_rejected"), log_id: None }
}

/// Sends the only card that is due, or changes it.
async fn send(store: &TestStore, message_id: &str) -> CardRecord {
    let [card] = due(store).await.try_into().unwrap();
    let begun = begin(store, &card).await.unwrap();
    end(store, &begun, taken(message_id)).await.unwrap()
}

pub(super) async fn a_card_is_due_when_its_document_is_delivered(store: &TestStore) {
    accept(store, "one").await;
    assert_eq!(shown(store).await, [], "Feishu has nothing yet");
    store.deliver_with("a", document(&[open("t1", "bob"), open("t2", "eve")])).await;
    assert_eq!(shown(store).await, [to_send("t1", "bob", 1), to_send("t2", "eve", 1)]);
    let summary = store.ledger.card_summary(&app()).await.unwrap();
    assert_eq!((summary.waiting, summary.oldest), (2, Some(store.now())));
    let elsewhere = "other".parse().unwrap();
    assert!(store.ledger.cards_due(&elsewhere, 9).await.unwrap().items.is_empty());
    assert_eq!(store.ledger.card_summary(&elsewhere).await.unwrap().waiting, 0);
}

pub(super) async fn a_refused_document_makes_no_card(store: &TestStore) {
    accept(store, "one").await;
    store.refuse("a").await;
    assert_eq!(shown(store).await, []);
}

pub(super) async fn a_task_that_goes_on_waiting_gets_no_second_card(store: &TestStore) {
    deliver(store, "one", &[open("t1", "bob")]).await;
    deliver(store, "two", &[open("t1", "bob")]).await;
    assert_eq!(shown(store).await, [to_send("t1", "bob", 1)]);
    send(store, "m1").await;
    // A later document may know one id more.
    let person = CardPerson { user_id: Some("bob".to_owned()), open_id: Some("ou_bob".to_owned()) };
    deliver(store, "three", &[DeliveredTask { person: person.clone(), ..open("t1", "bob") }]).await;
    // Or the other one only.
    let person = CardPerson { user_id: None, ..person };
    deliver(store, "four", &[DeliveredTask { person, ..open("t1", "bob") }]).await;
    assert_eq!(shown(store).await, []);
    deliver(store, "five", &[]).await;
    assert_eq!(shown(store).await, [to_change("t1", "bob", 1, MessageStatus::Deleted)]);
}

pub(super) async fn a_task_that_waited_before_cards_were_wanted_gets_none(store: &TestStore) {
    let silent = DeliveredTask { wants_card: false, ..open("t1", "bob") };
    deliver(store, "one", &[silent]).await;
    deliver(store, "two", &[open("t1", "bob"), open("t2", "eve")]).await;
    assert_eq!(shown(store).await, [to_send("t2", "eve", 2)]);
}

pub(super) async fn what_waited_before_anybody_noted_it_is_not_new(store: &TestStore) {
    accept(store, "one").await;
    store.deliver("a").await;
    deliver(store, "two", &[open("t1", "bob")]).await;
    assert_eq!(shown(store).await, []);
    deliver(store, "three", &[open("t1", "bob"), open("t2", "bob")]).await;
    assert_eq!(shown(store).await, [to_send("t2", "bob", 3)]);
}

pub(super) async fn a_task_that_opens_again_gets_another_card(store: &TestStore) {
    let task = || open("t1", "bob");
    deliver(store, "one", &[task()]).await;
    send(store, "m1").await;
    deliver(store, "two", &[closed(task(), MessageStatus::Approved)]).await;
    send(store, "m1").await;
    deliver(store, "three", &[task()]).await;
    assert_eq!(shown(store).await, [to_send("t1", "bob", 3)]);
}

pub(super) async fn a_card_says_how_its_task_ended(store: &TestStore) {
    let tasks = ["t1", "t2", "t3", "t4"].map(|task| open(task, "bob"));
    deliver(store, "one", &tasks).await;
    for card in due(store).await {
        let begun = begin(store, &card).await.unwrap();
        let sent = end(store, &begun, taken(&format!("m-{}", card.task_id))).await.unwrap();
        assert_eq!((sent.state, sent.due_at), (CardState::Shown, None));
    }
    assert_eq!(shown(store).await, []);
    let [t1, t2, _, t4] = tasks;
    let t2 = DeliveredTask { person: open("t2", "eve").person, ..t2 };
    deliver(store, "two", &[closed(t1, MessageStatus::Rejected), t2, t4]).await;
    let expected = [
        to_change("t1", "bob", 1, MessageStatus::Rejected),
        to_change("t2", "bob", 1, MessageStatus::Transferred),
        to_change("t3", "bob", 1, MessageStatus::Deleted),
        to_send("t2", "eve", 2),
    ];
    assert_eq!(shown(store).await, expected);
    let card = due(store).await.remove(0);
    let begun = begin(store, &card).await.unwrap();
    let ended = end(store, &begun, taken("m-t1")).await.unwrap();
    assert_eq!((ended.state, ended.due_at, ended.ended_at), (CardState::Ended, None, Some(store.now())));
    assert_eq!(shown(store).await, expected[1..]);
}

pub(super) async fn a_card_that_nobody_has_is_withdrawn(store: &TestStore) {
    deliver(store, "one", &[open("t1", "bob")]).await;
    // An attempt that certainly reached nobody changes nothing about that.
    let begun = begin(store, &due(store).await[0]).await.unwrap();
    end(store, &begun, failed(store, false)).await.unwrap();
    deliver(store, "two", &[]).await;
    store.pass(60);
    assert_eq!(shown(store).await, []);
    assert_eq!(store.ledger.card_summary(&app()).await.unwrap().waiting, 0);
}

pub(super) async fn a_card_that_is_not_wanted_any_more_is_withdrawn_before_it_is_sent(store: &TestStore) {
    let unwanted = |task| DeliveredTask { wants_card: false, ..task };
    let (first, second) = (open("t1", "bob"), open("t2", "eve"));
    deliver(store, "one", &[first.clone(), second.clone()]).await;
    let [_, card] = due(store).await.try_into().unwrap();
    begin(store, &card).await.unwrap();
    deliver(store, "two", &[unwanted(first), unwanted(second)]).await;
    assert_eq!(shown(store).await, [to_send("t2", "eve", 1)], "somebody may have the other one");
}

pub(super) async fn a_card_that_somebody_may_have_is_sent_again_and_then_changed(store: &TestStore) {
    for (content, task) in [("1", "failed in doubt"), ("3", "broken off"), ("5", "under way")] {
        deliver(store, content, &[open(task, "bob")]).await;
        let begun = begin(store, &due(store).await[0]).await.unwrap();
        if task == "failed in doubt" {
            end(store, &begun, failed(store, true)).await.unwrap();
            store.pass(60);
        }
        deliver(store, &format!("{content}, closed"), &[]).await;
        let [card] = due(store).await.try_into().unwrap();
        assert_eq!((card.state, card.status), (CardState::Waiting, Some(MessageStatus::Deleted)), "{task}");
        let begun = if task == "under way" { begun } else { begin(store, &card).await.unwrap() };
        let sent = end(store, &begun, taken(task)).await.unwrap();
        assert_eq!((sent.state, sent.due_at), (CardState::Closing, Some(store.now())), "{task}");
        assert_eq!(send(store, task).await.state, CardState::Ended);
    }
    // What turns out to have reached nobody is withdrawn.
    deliver(store, "7", &[open("refused", "bob")]).await;
    let begun = begin(store, &due(store).await[0]).await.unwrap();
    deliver(store, "8", &[]).await;
    assert_eq!(end(store, &begun, failed(store, false)).await.unwrap().state, CardState::Ended);
}

pub(super) async fn of_several_attempts_the_last_one_counts(store: &TestStore) {
    deliver(store, "one", &[open("t1", "bob")]).await;
    let [card] = due(store).await.try_into().unwrap();
    let first = begin(store, &card).await.unwrap();
    assert_eq!(begin(store, &card).await, None, "another one has begun");
    let second = begin(store, &first).await.unwrap();
    assert_eq!((first.attempts, second.attempts, second.doubts), (1, 2, 2));
    assert_eq!(end(store, &first, taken("m1")).await, None);
    assert!(end(store, &second, taken("m1")).await.is_some());
    assert_eq!(end(store, &second, taken("m1")).await, None, "it was written already");
    assert_eq!(begin(store, &second).await, None);
    let nobody = store.ledger.begin_card(&key("a"), CardNumber(999), 0).await.unwrap();
    assert_eq!(nobody, None);
}

pub(super) async fn a_card_that_fails_waits_for_its_next_attempt(store: &TestStore) {
    deliver(store, "one", &[open("t1", "bob")]).await;
    let begun = begin(store, &due(store).await[0]).await.unwrap();
    end(store, &begun, failed(store, false)).await.unwrap();
    let later = store.ledger.cards_due(&app(), 9).await.unwrap();
    assert_eq!((later.items, later.next_at), (Vec::new(), Some(store.after(60))));
    store.step_back(3_600_000);
    assert_eq!(due(store).await, []);
    store.pass(60);
    assert_eq!(due(store).await.len(), 1, "not an hour later");
}

pub(super) async fn the_history_tells_what_was_sent_changed_and_given_up(store: &TestStore) {
    deliver(store, "one", &[open("t1", "bob"), open("t2", "eve")]).await;
    let [first, second] = due(store).await.try_into().unwrap();
    let begun = begin(store, &first).await.unwrap();
    end(store, &begun, taken("m1")).await.unwrap();
    let begun = begin(store, &second).await.unwrap();
    let given_up = given_up();
    assert_eq!(end(store, &begun, given_up).await.unwrap().state, CardState::Ended);
    deliver(store, "two", &[closed(open("t1", "bob"), MessageStatus::Approved)]).await;
    send(store, "m1").await;
    let history = store.ledger.history(&key("a"), PageRequest::first(100)).await.unwrap().items;
    let told = history.into_iter().rev().filter(|entry| entry.event == HistoryEvent::Notified);
    let told: Vec<_> = told
        .map(|entry| {
            let code = entry.problem.as_ref().map(|problem| problem.code().to_owned());
            (entry.detail.unwrap(), entry.log_id, code)
        })
        .collect();
    let log_id = || Some("log".to_owned());
    let expected = [
        (r#"{"message_id":"m1","task_id":"t1","user_id":"bob"}"#.to_owned(), log_id(), None),
        (r#"{"task_id":"t2","user_id":"eve"}"#.to_owned(), None, Some("upstream_rejected".to_owned())),
        (
            r#"{"message_id":"m1","status":"approved","task_id":"t1","user_id":"bob"}"#.to_owned(),
            log_id(),
            None,
        ),
    ];
    assert_eq!(told, expected);
    assert_eq!(shown(store).await, []);
}

pub(super) async fn a_task_is_found_by_the_message_of_its_card(store: &TestStore) {
    let find = async |message_id: &str| {
        store.ledger.find_tasks(&app(), &TaskClue::MessageId(message_id.to_owned())).await.unwrap()
    };
    deliver(store, "one", &[open("t1", "bob")]).await;
    send(store, "7301550094428200000").await;
    let [task] = find("7301550094428200000").await.try_into().unwrap();
    assert_eq!((task.instance_id.as_str(), task.task_id.as_str()), ("a", "t1"));
    assert_eq!((task.round, task.is_card_over), (revision(1), false));
    assert_eq!(find("7301550094428200001").await, []);
    // Also when there is nothing more to do.
    deliver(store, "two", &[]).await;
    let [to_change] = find("7301550094428200000").await.try_into().unwrap();
    send(store, "7301550094428200000").await;
    let [changed] = find("7301550094428200000").await.try_into().unwrap();
    assert!(to_change.is_card_over && changed.is_card_over);
}

pub(super) async fn an_older_document_that_lands_late_changes_no_card(store: &TestStore) {
    deliver(store, "one", &[open("t1", "bob")]).await;
    let first = store.record("a").await.desired();
    deliver(store, "two", &[closed(open("t1", "bob"), MessageStatus::Approved)]).await;
    let late = DeliveryResult::Delivered { check_at: None };
    store.report_with("a", first, late, Some(document(&[open("t1", "bob")]))).await;
    assert_eq!(shown(store).await, []);
    // One that was on its way when a newer one was accepted is what Feishu has until that one follows.
    accept(store, "three").await;
    let third = store.record("a").await.desired();
    accept(store, "four").await;
    let taken = DeliveryResult::Delivered { check_at: None };
    store.report_with("a", third, taken, Some(document(&[open("t1", "bob")]))).await;
    assert_eq!(shown(store).await, [to_send("t1", "bob", 3)]);
}

pub(super) async fn cards_go_with_what_they_are_about(store: &TestStore) {
    deliver(store, "one", &[open("t1", "bob"), open("t2", "bob")]).await;
    let card = due(store).await.remove(0);
    let begun = begin(store, &card).await.unwrap();
    end(store, &begun, taken("m1")).await.unwrap();
    store.ledger.forget(&key("a"), None).await.unwrap();
    assert_eq!(shown(store).await, [], "nothing is known of what it would say");
    // Whoever has a card sees what becomes of it, and what nobody has yet is sent with the next document.
    deliver(store, "two", &[open("t2", "bob")]).await;
    let expected = [to_change("t1", "bob", 1, MessageStatus::Deleted), to_send("t2", "bob", 1)];
    assert_eq!(shown(store).await, expected);
    let [changed, _] = due(store).await.try_into().unwrap();
    let begun = begin(store, &changed).await.unwrap();
    end(store, &begun, taken("m1")).await.unwrap();
    let retention = |days: i64| Retention {
        documents_before: store.after(-days * 86_400),
        records_before: store.after(-400 * 86_400),
    };
    let is_known = async || {
        let clue = TaskClue::MessageId("m1".to_owned());
        !store.ledger.find_tasks(&app(), &clue).await.unwrap().is_empty()
    };
    store.pass(86_400);
    store.ledger.sweep(&app(), retention(90)).await.unwrap();
    assert!(is_known().await);
    store.pass(90 * 86_400);
    store.ledger.sweep(&app(), retention(90)).await.unwrap();
    assert!(!is_known().await);
}

pub(super) async fn a_card_that_somebody_may_have_outlives_its_document(store: &TestStore) {
    for (task, is_under_way) in [("failed in doubt", false), ("under way", true)] {
        deliver(store, task, &[open(task, "bob")]).await;
        let begun = begin(store, &due(store).await[0]).await.unwrap();
        if !is_under_way {
            end(store, &begun, failed(store, true)).await.unwrap();
            store.pass(60);
        }
        store.ledger.forget(&key("a"), None).await.unwrap();
        assert_eq!(shown(store).await, [], "{task}: there is nothing to make it of");
        // That the document is gone is no reason to forget it.
        let gone =
            CardResult::GivenUp { was_tried: false, problem: problem("document_not_found"), log_id: None };
        assert_eq!(end(store, &begun, gone).await, None, "{task}");
        if is_under_way {
            let sent = end(store, &begun, taken(task)).await.unwrap();
            assert_eq!((sent.state, sent.due_at), (CardState::Shown, None), "{task}");
        }
        deliver(store, &format!("{task}, closed"), &[closed(open(task, "bob"), MessageStatus::Approved)])
            .await;
        if !is_under_way {
            assert_eq!(send(store, task).await.state, CardState::Closing, "{task}");
        }
        assert_eq!(send(store, task).await.state, CardState::Ended, "{task}");
    }
    // Also when it is closed already.
    deliver(store, "open", &[open("closed", "bob")]).await;
    begin(store, &due(store).await[0]).await.unwrap();
    deliver(store, "closed", &[]).await;
    store.ledger.forget(&key("a"), None).await.unwrap();
    assert_eq!(shown(store).await, []);
    deliver(store, "again", &[]).await;
    assert_eq!(send(store, "m").await.state, CardState::Closing);
}

pub(super) async fn a_card_that_somebody_may_have_is_not_lost_when_it_is_refused(store: &TestStore) {
    deliver(store, "one", &[open("t1", "bob")]).await;
    let begun = begin(store, &due(store).await[0]).await.unwrap();
    end(store, &begun, failed(store, true)).await.unwrap();
    store.pass(60);
    let begun = begin(store, &due(store).await[0]).await.unwrap();
    let left = end(store, &begun, given_up()).await.unwrap();
    assert_eq!((left.state, left.due_at, left.doubts), (CardState::Waiting, None, 1));
    deliver(store, "two", &[closed(open("t1", "bob"), MessageStatus::Approved)]).await;
    assert_eq!(shown(store).await, [to_change("t1", "bob", 1, MessageStatus::Approved)]);
    assert_eq!(send(store, "m1").await.state, CardState::Closing);
}

pub(super) async fn a_line_of_an_import_is_noted_without_a_card(store: &TestStore) {
    let import = store.import().await;
    store.accept_line(import, "a", NewDocument { ..whole("one") }).await;
    store.deliver_with("a", imported(&[open("t1", "bob")])).await;
    deliver(store, "two", &[open("t1", "bob")]).await;
    assert_eq!(shown(store).await, []);
}

pub(super) async fn a_line_of_an_import_keeps_the_cards_of_what_waited_before_it(store: &TestStore) {
    accept(store, "one").await;
    for (content, task) in [("line", "t1"), ("another line", "t2")] {
        let import = store.import().await;
        store.accept_line(import, "a", NewDocument { ..whole(content) }).await;
        if task == "t2" {
            store.deliver_with("a", imported(&[open(task, "bob")])).await;
        }
    }
    assert_eq!(shown(store).await, [to_send("t2", "bob", 3)]);
    // What had been delivered or refused before waits for nothing.
    accept(store, "refused").await;
    store.refuse("a").await;
    let import = store.import().await;
    store.accept_line(import, "a", NewDocument { ..whole("a third line") }).await;
    store.deliver_with("a", imported(&[open("t2", "bob"), open("t3", "eve")])).await;
    assert_eq!(shown(store).await, [to_send("t2", "bob", 3)]);
}

/// Feishu takes what was desired at that time, a line of an import.
async fn land(store: &TestStore, line: Attempt, tasks: &[DeliveredTask]) {
    let delivered = DeliveryResult::Delivered { check_at: None };
    store.report_with("a", line, delivered, Some(imported(tasks))).await;
}

pub(super) async fn a_line_that_lands_under_a_callers_own_document_takes_no_card(store: &TestStore) {
    accept(store, "one").await;
    let import = store.import().await;
    store.accept_line(import, "a", NewDocument { ..whole("line") }).await;
    let line = store.record("a").await.desired();
    accept(store, "two").await;
    land(store, line, &[open("t1", "bob")]).await;
    store.deliver_with("a", document(&[open("t1", "bob")])).await;
    assert_eq!(shown(store).await, [to_send("t1", "bob", 2)]);
}

pub(super) async fn a_line_that_lands_although_its_import_was_canceled_takes_no_card(store: &TestStore) {
    accept(store, "one").await;
    let import = store.import().await;
    store.accept_line(import, "a", NewDocument { ..whole("line") }).await;
    let line = store.record("a").await.desired();
    super::imports::set(store, import, ImportState::Canceled).await.unwrap();
    land(store, line, &[open("t1", "bob")]).await;
    store.deliver_with("a", document(&[open("t1", "bob")])).await;
    let cards = shown(store).await;
    assert_eq!(cards.len(), 1, "{cards:?}");
}

pub(super) async fn a_line_that_a_caller_repeats_brings_its_cards(store: &TestStore) {
    let import = store.import().await;
    store.accept_line(import, "a", NewDocument { ..whole("line") }).await;
    let line = store.record("a").await.desired();
    accept(store, "line").await;
    land(store, line, &[open("t1", "bob")]).await;
    assert_eq!(shown(store).await, [to_send("t1", "bob", 1)]);
}

pub(super) async fn a_report_tells_whether_there_are_cards_to_send_or_to_change(store: &TestStore) {
    for (content, task, has_cards) in [
        ("one", open("t1", "bob"), true),
        ("two", open("t1", "bob"), false),
        ("three", closed(open("t1", "bob"), MessageStatus::Approved), true),
        ("four", closed(open("t1", "bob"), MessageStatus::Approved), false),
    ] {
        accept(store, content).await;
        let reported = store.deliver_with("a", document(&[task])).await;
        assert_eq!(reported.has_cards, has_cards, "{content}");
        if has_cards {
            send(store, "m").await;
        }
    }
}
