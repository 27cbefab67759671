//! The commands of the ledger.
//!
//! Those about one instance go to the writer. Those about many ask first which instances are meant, and then give the
//! writer one command for each, which looks again: so every instance is locked in the same order, whoever changes it.

use futures_util::future::try_join_all;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::PostgresLedger;
use super::cards;
use super::columns::Reader;
use super::error::Fault;
use super::events;
use super::imports;
use super::load::{Loaded, Wanted};
use super::queries;
use super::session::{Parameter, Session};
use super::writer::repeated;
use crate::domain::{AppName, Timestamp, Word as _};
use crate::ledger::acceptance::{AcceptError, Acceptance, Accepted, DocumentSource, IfMatch};
use crate::ledger::columns::ColumnReader as _;
use crate::ledger::definition::DefinitionRecord;
use crate::ledger::error::LedgerError;
use crate::ledger::filter::DeliveryFilter;
use crate::ledger::history::{HistoryNote, RequestedBy};
use crate::ledger::import::{ImportError, ImportId, ImportRecord, ImportUpdate, NewImport};
use crate::ledger::page::PageRequest;
use crate::ledger::record::{DeliveryRecord, InstanceKey, Lane};
use crate::ledger::report::{Report, ReportError, Reported};
use crate::ledger::rules;
use crate::ledger::store::Forgotten;
use crate::ledger::summary::{Retention, Swept};
use crate::ledger::words::{DeliveryState, ImportState};

/// Instances that one step of a command over many changes.
const STEP: usize = 200;

/// Brings what lies ahead nearer when the clock was set back, as `rules::shift` does.
const SHIFT: &str = "update instance set \
     due_at = case when due_at > $2 then greatest(due_at - $1, $2) else due_at end, \
     pending_since = case when pending_since > $2 then greatest(pending_since - $1, $2) else pending_since end, \
     check_at = case when check_at > $2 then greatest(check_at - $1, $2) else check_at end, \
     doubt_at = case when doubt_at > $2 then greatest(doubt_at - $1, $2) else doubt_at end \
     where app = $3 and (due_at > $2 or pending_since > $2 or check_at > $2 or doubt_at > $2)";

const PUT_DEFINITION: &str = "insert into definition (app, definition_key, approval_code, json, caller, updated_at) \
     values ($1, $2, $3, $4, $5, $6) on conflict (app, definition_key) do update set approval_code = $3, json = $4, \
     caller = $5, updated_at = $6";

/// An instance without anything beside its record.
pub(super) fn plain(key: InstanceKey) -> Wanted {
    Wanted { key, body: false, earlier: false, import: None, epoch: false, tasks: false, cards: false }
}

impl PostgresLedger {
    /// Accepts a document.
    pub(super) async fn accept_document(&self, acceptance: Acceptance) -> Result<Accepted, AcceptError> {
        let (body, bytes) = match &acceptance.document {
            DocumentSource::Given(document) => (false, document.body.bytes().len()),
            DocumentSource::Made(_) => (true, 0),
        };
        let import = acceptance.import;
        let tasks = acceptance.knows_tasks;
        let wanted = Wanted { body, import, tasks, ..plain(acceptance.key.clone()) };
        let decide = move |loaded: Loaded, now| {
            if acceptance.import.is_some()
                && loaded.import.is_none_or(|import| import.state == ImportState::Canceled)
            {
                return Err(AcceptError::ImportClosed);
            }
            let record = loaded.stored.as_ref().map(|stored| &stored.record);
            let decision = rules::accept(&acceptance, record, loaded.body, now)?;
            let (accepted_as, is_version_raised) = (decision.accepted_as, decision.is_version_raised);
            let record = decision.change.record.clone();
            Ok((Accepted { record, accepted_as, is_version_raised }, Some(decision.change)))
        };
        self.writer.run(wanted, bytes, decide).await
    }

