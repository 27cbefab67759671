//! The commands of the ledger, each inside the writer's transaction.

use rusqlite::params;

use super::error::classify;
use super::imports;
use super::queries;
use super::transaction::{Stored, Transaction, select};
use crate::domain::AppName;
use crate::ledger::acceptance::{AcceptError, Acceptance, Accepted, DocumentSource, IfMatch};
use crate::ledger::definition::DefinitionRecord;
use crate::ledger::error::LedgerError;
use crate::ledger::filter::DeliveryFilter;
use crate::ledger::history::{HistoryNote, RequestedBy};
use crate::ledger::page::{DeliveryCursor, PageRequest};
use crate::ledger::record::InstanceKey;
use crate::ledger::report::{Report, Reported};
use crate::ledger::rules;
use crate::ledger::store::Forgotten;
use crate::ledger::summary::{Retention, Swept};
use crate::ledger::words::ImportState;

/// Rows that a command over many of them changes in one transaction.
pub(super) const STEP: i64 = 200;

/// Documents that are to be dropped.
pub(super) fn expired() -> String {
    select("where app = ?1 and settled_at is not null and settled_at < ?2 order by settled_at limit ?3")
}

/// Instances that nothing has changed of for a long time.
pub(super) const OUTDATED: &str = "select instance_no from instance where app = ?1 and accepted_at < ?2 \
     and state is not 'pending' and (sent_at is null or sent_at < ?2) order by accepted_at limit ?3";

impl Transaction<'_> {
    /// Accepts a document.
    pub(super) fn accept(&self, acceptance: &Acceptance) -> Result<Accepted, AcceptError> {
        let key = &acceptance.key;
        if let Some(id) = acceptance.import {
            let import = imports::import(self.connection, &key.app, id)?;
            if import.is_none_or(|import| import.state == ImportState::Canceled) {
                return Err(AcceptError::ImportClosed);
            }
        }
        let before = self.record(key)?;
        let body = match (&acceptance.document, &before) {
            (DocumentSource::Made(_), Some(before)) if before.record.has_document => {
                self.body(before.number)?
            }
            _ => None,
        };
        let record = before.as_ref().map(|before| &before.record);
        let decision = rules::accept(acceptance, record, body, self.now)?;
        self.write(before.as_ref(), &decision.change)?;
        let (accepted_as, is_version_raised) = (decision.accepted_as, decision.is_version_raised);
        Ok(Accepted { record: decision.change.record, accepted_as, is_version_raised })
    }

    /// Writes the result of a push or a check.
    pub(super) fn report(&self, report: &Report) -> Result<Option<Reported>, LedgerError> {
        let Some(before) = self.record(&report.key)? else { return Ok(None) };
        let cards = match &report.tasks {
            Some(_) => self.cards(before.number)?,
            None => Vec::new(),
        };
        let earlier = match &report.tasks {
            Some(tasks) if tasks.is_import => self.earlier(before.number, &report.key)?,
            _ => None,
        };
        let beside =
            rules::StoredContext { cards: &cards, earlier: earlier.as_ref().map(|kept| &kept.record) };
        let (change, reported) = rules::report(&before.record, report, beside, self.now);
        self.write(Some(&before), &change)?;
        Ok(Some(reported))
    }

    /// Adds an entry to a history.
    pub(super) fn note(&self, key: &InstanceKey, note: HistoryNote) -> Result<bool, LedgerError> {
        let Some(before) = self.record(key)? else { return Ok(false) };
        self.write(Some(&before), &rules::note(&before.record, note, self.now))?;
        Ok(true)
    }

    /// Erases a document with its history.
    pub(super) fn forget(
        &self,
        key: &InstanceKey,
        if_match: Option<&IfMatch>,
    ) -> Result<Forgotten, LedgerError> {
        let Some(before) = self.record(key)? else { return Ok(Forgotten::NotFound) };
        match rules::forget(&before.record, if_match, &self.cards(before.number)?) {
            Ok(change) => self.write(Some(&before), &change).map(|()| Forgotten::Erased),
            Err(left) => Ok(left),
        }
    }

    /// Retries some deliveries behind a position; gives how many, and where to go on.
    pub(super) fn retry(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        by: &RequestedBy,
        after: Option<DeliveryCursor>,
    ) -> Result<(u64, Option<DeliveryCursor>), LedgerError> {
        let page = PageRequest { after, limit: STEP as usize };
        let page = queries::deliveries(self.connection, app, filter, page)?;
        let mut count = 0;
        for stored in page.items.iter().filter(|stored| rules::is_retried(&stored.record, filter)) {
            if let Some(change) = rules::retry(&stored.record, by, self.now) {
                self.write(Some(stored), &change)?;
                count += 1;
            }
        }
        Ok((count, page.next))
    }

    /// Keeps a definition.
    pub(super) fn put_definition(&self, app: &AppName, record: &DefinitionRecord) -> Result<(), LedgerError> {
        let DefinitionRecord { definition_key, approval_code, json, caller, updated_at } = record;
        self.execute(
            "insert into definition values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do update set \
             approval_code = ?3, json = ?4, caller = ?5, updated_at = ?6",
            params![app.as_str(), definition_key, approval_code, json, caller, updated_at.unix_millis()],
        )
        .map(drop)
    }

    /// Brings what lies ahead nearer when the clock was set back, as `rules::shift` does.
    pub(super) fn shift(&self, by_millis: i64) -> Result<(), LedgerError> {
        self.bring_nearer(by_millis).map_err(classify)
    }

    /// The same, with the error of SQLite.
    pub(super) fn bring_nearer(&self, by_millis: i64) -> rusqlite::Result<()> {
        let of_instance =
            ["due_at", "pending_since", "check_at", "doubt_at"].map(|column| ("instance", column));
        let others = [("event", "due_at"), ("event", "tried_until"), ("card", "due_at")];
        for (table, column) in of_instance.into_iter().chain(others) {
            let sql = format!("update {table} set {column} = max({column} - ?1, ?2) where {column} > ?2");
            self.connection.prepare_cached(&sql)?.execute([by_millis, self.now.unix_millis()])?;
        }
        Ok(())
    }

    /// One step of the retention.
    pub(super) fn sweep(&self, app: &AppName, retention: Retention) -> Result<Swept, LedgerError> {
        let before = retention.documents_before.unix_millis();
        let expired: Vec<Stored> = self.stored(&expired(), params![app.as_str(), before, STEP], app)?;
        for stored in &expired {
            self.write(Some(stored), &rules::drop_document(&stored.record))?;
        }
        let before = params![app.as_str(), retention.records_before.unix_millis(), STEP];
        let records =
            self.execute(&format!("delete from instance where instance_no in ({OUTDATED})"), before)? as u64;
        let mut has_more = expired.len() as i64 == STEP || records as i64 == STEP;
        has_more |= self.sweep_cards(app, retention.documents_before)?;
        for import in imports::with_something_waiting(self.connection, app, ImportState::Canceled)? {
            has_more |= self.withdraw(app, import.id)?;
        }
        self.execute(
            "delete from import where app = ?1 and created_at < ?2 \
             and not exists (select 1 from instance where instance.import_no = import.import_no)",
            params![app.as_str(), retention.records_before.unix_millis()],
        )?;
        Ok(Swept { documents: expired.len() as u64, records, has_more })
    }
}
