//! A ledger that moves: whatever it knows is known in the new place, too.

use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio_postgres::NoTls;

use super::support::{TestStore, acceptance, app, at, key, problem, revision, update, whole};
use crate::domain::{AppName, EventState, MessageStatus, Word as _};
use crate::ledger::postgres::tests::TestDatabase;
use crate::ledger::postgres::{OpenError, PostgresSettings};
use crate::ledger::rows::tables;
use crate::ledger::sqlite::{RowReader, SqliteLedger};
use crate::ledger::{
    Acceptance, ActionKey, ActionRecord, ActionState, AppTicket, CardPerson, CardResult, ContextHash,
    DefinitionRecord, DeliveredTask, DeliveredTasks, DeliveryRecord, DeliveryResult, EventFilter,
    EventResult, HistoryEvent, HistoryNote, HolderNote, ImportState, ImportUpdate, Ledger, LedgerMetrics,
    MoveError, Moved, NewDocument, NewImport, NewTask, PageRequest, ReplicaId, TaskClue, move_to_postgres,
    move_to_sqlite,
};
use crate::metrics::Metrics;

const ACTIONS: [ActionKey; 2] = [ActionKey([7; 32]), ActionKey([8; 32])];

const IDS: [&str; 10] = [
    "delivered",
    "waiting",
    "refused",
    "conflict",
    "update",
    "tasks",
    "cards",
    "line",
    "replaced",
    "forgotten",
];

/// Something of everything that a ledger may know.
async fn fill(store: &TestStore) {
    let ledger = &store.ledger;
    store.accept("delivered", whole("one")).await;
    store.deliver("delivered").await;
    store.confirm("delivered").await;
    store.pass(1);
    store.accept("waiting", whole("one")).await;
    ledger.promise(&key("waiting"), revision(1)).await.unwrap();
    for id in ["refused", "conflict"] {
        store.accept(id, whole("one")).await;
    }
    store.refuse("refused").await;
    store.accept("refused", whole("two")).await;
    store.refuse("refused").await;
    let conflict = DeliveryResult::Conflict { version: Some(store.after(60)), problem: problem("conflict") };
    store.report("conflict", conflict).await;
    store.accept("update", update("one")).await;
    let later = DeliveryResult::Unknown {
        at: store.after(60),
        check_at: store.after(30),
        problem: problem("upstream_timeout"),
    };
    store.report("update", later).await;
    let context = Some(ContextHash::of("context"));
    let tasks = vec![
        NewTask { task_id: "t1".to_owned(), is_open: true, context },
        NewTask { task_id: "t2".to_owned(), is_open: false, context: None },
    ];
    let document = NewDocument { tasks, ..whole("one") };
    ledger.accept(Acceptance { knows_tasks: true, ..acceptance("tasks", document) }).await.unwrap();
    ledger.note(&key("tasks"), HistoryNote::new(HistoryEvent::Action)).await.unwrap();
    // One card is shown, and one waits for its next attempt.
    let task = |task_id: &str| DeliveredTask {
        task_id: task_id.to_owned(),
        person: CardPerson { user_id: Some("bob".to_owned()), open_id: Some("ou_bob".to_owned()) },
        closed: None,
        wants_card: true,
    };
    store.accept("cards", whole("one")).await;
    let tasks = DeliveredTasks {
        tasks: vec![task("t1"), task("t2")],
        gone: MessageStatus::Deleted,
        is_import: false,
    };
    store.deliver_with("cards", tasks).await;
    let results = [
        CardResult::Taken { message_id: "m1".to_owned(), log_id: None },
        CardResult::Failed { at: store.after(60), problem: problem("upstream_timeout"), is_in_doubt: true },
    ];
    for result in results {
        let card = ledger.cards_due(&app(), 1).await.unwrap().items.remove(0);
        let begun = ledger.begin_card(&key("cards"), card.number, card.attempts).await.unwrap().unwrap();
        ledger.report_card(&key("cards"), card.number, begun.attempts, result).await.unwrap().unwrap();
    }
    store.accept("forgotten", whole("one")).await;
    store.deliver("forgotten").await;
    ledger.forget(&key("forgotten"), None).await.unwrap();

    let import = store.import().await;
    store.accept_line(import, "line", whole("one")).await;
    store.accept("replaced", whole("one")).await;
    store.deliver("replaced").await;
    store.accept_line(import, "replaced", whole("two")).await;
    let ended = NewImport { per_minute: Some(9), caller: Some("hr".to_owned()), request_id: None };
    let ended = ledger.create_import(&app(), ended).await.unwrap().id;
    let change = ImportUpdate {
        state: Some(ImportState::Paused),
        invalid: 3,
        has_ended: true,
        ..ImportUpdate::default()
    };
    ledger.update_import(&app(), ended, change).await.unwrap();

    for (name, key) in [(app(), "leave"), (app(), "travel"), (other(), "leave")] {
        let definition = DefinitionRecord {
            definition_key: key.to_owned(),
            approval_code: format!("code of {key}"),
            json: format!("{{\"name\":\"{key} of {name}\"}}"),
            caller: None,
            updated_at: store.now(),
        };
        ledger.put_definition(&name, definition).await.unwrap();
    }
    for (action, state) in ACTIONS.into_iter().zip([ActionState::Failed, ActionState::UnderWay]) {
        let answer = Some("{}".to_owned());
        let record = ActionRecord { state, answer, until: store.after(600) };
        ledger.end_action(&app(), action, record).await.unwrap();
    }
    let ticket = AppTicket { ticket: "ticket".into(), issued_at: store.now() };
    assert!(ledger.put_app_ticket("cli_store", ticket).await.unwrap());
    // Of the events that there are now, one is delivered, one is not wanted, and one waits for its next attempt.
    let results = [
        EventResult::Delivered,
        EventResult::Unwanted { error: "HTTP 410".to_owned() },
        EventResult::Failed { at: store.after(60), error: "HTTP 500".to_owned() },
    ];
    for result in results {
        let record = ledger.events_due(&app(), 1).await.unwrap().items.remove(0);
        ledger.report_event(&app(), record.number, record.attempts, result).await.unwrap().unwrap();
    }
}