    /// Writes the result of a push or a check.
    pub(super) async fn report_result(&self, report: Report) -> Result<Option<Reported>, ReportError> {
        let (epoch, cards) = (report.epoch.is_some(), report.tasks.is_some());
        let earlier = report.tasks.as_ref().is_some_and(|tasks| tasks.is_import);
        let wanted = Wanted { epoch, cards, earlier, ..plain(report.key.clone()) };
        let decide = move |loaded: Loaded, now| {
            if report.epoch.is_some_and(|epoch| epoch != loaded.epoch) {
                return Err(ReportError::LeaseLost);
            }
            let Some(before) = loaded.stored else { return Ok((None, None)) };
            let earlier = loaded.earlier.as_ref().map(|kept| &kept.record);
            let beside = rules::StoredContext { cards: &loaded.cards, earlier };
            let (change, reported) = rules::report(&before.record, &report, beside, now);
            Ok((Some(reported), Some(change)))
        };
        self.writer.run(wanted, 0, decide).await
    }

    /// Adds an entry to a history.
    pub(super) async fn add_note(&self, key: &InstanceKey, note: HistoryNote) -> Result<bool, LedgerError> {
        let decide = move |loaded: Loaded, now| {
            let Some(before) = loaded.stored else { return Ok((false, None)) };
            Ok((true, Some(rules::note(&before.record, note.clone(), now))))
        };
        self.writer.run(plain(key.clone()), 0, decide).await
    }

    /// Erases a document with its history.
    pub(super) async fn forget_document(
        &self,
        key: &InstanceKey,
        if_match: Option<&IfMatch>,
    ) -> Result<Forgotten, LedgerError> {
        let if_match = if_match.cloned();
        let decide = move |loaded: Loaded, _| {
            let Some(before) = loaded.stored else { return Ok((Forgotten::NotFound, None)) };
            match rules::forget(&before.record, if_match.as_ref(), &loaded.cards) {
                Ok(change) => Ok((Forgotten::Erased, Some(change))),
                Err(left) => Ok((left, None)),
            }
        };
        let wanted = Wanted { cards: true, ..plain(key.clone()) };
        self.writer.run(wanted, 0, decide).await
    }

    /// Retries what a filter means; gives how many.
    pub(super) async fn retry_all(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        by: &RequestedBy,
    ) -> Result<u64, LedgerError> {
        let (mut count, mut after) = (0, None);
        loop {
            let page = self.readers.deliveries(app, filter, PageRequest { after, limit: STEP }).await?;
            let retries = page
                .items
                .into_iter()
                .filter(|stored| rules::is_retried(&stored.record, filter))
                .map(|stored| {
                    let (filter, by) = (filter.clone(), by.clone());
                    let decide = move |loaded: Loaded, now| {
                        let meant = loaded.stored.filter(|before| rules::is_retried(&before.record, &filter));
                        let change = meant.and_then(|before| rules::retry(&before.record, &by, now));
                        Ok((u64::from(change.is_some()), change))
                    };
                    self.writer.run::<_, LedgerError>(plain(stored.record.key), 0, decide)
                });
            count += try_join_all(retries).await?.into_iter().sum::<u64>();
            after = page.next;
            if after.is_none() {
                return Ok(count);
            }
        }
    }

    /// Withdraws some of what waits for an import; says whether there may be more.
    pub(super) async fn withdraw(&self, app: &AppName, id: ImportId) -> Result<bool, LedgerError> {
        let waiting = self.readers.waiting(id, STEP as i64).await?;
        let has_more = waiting.len() == STEP;
        let withdrawals = waiting.into_iter().map(|instance_id| {
            let wanted = Wanted { earlier: true, ..plain(InstanceKey::new(app.clone(), instance_id)) };
            let decide = move |loaded: Loaded, now| {
                let waits = |record: &DeliveryRecord| {
                    record.lane == Lane::Import(id) && record.state == Some(DeliveryState::Pending)
                };
                let before = loaded.stored.filter(|before| waits(&before.record));
                Ok(((), before.map(|before| rules::withdraw(&before.record, loaded.earlier, now))))
            };
            self.writer.run::<_, LedgerError>(wanted, 0, decide)
        });
        try_join_all(withdrawals).await?;
        Ok(has_more)
    }

