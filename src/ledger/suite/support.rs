//! Stores to test, and short words for what is done to them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::domain::{AppName, InstanceStatus, Mode, Timestamp};
use crate::ledger::memory::MemoryLedger;
use crate::ledger::postgres::tests::TestDatabase;
use crate::ledger::sqlite::{SqliteLedger, check};
use crate::ledger::{
    Acceptance, Accepted, Attempt, Body, ContentHash, DeliveredTasks, DeliveryRecord, DeliveryResult,
    DocumentSource, Due, Epoch, HistoryEvent, ImportId, ImportRecord, InstanceKey, KeptPeople, Lane, Ledger,
    LedgerMetrics, NewDocument, NewImport, PageRequest, Report, Reported, Revision, StoredProblem,
};
use crate::metrics::Metrics;
use crate::support::clock::Clock;

/// When the tests begin, Unix milliseconds.
pub(super) const START: i64 = 1_800_000_000_000;

/// A store with its clock.
pub(super) struct TestStore {
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) clock: Clock,
    directory: Option<TempDir>,
    memory: Option<Arc<MemoryLedger>>,
    database: Option<TestDatabase>,
}

impl Drop for TestStore {
    /// Whatever a test did, the database must fit together.
    fn drop(&mut self) {
        let Some(directory) = self.directory.as_ref().filter(|_| !std::thread::panicking()) else { return };
        let findings = check(&directory.path().join("ledger.db")).unwrap();
        assert_eq!(findings.faults, Vec::<String>::new());
    }
}

impl TestStore {
    pub(super) fn memory() -> Self {
        let clock = Clock::manual(START);
        let ledger = Arc::new(MemoryLedger::new(clock.clone()));
        Self {
            ledger: Arc::clone(&ledger) as _,
            clock,
            directory: None,
            memory: Some(ledger),
            database: None,
        }
    }

    pub(super) fn sqlite() -> Self {
        let clock = Clock::manual(START);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        let metrics = LedgerMetrics::new(&Metrics::new());
        let ledger = SqliteLedger::open(&path, clock.clone(), metrics).unwrap();
        Self { ledger: Arc::new(ledger), clock, directory: Some(directory), memory: None, database: None }
    }

    /// None where PostgreSQL is not installed.
    pub(super) async fn postgres() -> Option<Self> {
        let clock = Clock::manual(START);
        let database = TestDatabase::new().await?;
        let ledger = Arc::new(database.open(clock.clone()).await);
        Some(Self { ledger, clock, directory: None, memory: None, database: Some(database) })
    }

    /// Whatever a test did, the database must fit together.
    pub(super) async fn end(self) {
        self.ledger.close().await;
        if let Some(database) = &self.database {
            let findings = crate::ledger::postgres::check(&database.settings()).await.unwrap();
            assert_eq!(findings.faults, Vec::<String>::new());
            database.drop();
        }
    }

    /// Where the database of the store in a file is.
    pub(super) fn path(&self) -> PathBuf {
        self.directory.as_ref().unwrap().path().join("ledger.db")
    }

    pub(super) fn now(&self) -> Timestamp {
        at(self.clock.unix_millis())
    }