fn other() -> AppName {
    "hr".parse().unwrap()
}

/// Everything that a ledger tells. When something is due is not among it: a move lets it be checked first.
async fn known(ledger: &dyn Ledger) -> Vec<String> {
    fn debug(value: impl std::fmt::Debug) -> String {
        format!("{value:?}")
    }
    let mut known = Vec::new();
    for name in [app(), other()] {
        let definitions = ledger.definitions(&name, PageRequest::first(9)).await.unwrap();
        let summary = ledger.summary(&name).await.unwrap();
        known.extend([debug(definitions), debug(summary)]);
    }
    known.push(debug(ledger.imports(&app(), PageRequest::first(9)).await.unwrap()));
    known.push(debug(ledger.running_imports(&app()).await.unwrap()));
    let events = ledger.events(&app(), &EventFilter::default(), PageRequest::first(99)).await.unwrap();
    known.push(debug(ledger.event_summary(&app()).await.unwrap()));
    known.extend(events.items.iter().map(debug));
    for action in ACTIONS {
        known.push(debug(ledger.action(&app(), action).await.unwrap()));
    }
    let ticket = ledger.app_ticket("cli_store").await.unwrap();
    known.push(debug(ticket.map(|kept| (kept.ticket.expose_secret().to_owned(), kept.issued_at))));
    known.push(debug(ledger.cards_due(&app(), 9).await.unwrap()));
    known.push(debug(ledger.card_summary(&app()).await.unwrap()));
    let clues = [
        TaskClue::TaskId("t2".to_owned()),
        TaskClue::Context(ContextHash::of("context")),
        TaskClue::MessageId("m1".to_owned()),
    ];
    for clue in clues {
        known.push(debug(ledger.find_tasks(&app(), &clue).await.unwrap()));
    }
    for key in IDS.map(key) {
        let record = ledger.delivery(&key).await.unwrap();
        known.push(debug(record.map(|record| DeliveryRecord { due_at: None, check_at: None, ..record })));
        known.push(debug(ledger.document(&key).await.unwrap().map(|kept| kept.body.json().unwrap())));
        known.push(debug(ledger.history(&key, PageRequest::first(99)).await.unwrap()));
    }
    known
}

