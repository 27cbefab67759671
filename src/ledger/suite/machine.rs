//! Random commands on a store and on the model: after each, both say the same.

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::select;

use super::support::{TestStore, acceptance, app, at, key, problem, update, whole};
use crate::domain::{
    Alias, AliasKind, EventState, InstanceStatus, KnownPeople, MessageStatus, PersonIds, Word as _,
};
use crate::ledger::{
    AcceptError, Acceptance, Attempt, CardPerson, CardResult, ContextHash, DeliveredTask, DeliveredTasks,
    DeliveryFilter, DeliveryResult, DeliveryState, Epoch, EventFilter, EventRecord, EventResult,
    EventRetention, ImportId, ImportState, ImportUpdate, KeptPeople, Lane, NewDocument, NewTask, PageRequest,
    Report, RequestedBy, Retention, Revision, TaskClue,
};

/// Instances that the commands are about: few, so that they meet.
const IDS: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Debug, Clone)]
enum Command {
    Accept {
        id: &'static str,
        content: u8,
        is_update: bool,
        version: Option<i64>,
        import: Option<i64>,
        resend: bool,
    },
    /// A result about what is desired, or about the attempt so many revisions and milliseconds earlier.
    Report {
        id: &'static str,
        earlier: Option<(u64, i64)>,
        result: u8,
        after: i64,
    },
    Forget(&'static str),
    Retry(Vec<DeliveryState>),
    Promise(&'static str, u64),
    /// What became of the event that is due, so many places behind the first.
    ReportEvent(usize, u8),
    /// An attempt begins, of the card that is due so many places behind the first.
    BeginCard(usize),
    /// What became of one.
    ReportCard(usize, u8),
    RetryEvents(Vec<EventState>),
    SweepEvents(u64),
    CreateImport,
    UpdateImport(i64, Option<ImportState>, u32),
    Sweep {
        documents: i64,
        records: i64,
    },
    Pass(u64),
    StepBack(i64),
}

fn command() -> impl Strategy<Value = Command> {
    let id = || select(&IDS[..]);
    let state = select(vec![
        DeliveryState::Pending,
        DeliveryState::Delivered,
        DeliveryState::Refused,
        DeliveryState::Conflict,
    ]);
    let import_state = select(vec![ImportState::Running, ImportState::Paused, ImportState::Canceled]);
    prop_oneof![
        8 => (id(), 0..4_u8, any::<bool>(), proptest::option::weighted(0.2, -50..50_i64),
            proptest::option::weighted(0.4, 1..4_i64), any::<bool>())
            .prop_map(|(id, content, is_update, version, import, resend)| {
                Command::Accept { id, content, is_update, version, import, resend }
            }),
        10 => (id(), proptest::option::weighted(0.3, (0..3_u64, 0..20_i64)), 0..9_u8, 0..100_i64)
            .prop_map(|(id, earlier, result, after)| Command::Report { id, earlier, result, after }),
        1 => id().prop_map(Command::Forget),
        1 => vec(state, 0..3).prop_map(Command::Retry),
        2 => (id(), 1..4_u64).prop_map(|(id, revision)| Command::Promise(id, revision)),
        4 => (0..3_usize, 0..3_u8).prop_map(|(place, result)| Command::ReportEvent(place, result)),
        3 => (0..3_usize).prop_map(Command::BeginCard),
        4 => (0..3_usize, 0..6_u8).prop_map(|(place, result)| Command::ReportCard(place, result)),
        1 => vec(select(EventState::ALL), 0..3).prop_map(Command::RetryEvents),
        1 => (0..6_u64).prop_map(Command::SweepEvents),
        1 => Just(Command::CreateImport),
        2 => (1..4_i64, proptest::option::of(import_state), 0..3_u32)
            .prop_map(|(import, state, invalid)| Command::UpdateImport(import, state, invalid)),
        1 => (-20..2_i64, -100..2_i64).prop_map(|(documents, records)| Command::Sweep { documents, records }),
        3 => (0..20_u64).prop_map(Command::Pass),
        1 => (0..30_i64).prop_map(Command::StepBack),
    ]
}

fn result(store: &TestStore, kind: u8, after: i64) -> DeliveryResult {
    let (later, trouble) = (store.after(after), problem(["timeout", "unavailable"][usize::from(kind % 2)]));
    match kind {
        0 | 1 => DeliveryResult::Delivered { check_at: (after % 3 > 0).then_some(later) },
        2 => DeliveryResult::RetryLater { at: later, problem: trouble },
        3 => DeliveryResult::Unknown { at: later, check_at: store.after(60), problem: trouble },
        4 => DeliveryResult::Refused { problem: trouble },
        5 => DeliveryResult::Conflict { version: (after % 2 == 0).then_some(later), problem: trouble },
        6 => DeliveryResult::Confirmed { check_at: (after % 2 == 0).then_some(later) },
        7 => DeliveryResult::NotChecked { check_at: Some(later) },
        _ => DeliveryResult::Drift { problem: Some(trouble) },
    }
}

/// Does it, and tells what came of it.
async fn run(store: &TestStore, command: &Command) -> String {
    let ledger = &store.ledger;
    match command.clone() {
        Command::Accept { id, content, is_update, version, import, resend } => {
            let status = [InstanceStatus::Pending, InstanceStatus::Approved][usize::from(content % 2)];
            let content = content.to_string();
            let document = if is_update { update(&content) } else { whole(&content) };
            let version = version.map(|by| at(store.clock.unix_millis() + by));
            let context = Some(ContextHash::of(&content));
            let tasks = vec![NewTask {
                task_id: "t".to_owned(),
                is_open: status == InstanceStatus::Pending,
                context,
            }];
            let document = NewDocument { status, version, tasks, ..document };
            let import = import.map(ImportId);
            match ledger
                .accept(Acceptance { import, resend, knows_tasks: !resend, ..acceptance(id, document) })
                .await
            {
                Err(AcceptError::Ledger(error)) => panic!("{error:?}"),
                other => format!("{other:?}"),
            }
        }
        Command::Report { id, earlier, result: kind, after } => {
            let Some(record) = ledger.delivery(&key(id)).await.unwrap() else { return String::new() };
            let desired = record.desired();
            let attempt = earlier.map_or(desired, |(revisions, millis)| Attempt {
                revision: Revision(desired.revision.0.saturating_sub(revisions)),
                version: at(desired.version.unix_millis() - millis),
            });
            let result = result(store, kind, after);
            let log_id = (kind % 3 == 0).then(|| format!("log-{after}"));
            let report = Report {
                key: key(id),
                epoch: Some(Epoch::default()),
                attempt,
                result,
                log_id,
                announces: true,
                tasks: tasks_of(after),
                people: people_of(after),
            };
            format!("{:?}", ledger.report(report).await.unwrap())
        }
        Command::Forget(id) => format!("{:?}", ledger.forget(&key(id), None).await.unwrap()),
        Command::Retry(states) => {
            let filter = DeliveryFilter { states, ..DeliveryFilter::default() };
            ledger.retry(&app(), &filter, &RequestedBy::default()).await.unwrap().to_string()
        }
        Command::Promise(id, revision) => {
            format!("{:?}", ledger.promise(&key(id), Revision(revision)).await.unwrap())
        }
        Command::ReportEvent(place, result) => {
            let due = ledger.events_due(&app(), 10).await.unwrap().items;
            let Some(EventRecord { number, attempts, .. }) = due.get(place) else { return String::new() };
            let error = "HTTP 500".to_owned();
            let result = match result {
                0 => EventResult::Delivered,
                1 => EventResult::Failed { at: store.after(5), error },
                _ => EventResult::Unwanted { error },
            };
            let reported = ledger.report_event(&app(), *number, *attempts, result).await.unwrap();
            format!("{:?}", reported.map(without_id))
        }
        Command::BeginCard(place) => {
            let due = ledger.cards_due(&app(), 10).await.unwrap().items;
            let Some(card) = due.get(place) else { return String::new() };
            format!(
                "{:?}",
                ledger.begin_card(&key(&card.instance_id), card.number, card.attempts).await.unwrap()
            )
        }
        Command::ReportCard(place, result) => {
            let due = ledger.cards_due(&app(), 10).await.unwrap().items;
            let Some(card) = due.get(place) else { return String::new() };
            let problem = problem("unavailable");
            let result = match result {
                0 | 1 => CardResult::Taken { message_id: format!("m-{}", card.task_id), log_id: None },
                2 | 3 => CardResult::Failed { at: store.after(5), problem, is_in_doubt: result == 3 },
                4 => CardResult::Postponed { at: store.after(5) },
                _ => CardResult::GivenUp { was_tried: true, problem, log_id: Some("log".to_owned()) },
            };
            let of = key(&card.instance_id);
            format!("{:?}", ledger.report_card(&of, card.number, card.attempts, result).await.unwrap())
        }
        Command::RetryEvents(states) => {
            let filter = EventFilter { states, ..EventFilter::default() };
            ledger.retry_events(&app(), &filter).await.unwrap().to_string()
        }
        Command::SweepEvents(most_pending) => {
            let (delivered_before, dead_before) = (store.after(-10), store.after(-20));
            let retention = EventRetention { delivered_before, dead_before, most_pending };
            format!("{:?}", ledger.sweep_events(&app(), retention).await.unwrap())
        }
        Command::CreateImport => format!("{:?}", store.import().await),
        Command::UpdateImport(import, state, invalid) => {
            let update = ImportUpdate { state, invalid, ..ImportUpdate::default() };
            format!("{:?}", ledger.update_import(&app(), ImportId(import), update).await)
        }
        Command::Sweep { documents, records } => {
            let retention =
                Retention { documents_before: store.after(documents), records_before: store.after(records) };
            let swept = ledger.sweep(&app(), retention).await.unwrap();
            format!("{} {}", swept.documents, swept.records)
        }
        Command::Pass(seconds) => {
            store.pass(seconds);
            String::new()
        }
        Command::StepBack(millis) => {
            store.step_back(millis);
            String::new()
        }
    }
}

/// Tasks that a document may have had when it was delivered.
fn tasks_of(kind: i64) -> Option<DeliveredTasks> {
    let task = |bit: i64, task_id: &str, user_id: &str| DeliveredTask {
        task_id: task_id.to_owned(),
        person: CardPerson { user_id: Some(user_id.to_owned()), open_id: None },
        closed: (kind & bit == 0).then_some(MessageStatus::Approved),
        wants_card: kind & 8 == 0,
    };
    let mut tasks = vec![task(1, "t", if kind & 4 == 0 { "bob" } else { "eve" })];
    tasks.extend((kind & 16 == 0).then(|| task(2, "u", "bob")));
    (kind % 7 != 0).then_some(DeliveredTasks {
        tasks,
        gone: MessageStatus::Deleted,
        is_import: kind % 3 == 0,
    })
}

/// People whom a document may have named by aliases.
fn people_of(kind: i64) -> Option<KeptPeople> {
    let alias = Alias { kind: AliasKind::Email, value: format!("{}@example.com", kind % 3).into() };
    let ids = PersonIds { open_id: format!("ou_{}", kind % 3), user_id: None };
    KeptPeople::of(&KnownPeople::from([(alias, ids)])).filter(|_| kind % 2 == 0)
}

/// Ids of events are random.
fn without_id(mut record: EventRecord) -> EventRecord {
    record.event.id.clear();
    record
}

/// All that a store tells.
async fn seen(store: &TestStore) -> String {
    let ledger = &store.ledger;
    let mut seen = format!("{:?}\n", ledger.summary(&app()).await.unwrap());
    for id in IDS {
        let kept = ledger.document(&key(id)).await.unwrap();
        let json = kept.map(|kept| kept.body.json().unwrap());
        let history = ledger.history(&key(id), PageRequest::first(500)).await.unwrap();
        seen += &format!("{id} {:?} {json:?} {history:?}\n", ledger.delivery(&key(id)).await.unwrap());
    }
    for id in IDS {
        let clue = TaskClue::Ids { instance_id: id.to_owned(), task_id: "t".to_owned() };
        seen += &format!("{:?}\n", ledger.find_tasks(&app(), &clue).await.unwrap());
    }
    let clue = TaskClue::Context(ContextHash::of("1"));
    seen += &format!("{:?}\n", ledger.find_tasks(&app(), &clue).await.unwrap().len());
    for lane in [Lane::Interactive, Lane::Repair, Lane::Import(ImportId(1)), Lane::Import(ImportId(2))] {
        seen += &format!("{:?}\n", ledger.due(&app(), lane, 3).await.unwrap());
    }
    seen += &format!("{:?}\n", ledger.check_due(&app(), 3).await.unwrap());
    for states in
        [vec![], vec![DeliveryState::Pending, DeliveryState::Refused], vec![DeliveryState::Confirmed]]
    {
        let filter = DeliveryFilter { states, ..DeliveryFilter::default() };
        let page = ledger.deliveries(&app(), &filter, PageRequest::first(10)).await.unwrap();
        // The numbers of instances, in cursors, are a store's own.
        seen += &format!("{:?}\n", page.items);
    }
    let events = ledger.events(&app(), &EventFilter::default(), PageRequest::first(100)).await.unwrap().items;
    seen += &format!("{:?}\n", events.into_iter().map(without_id).collect::<Vec<_>>());
    let due = ledger.events_due(&app(), 3).await.unwrap();
    seen += &format!("{:?} {:?}\n", due.next_at, due.items.into_iter().map(without_id).collect::<Vec<_>>());
    seen += &format!("{:?}\n", ledger.event_summary(&app()).await.unwrap());
    seen += &format!("{:?}\n", ledger.cards_due(&app(), 3).await.unwrap());
    seen += &format!("{:?}\n", ledger.card_summary(&app()).await.unwrap());
    for message_id in ["m-t", "m-u"] {
        let clue = TaskClue::MessageId(message_id.to_owned());
        seen += &format!("{:?}\n", ledger.find_tasks(&app(), &clue).await.unwrap());
    }
    seen += &format!("{:?}\n", ledger.imports(&app(), PageRequest::first(9)).await.unwrap());
    seen + &format!("{:?}\n", ledger.running_imports(&app()).await.unwrap())
}

async fn compare(store: &TestStore, commands: Vec<Command>) {
    let model = TestStore::memory();
    for command in commands {
        let (ours, models) = (run(store, &command).await, run(&model, &command).await);
        assert_eq!(ours, models, "{command:?}");
        assert_eq!(seen(store).await, seen(&model).await, "after {command:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_does_what_the_model_does(commands in vec(command(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(compare(&TestStore::sqlite(), commands));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    #[test]
    fn postgres_does_what_the_model_does(commands in vec(command(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let Some(store) = TestStore::postgres().await else { return };
            compare(&store, commands).await;
            store.end().await;
        });
    }
}
