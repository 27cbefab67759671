//! What callbacks ask for: tasks by their clues, and actions that are repeated.

use super::support::{TestStore, acceptance, app, key, whole};
use crate::ledger::{
    ACTION_KNOWN_FOR, Acceptance, ActionKey, ActionRecord, ActionState, ContextHash, NewDocument, NewTask,
    TaskClue,
};

const KEY: ActionKey = ActionKey([7; 32]);

fn task(id: &str, is_open: bool) -> NewTask {
    let context = Some(ContextHash::of(&format!("context of {id}")));
    NewTask { task_id: id.to_owned(), is_open, context }
}

async fn accept(store: &TestStore, id: &str, content: &str, tasks: &[NewTask]) {
    let document = NewDocument { tasks: tasks.to_vec(), ..whole(content) };
    store.ledger.accept(Acceptance { knows_tasks: true, ..acceptance(id, document) }).await.unwrap();
}

fn ids(instance_id: &str, task_id: &str) -> TaskClue {
    TaskClue::Ids { instance_id: instance_id.to_owned(), task_id: task_id.to_owned() }
}

/// Instance, task and round of all that is found.
async fn found(store: &TestStore, clue: TaskClue) -> Vec<(String, String, u64)> {
    let found = store.ledger.find_tasks(&app(), &clue).await.unwrap();
    found.into_iter().map(|task| (task.instance_id, task.task_id, task.round.0)).collect()
}

fn the(instance_id: &str, task_id: &str, round: u64) -> Vec<(String, String, u64)> {
    vec![(instance_id.to_owned(), task_id.to_owned(), round)]
}

pub(super) async fn a_task_is_found_by_each_clue(store: &TestStore) {
    accept(store, "a", "one", &[task("a1", true), task("a2", false)]).await;
    accept(store, "b", "one", &[task("b1", true)]).await;
    let by_context = |id: &str| TaskClue::Context(ContextHash::of(&format!("context of {id}")));
    for clue in [ids("a", "a2"), TaskClue::TaskId("a2".to_owned()), by_context("a2")] {
        assert_eq!(found(store, clue).await, the("a", "a2", 1));
    }
    for clue in [ids("b", "a2"), TaskClue::TaskId("a".to_owned()), by_context("b2")] {
        assert_eq!(found(store, clue.clone()).await, [], "{clue:?}");
    }
    assert_eq!(found(store, TaskClue::MessageId("1".to_owned())).await, []);
    let elsewhere = "other".parse().unwrap();
    assert_eq!(store.ledger.find_tasks(&elsewhere, &ids("a", "a2")).await.unwrap(), []);
}

pub(super) async fn what_is_not_unique_is_found_twice(store: &TestStore) {
    for id in ["a", "b", "c"] {
        accept(store, id, "one", &[task("t", true)]).await;
    }
    assert_eq!(found(store, TaskClue::TaskId("t".to_owned())).await.len(), 2);
    assert_eq!(found(store, TaskClue::Context(ContextHash::of("context of t"))).await.len(), 2);
    assert_eq!(found(store, ids("c", "t")).await, the("c", "t", 1));
}

pub(super) async fn tasks_are_known_only_where_the_acceptance_asks_for_it(store: &TestStore) {
    let document = NewDocument { tasks: vec![task("t", true)], ..whole("one") };
    store.accept("a", document).await;
    assert_eq!(found(store, ids("a", "t")).await, []);
}

pub(super) async fn a_task_that_opens_again_begins_a_round(store: &TestStore) {
    let round = async || found(store, ids("a", "t")).await[0].2;
    accept(store, "a", "one", &[task("t", true)]).await;
    assert_eq!(round().await, 1);
    accept(store, "a", "two", &[task("t", true), task("u", true)]).await;
    assert_eq!(round().await, 1, "still open");
    accept(store, "a", "three", &[task("t", false), task("u", true)]).await;
    assert_eq!(round().await, 1, "closed: still that round");
    accept(store, "a", "four", &[task("t", true)]).await;
    assert_eq!(round().await, 4);
    assert_eq!(found(store, ids("a", "u")).await, [], "it is gone from the document");
    accept(store, "a", "five", &[]).await;
    accept(store, "a", "six", &[task("t", true)]).await;
    assert_eq!(round().await, 6, "it came back");
}

pub(super) async fn tasks_go_with_their_document(store: &TestStore) {
    accept(store, "a", "one", &[task("t", true)]).await;
    store.refuse("a").await;
    store.ledger.forget(&key("a"), None).await.unwrap();
    assert_eq!(found(store, TaskClue::TaskId("t".to_owned())).await, []);
    accept(store, "a", "one", &[task("t", true)]).await;
    assert_eq!(found(store, ids("a", "t")).await, the("a", "t", 2), "no round comes twice");
}

fn under_way(store: &TestStore) -> ActionRecord {
    ActionRecord { state: ActionState::UnderWay, answer: None, until: store.after(10) }
}

async fn begin(store: &TestStore) -> Option<ActionRecord> {
    store.ledger.begin_action(&app(), KEY, under_way(store)).await.unwrap()
}

async fn end(store: &TestStore, state: ActionState) -> ActionRecord {
    let until = store.after(ACTION_KNOWN_FOR.as_secs() as i64);
    let ended = ActionRecord { state, answer: Some("{}".to_owned()), until };
    store.ledger.end_action(&app(), KEY, ended.clone()).await.unwrap();
    ended
}

pub(super) async fn of_equal_actions_one_begins(store: &TestStore) {
    let begun = futures_util::future::join_all((0..8).map(|_| begin(store))).await;
    assert_eq!(begun.iter().filter(|known| known.is_none()).count(), 1);
    assert_eq!(begun.iter().flatten().next(), Some(&under_way(store)));
    let succeeded = end(store, ActionState::Succeeded).await;
    assert_eq!(begin(store).await, Some(succeeded.clone()));
    assert_eq!(store.ledger.action(&app(), KEY).await.unwrap(), Some(succeeded));
    let other = ActionKey([8; 32]);
    assert_eq!(store.ledger.begin_action(&app(), other, under_way(store)).await.unwrap(), None);
    let elsewhere = "other".parse().unwrap();
    assert_eq!(store.ledger.begin_action(&elsewhere, KEY, under_way(store)).await.unwrap(), None);
}

pub(super) async fn an_action_that_failed_may_begin_again(store: &TestStore) {
    assert_eq!(begin(store).await, None);
    let failed = end(store, ActionState::Failed).await;
    assert_eq!(store.ledger.action(&app(), KEY).await.unwrap(), Some(failed), "for those who wait for it");
    assert_eq!(begin(store).await, None);
    assert_eq!(begin(store).await, Some(under_way(store)));
}

pub(super) async fn an_action_is_forgotten_after_its_time(store: &TestStore) {
    assert_eq!(begin(store).await, None);
    store.pass(9);
    assert!(begin(store).await.is_some());
    store.pass(1);
    assert_eq!(begin(store).await, None, "whoever was relaying it is gone");
    end(store, ActionState::Succeeded).await;
    store.pass(ACTION_KNOWN_FOR.as_secs());
    assert_eq!(begin(store).await, None);
}

pub(super) async fn an_action_from_before_the_clock_was_set_back_holds_nothing_up(store: &TestStore) {
    begin(store).await;
    end(store, ActionState::Succeeded).await;
    store.step_back(3_600_000);
    assert_eq!(begin(store).await, None);
}