/// Moves a ledger out of a database, as soon as the connections to it are closed.
async fn move_back(from: &PostgresSettings, to: &Path, store: &TestStore) -> Result<Moved, MoveError> {
    for _ in 0..100 {
        match move_to_sqlite(from, to, store.now()).await {
            Err(MoveError::InUse { .. }) => tokio::time::sleep(Duration::from_millis(50)).await,
            moved => return moved,
        }
    }
    panic!("it is in use for ever")
}

#[tokio::test]
async fn all_that_a_ledger_knows_is_carried_there_and_back() {
    let Some(database) = TestDatabase::new().await else { return };
    let (store, there) = (TestStore::sqlite(), database.settings());
    fill(&store).await;
    let before = known(&*store.ledger).await;
    for state in EventState::ALL {
        let filter = EventFilter { states: vec![*state], ..EventFilter::default() };
        let found = store.ledger.events(&app(), &filter, PageRequest::first(9)).await.unwrap();
        assert!(!found.items.is_empty(), "{state:?}");
    }
    store.ledger.close().await;
    let reader = RowReader::open(&store.path()).unwrap();
    for table in tables() {
        assert!(!reader.page(&table, None).unwrap().is_empty(), "nothing of {} is tried", table.name);
    }
    drop(reader);
    let moved = move_to_postgres(&store.path(), &there, store.now()).await.unwrap();
    assert_eq!((moved.instances, moved.documents), (10, 9));
    let ledger = database.open(store.clock.clone()).await;
    assert_eq!(known(&ledger).await, before);
    // Who pushes is settled anew.
    let leases = ledger.leases().unwrap();
    let lease = leases.acquire(&app(), &ReplicaId::new("one"), &HolderNote::default()).await.unwrap();
    assert_eq!((lease.holder, lease.epoch.0), (Some(ReplicaId::new("one")), 1));
    let back = store.path().with_extension("back");
    let used = move_to_sqlite(&there, &back, store.now()).await;
    assert!(matches!(used, Err(MoveError::InUse { .. })), "{used:?}");
    ledger.close().await;
    let moved = move_back(&there, &back, &store).await.unwrap();
    assert_eq!((moved.instances, moved.documents), (10, 9));
    let metrics = LedgerMetrics::new(&Metrics::new());
    let ledger = SqliteLedger::open(&back, store.clock.clone(), metrics).unwrap();
    assert_eq!(known(&ledger).await, before);
    // Numbers go on behind those that were given.
    let last = ledger.imports(&app(), PageRequest::first(1)).await.unwrap().items[0].id;
    assert!(ledger.create_import(&app(), NewImport::default()).await.unwrap().id > last);
    ledger.close().await;
    database.drop();
}

#[tokio::test]
async fn a_database_with_anything_in_it_is_not_filled() {
    let Some(database) = TestDatabase::new().await else { return };
    let store = TestStore::sqlite();
    store.accept("a", whole("one")).await;
    store.ledger.close().await;
    let ledger = database.open(store.clock.clone()).await;
    let record =
        ActionRecord { state: ActionState::Failed, answer: None, until: at(store.clock.unix_millis()) };
    ledger.end_action(&app(), ACTIONS[0], record).await.unwrap();
    ledger.close().await;
    let moved = move_to_postgres(&store.path(), &database.settings(), store.now()).await;
    assert!(matches!(moved, Err(MoveError::NotEmpty { .. })), "{moved:?}");
    database.drop();
}

#[tokio::test]
async fn nothing_is_carried_while_somebody_writes_to_any_of_it() {
    let Some(database) = TestDatabase::new().await else { return };
    let store = TestStore::sqlite();
    let there = database.settings();
    let (client, connection) = there.connection.connect(NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client
        .batch_execute(
            "begin; insert into action (app, action_key, state, until) values ('a', 'b', 'failed', 1)",
        )
        .await
        .unwrap();
    let moved = move_back(&there, &store.path().with_extension("back"), &store).await;
    assert!(matches!(moved, Err(MoveError::Postgres(OpenError::Failed { .. }))), "{moved:?}");
    drop(client);
    connection.await.unwrap().unwrap();
    database.drop();
}