    /// One step of the retention.
    pub(super) async fn sweep_step(&self, app: &AppName, retention: Retention) -> Result<Swept, LedgerError> {
        let expired = self.readers.expired(app, retention.documents_before, STEP as i64).await?;
        let mut has_more = expired.len() == STEP;
        let drops = expired.into_iter().map(|instance_id| {
            let decide = move |loaded: Loaded, _| {
                let is_expired = |record: &DeliveryRecord| {
                    record.settled_at.is_some_and(|settled| settled < retention.documents_before)
                };
                let before = loaded.stored.filter(|before| is_expired(&before.record));
                let change = before.map(|before| rules::drop_document(&before.record));
                Ok((u64::from(change.is_some()), change))
            };
            self.writer.run::<_, LedgerError>(plain(InstanceKey::new(app.clone(), instance_id)), 0, decide)
        });
        let documents = try_join_all(drops).await?.into_iter().sum();
        let (name, before, step) = (app.as_str(), retention.records_before.unix_millis(), STEP as i64);
        let named: [Parameter<'_>; 3] = [(&name, Type::TEXT), (&before, Type::INT8), (&step, Type::INT8)];
        let records = self.change(queries::DROP_OUTDATED, &named).await?;
        has_more |= records == STEP as u64;
        let ended = retention.documents_before.unix_millis();
        let parameters: [Parameter<'_>; 3] = [(&name, Type::TEXT), (&ended, Type::INT8), (&step, Type::INT8)];
        has_more |= self.change(cards::DROP, &parameters).await? == STEP as u64;
        for import in self.readers.with_something_waiting(app, ImportState::Canceled).await? {
            has_more |= self.withdraw(app, import.id).await?;
        }
        self.change(imports::DROP, &named[..2]).await?;
        Ok(Swept { documents, records, has_more })
    }

    /// Brings what lies ahead nearer when the clock was set back.
    pub(super) async fn follow_the_clock(&self, app: &AppName) -> Result<(), LedgerError> {
        let Some(by_millis) = self.clock.stepped_back(app) else { return Ok(()) };
        let (name, now) = (app.as_str(), self.clock.now().unix_millis());
        let parameters: [Parameter<'_>; 3] =
            [(&by_millis, Type::INT8), (&now, Type::INT8), (&name, Type::TEXT)];
        let statements =
            [(SHIFT, &parameters[..]), (events::SHIFT, &parameters), (cards::SHIFT, &parameters)];
        let shifted = self.write_each(&statements).await;
        if shifted.is_err() {
            self.clock.still_to_follow(app, by_millis);
        }
        shifted.map(drop)
    }

    /// Begins an import.
    pub(super) async fn begin_import(
        &self,
        app: &AppName,
        import: NewImport,
    ) -> Result<ImportRecord, LedgerError> {
        let now = self.clock.now();
        let (name, created_at) = (app.as_str(), now.unix_millis());
        let per_minute = import.per_minute.map(i64::from);
        let parameters: [Parameter<'_>; 5] = [
            (&name, Type::TEXT),
            (&created_at, Type::INT8),
            (&import.caller, Type::TEXT),
            (&import.request_id, Type::TEXT),
            (&per_minute, Type::INT8),
        ];
        let rows = self.write_all(&[(imports::CREATE, &parameters)]).await?;
        let row = rows.first().ok_or(LedgerError::Unreadable { what: "import" })?;
        let number = Reader::new(row).number()?;
        Ok(ImportRecord::new(ImportId(number), import, now))
    }

    /// Changes an import; what waits is left to [`Self::withdraw`].
    pub(super) async fn change_import(
        &self,
        app: &AppName,
        id: ImportId,
        update: ImportUpdate,
    ) -> Result<ImportRecord, ImportError> {
        repeated(|| self.change_import_once(app, id, update)).await?
    }

    async fn change_import_once(
        &self,
        app: &AppName,
        id: ImportId,
        update: ImportUpdate,
    ) -> Result<Result<ImportRecord, ImportError>, Fault> {
        let session = Session::open(&self.write).await?;
        match change_import(&session, app, id, update, self.clock.now()).await {
            Ok(Ok(changed)) => session.commit().await.map(|()| Ok(changed)),
            Ok(Err(refused)) => {
                session.roll_back(true).await;
                Ok(Err(refused))
            }
            Err(fault) => {
                session.roll_back(fault.is_connected).await;
                Err(fault)
            }
        }
    }

    /// Keeps a definition.
    pub(super) async fn keep_definition(
        &self,
        app: &AppName,
        record: &DefinitionRecord,
    ) -> Result<(), LedgerError> {
        let DefinitionRecord { definition_key, approval_code, json, caller, updated_at } = record;
        let (name, updated_at) = (app.as_str(), updated_at.unix_millis());
        let parameters: [Parameter<'_>; 6] = [
            (&name, Type::TEXT),
            (definition_key, Type::TEXT),
            (approval_code, Type::TEXT),
            (json, Type::TEXT),
            (caller, Type::TEXT),
            (&updated_at, Type::INT8),
        ];
        self.change(PUT_DEFINITION, &parameters).await.map(drop)
    }

    /// Executes one statement in a transaction of its own; gives the number of rows that it changed.
    pub(super) async fn change(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<u64, LedgerError> {
        repeated(|| self.change_once(sql, parameters)).await
    }

    async fn change_once(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<u64, Fault> {
        let session = Session::open(&self.write).await?;
        end(tokio::try_join!(biased; session.begin(), session.execute(sql, parameters)), session).await
    }

    /// Executes statements in a transaction of their own; gives the rows that the last one returns.
    pub(super) async fn write_all(&self, statements: &[Statement<'_>]) -> Result<Vec<Row>, LedgerError> {
        Ok(self.write_each(statements).await?.pop().unwrap_or_default())
    }

    /// Executes statements in a transaction of their own; gives the rows that each returns.
    pub(super) async fn write_each(
        &self,
        statements: &[Statement<'_>],
    ) -> Result<Vec<Vec<Row>>, LedgerError> {
        repeated(|| self.write_each_once(statements)).await
    }

    async fn write_each_once(&self, statements: &[Statement<'_>]) -> Result<Vec<Vec<Row>>, Fault> {
        let session = Session::open(&self.write).await?;
        let all = statements.iter().map(|(sql, parameters)| session.query(sql, parameters));
        let done = tokio::try_join!(biased; session.begin(), try_join_all(all));
        end(done, session).await
    }
}

/// A statement with its parameters.
type Statement<'a> = (&'a str, &'a [Parameter<'a>]);

/// Commits what was done, or rolls it back.
async fn end<T>(done: Result<((), T), Fault>, session: Session) -> Result<T, Fault> {
    match done {
        Ok(((), done)) => session.commit().await.map(|()| done),
        Err(fault) => {
            session.roll_back(fault.is_connected).await;
            Err(fault)
        }
    }
}

async fn change_import(
    session: &Session,
    app: &AppName,
    id: ImportId,
    update: ImportUpdate,
    now: Timestamp,
) -> Result<Result<ImportRecord, ImportError>, Fault> {
    let numbers = vec![id.0];
    let ids = [(&numbers as _, Type::INT8_ARRAY)];
    let ((), rows) = tokio::try_join!(biased; session.begin(), session.query(&imports::LOCK, &ids))?;
    let found = rows.first().map(imports::of_app).transpose()?;
    let Some((_, mut import)) = found.filter(|(of, _)| of == app) else {
        return Ok(Err(ImportError::NotFound));
    };
    if let Err(refused) = import.apply(update, now) {
        return Ok(Err(refused));
    }
    let ended_at = import.ended_at.map(Timestamp::unix_millis);
    let (state, per_minute) = (import.state.as_str(), import.per_minute.map(i64::from));
    let parameters: [Parameter<'_>; 5] = [
        (&id.0, Type::INT8),
        (&state, Type::TEXT),
        (&per_minute, Type::INT8),
        (&import.counts.invalid, Type::INT8),
        (&ended_at, Type::INT8),
    ];
    session.execute(imports::UPDATE, &parameters).await?;
    Ok(Ok(import))
}