    pub(super) fn after(&self, seconds: i64) -> Timestamp {
        at(self.clock.unix_millis() + seconds * 1_000)
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Lets time pass for leases and replicas, and for nothing else.
    pub(super) async fn pass_for_leases(&self, time: Duration) {
        match (&self.memory, &self.database) {
            (Some(memory), _) => memory.pass_for_leases(time),
            (None, Some(database)) => database.pass_for_leases(time),
            (None, None) => panic!("replicas do not share this store"),
        }
    }

    pub(super) fn step_back(&self, millis: i64) {
        self.clock.set(self.clock.unix_millis() - millis);
    }

    pub(super) async fn accept(&self, id: &str, document: NewDocument) -> Accepted {
        self.ledger.accept(acceptance(id, document)).await.unwrap()
    }

    pub(super) async fn accept_line(&self, import: ImportId, id: &str, document: NewDocument) -> Accepted {
        let acceptance = Acceptance { import: Some(import), ..acceptance(id, document) };
        self.ledger.accept(acceptance).await.unwrap()
    }

    pub(super) async fn import(&self) -> ImportId {
        self.ledger.create_import(&app(), NewImport::default()).await.unwrap().id
    }

    pub(super) async fn import_record(&self, id: ImportId) -> ImportRecord {
        self.ledger.import(&app(), id).await.unwrap().unwrap()
    }

    pub(super) async fn record(&self, id: &str) -> DeliveryRecord {
        self.ledger.delivery(&key(id)).await.unwrap().unwrap()
    }

    /// Reports a result about what is desired.
    pub(super) async fn report(&self, id: &str, result: DeliveryResult) -> Reported {
        let attempt = self.record(id).await.desired();
        self.report_of(id, attempt, result).await
    }

    pub(super) async fn report_of(&self, id: &str, attempt: Attempt, result: DeliveryResult) -> Reported {
        self.report_to(id, attempt, result, (true, None, None)).await
    }

    /// The same, of which no other system is told.
    pub(super) async fn report_silently(
        &self,
        id: &str,
        attempt: Attempt,
        result: DeliveryResult,
    ) -> Reported {
        self.report_to(id, attempt, result, (false, None, None)).await
    }

    async fn report_to(
        &self,
        id: &str,
        attempt: Attempt,
        result: DeliveryResult,
        (announces, tasks, people): (bool, Option<DeliveredTasks>, Option<KeptPeople>),
    ) -> Reported {
        let log_id = Some(format!("log-{}", attempt.revision));
        let epoch = Some(Epoch::default());
        let result = Report::new(key(id), attempt, result);
        let report = Report { epoch, log_id, announces, tasks, people, ..result };
        self.ledger.report(report).await.unwrap().unwrap()
    }

    /// Reports a result about a document with these tasks.
    pub(super) async fn report_with(
        &self,
        id: &str,
        attempt: Attempt,
        result: DeliveryResult,
        tasks: Option<DeliveredTasks>,
    ) -> Reported {
        self.report_to(id, attempt, result, (false, tasks, None)).await
    }

    /// Reports a result about a document that names these people by aliases.
    pub(super) async fn report_people(
        &self,
        id: &str,
        attempt: Attempt,
        result: DeliveryResult,
        people: Option<KeptPeople>,
    ) -> Reported {
        self.report_to(id, attempt, result, (false, None, people)).await
    }

    /// Feishu takes what is desired, a document with these tasks.
    pub(super) async fn deliver_with(&self, id: &str, tasks: DeliveredTasks) -> Reported {
        let attempt = self.record(id).await.desired();
        let delivered = DeliveryResult::Delivered { check_at: None };
        self.report_with(id, attempt, delivered, Some(tasks)).await
    }

    pub(super) async fn deliver(&self, id: &str) -> Reported {
        self.report(id, DeliveryResult::Delivered { check_at: Some(self.after(30)) }).await
    }

    pub(super) async fn refuse(&self, id: &str) -> Reported {
        self.report(id, DeliveryResult::Refused { problem: problem("upstream_rejected") }).await
    }

    pub(super) async fn confirm(&self, id: &str) -> Reported {
        self.report(id, DeliveryResult::Confirmed { check_at: None }).await
    }

    /// What is due of a lane in which one caller at most has something.
    pub(super) async fn due(&self, lane: Lane) -> Due<InstanceKey> {
        self.due_within(&app(), lane, 100).await
    }

    pub(super) async fn due_within(&self, app: &AppName, lane: Lane, limit: usize) -> Due<InstanceKey> {
        let mut due = self.ledger.due(app, lane, limit).await.unwrap();
        assert!(due.len() <= 1, "{due:?}");
        due.pop().map(|of_caller| of_caller.due).unwrap_or_default()
    }

    pub(super) async fn due_ids(&self, lane: Lane) -> Vec<String> {
        self.due(lane).await.items.into_iter().map(|key| key.instance_id).collect()
    }

    /// Events of an instance with their revisions, oldest first.
    pub(super) async fn events(&self, id: &str) -> Vec<(HistoryEvent, u64)> {
        let page = self.ledger.history(&key(id), PageRequest::first(5_000)).await.unwrap();
        page.items.iter().rev().map(|entry| (entry.event, entry.revision.0)).collect()
    }

    pub(super) async fn json(&self, id: &str) -> Option<String> {
        let kept = self.ledger.document(&key(id)).await.unwrap()?;
        Some(String::from_utf8(kept.body.json().unwrap()).unwrap())
    }
}

pub(super) fn app() -> AppName {
    AppName::default()
}

pub(super) fn key(id: &str) -> InstanceKey {
    InstanceKey::new(app(), id)
}

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis).unwrap()
}

pub(super) fn revision(number: u64) -> Revision {
    Revision(number)
}

pub(super) fn problem(code: &str) -> StoredProblem {
    StoredProblem::new(code, format!("{{\"code\":\"{code}\"}}"))
}

/// A whole document with this content.
pub(super) fn whole(content: &str) -> NewDocument {
    NewDocument {
        approval_code: "leave".to_owned(),
        status: InstanceStatus::Pending,
        hash: ContentHash(Sha256::digest(content.as_bytes()).into()),
        body: Body::new(content.as_bytes()),
        tasks: Vec::new(),
        version: None,
        mode: Mode::Replace,
        is_mode_given: false,
    }
}

/// An update that leads to this content.
pub(super) fn update(content: &str) -> NewDocument {
    NewDocument { mode: Mode::Update, is_mode_given: true, ..whole(content) }
}

pub(super) fn acceptance(id: &str, document: NewDocument) -> Acceptance {
    Acceptance {
        caller: Some("erp".to_owned()),
        request_id: Some("request-1".to_owned()),
        ..Acceptance::new(key(id), DocumentSource::Given(document))
    }
}
