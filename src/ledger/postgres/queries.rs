//! What is read, page by page; each read is one statement, or one state of the database.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use deadpool_postgres::Pool;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::columns::Reader;
use super::error::{Fault, classify};
use super::imports;
use super::load::{Stored, body, select};
use super::session::{Parameter, Session};
use super::writer::repeated;
use crate::domain::{AppName, Timestamp, Word as _};
use crate::ledger::acceptance::Kept;
use crate::ledger::columns::{ColumnReader as _, unreadable};
use crate::ledger::definition::DefinitionRecord;
use crate::ledger::due::{CallerDue, Due};
use crate::ledger::error::LedgerError;
use crate::ledger::filter::DeliveryFilter;
use crate::ledger::history::HistoryEntry;
use crate::ledger::import::{ImportId, ImportRecord};
use crate::ledger::page::{DeliveryCursor, Page, PageRequest};
use crate::ledger::record::{DeliveryRecord, InstanceKey, Lane};
use crate::ledger::rows::COLUMNS;
use crate::ledger::summary::{LedgerSize, Summary};
use crate::ledger::words::{DeliveryState, ImportState};

/// Most rows that are looked at for one page: a rare filter gives short pages, and stops nobody.
const LONGEST_LOOK: i64 = 10_000;

/// The condition of the index of instances that need something; a statement must repeat it to use it.
const OPEN: &str = "state in ('pending', 'refused', 'conflict')";

/// One instance.
pub(super) static ONE: LazyLock<String> = LazyLock::new(|| select("where app = $1 and instance_id = $2"));

/// Several instances of which something is desired.
pub(super) static SEVERAL: LazyLock<String> =
    LazyLock::new(|| select("where app = $1 and instance_id = any($2) and state is not null"));

/// One instance with its document.
pub(super) static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select instance_no, instance_id, {}, format, body from instance join document using (instance_no) \
         where app = $1 and instance_id = $2",
        COLUMNS.join(", ")
    )
});

/// The history of an instance behind a number.
pub(super) const HISTORY: &str = "select number, at, event, h.revision, h.version, h.caller, request_id, h.problem_code, \
     h.problem, h.log_id, h.detail from history as h join instance as i using (instance_no) \
     where i.app = $1 and i.instance_id = $2 and number < $3 order by number desc limit $4";

/// Instances of a lane, caller by caller, by the time when they are due; the callers are found step by step along the index.
pub(super) const DUE: &str = "with recursive callers (caller) as ( \
     (select caller from instance where app = $1 and class = $2 and due_at is not null and import_no is null \
     and caller is not null order by caller limit 1) \
     union all \
     select (select i.caller from instance as i where i.app = $1 and i.class = $2 and i.caller > c.caller \
     and i.due_at is not null and i.import_no is null order by i.caller limit 1) \
     from callers as c where c.caller is not null) \
     (select caller, due_at, instance_id from instance where app = $1 and class = $2 and caller is null \
     and due_at is not null and import_no is null order by due_at, instance_no limit $3) \
     union all \
     (select c.caller, d.due_at, d.instance_id from callers as c cross join lateral \
     (select due_at, instance_id from instance as i where i.app = $1 and i.class = $2 and i.caller = c.caller \
     and i.due_at is not null and i.import_no is null order by due_at, instance_no limit $3) as d \
     where c.caller is not null)";

/// Instances of a running import by the time when they are due.
pub(super) const DUE_OF_IMPORT: &str = "select due_at, instance_id from instance \
     where import_no = $1 and due_at is not null \
     and exists (select 1 from import where import_no = $1 and app = $2 and state = 'running') \
     order by due_at, instance_no limit $3";

/// Instances that wait for an import.
pub(super) const WAITING_OF_IMPORT: &str = "select instance_id from instance \
     where import_no = $1 and due_at is not null order by due_at, instance_no limit $2";

/// Instances by the time when Feishu is to be asked about them.
pub(super) const CHECK_DUE: &str = "select check_at, instance_id from instance \
     where app = $1 and check_at is not null order by check_at, instance_no limit $2";

/// The counts of an app, and when the one that has been pending for the longest time began to be.
pub(super) const SUMMARY: &str = "select state, class, sum(count)::bigint, \
     (select min(pending_since) from instance where app = $1 and pending_since is not null) \
     from tally where app = $1 group by state, class";

/// Documents that are to be dropped.
pub(super) const EXPIRED: &str = "select instance_id from instance \
     where app = $1 and settled_at is not null and settled_at < $2 order by settled_at limit $3";

/// Drops instances that nothing has changed of for a long time; those that somebody works on wait for the next time.
pub(super) const DROP_OUTDATED: &str = "delete from instance where instance_no in (select instance_no from instance \
     where app = $1 and accepted_at < $2 and state is distinct from 'pending' and (sent_at is null or sent_at < $2) \
     order by accepted_at limit $3 for update skip locked)";

/// Definitions behind a key.
pub(super) const DEFINITIONS: &str = "select definition_key, approval_code, json, caller, updated_at from definition \
     where app = $1 and definition_key > $2 order by definition_key limit $3";

/// The ticket of a store app.
pub(super) const APP_TICKET: &str = "select ticket, issued_at from app_ticket where app_id = $1";

/// Size of all tables with their indexes, and of the write-ahead log's share that is none.
const SIZE: &str =
    "select coalesce(sum(pg_total_relation_size(to_regclass(name))), 0)::bigint from unnest($1) as t(name)";

/// Deliveries behind a position, newest acceptance first, of those looked at; `$6` and on filter.
pub(super) fn deliveries_behind(of_state: bool) -> String {
    format!(
        "select * from ({}) as looked where \
         ($7::text[] is null or state = any($7)) and state is not null and ($8::text is null or approval_code = $8) \
         and ($9::text is null or caller = $9) and ($10::text is null or problem_code = $10) \
         and ($11::bigint is null or import_no = $11) \
         order by accepted_at desc, instance_no desc limit $12",
        looked(of_state)
    )
}

/// Where the look ends, when there are more rows than are looked at.
pub(super) fn looked_to(of_state: bool) -> String {
    format!(
        "select accepted_at, instance_no from ({}) as looked \
         order by accepted_at desc, instance_no desc offset $5 - 1",
        looked(of_state)
    )
}

/// The rows that are looked at for a page.
fn looked(of_state: bool) -> String {
    let state = if of_state { format!("state = $6 and {OPEN}") } else { "$6::text is null".to_owned() };
    select(&format!(
        "where app = $1 and {state} and accepted_at <= $2 and (accepted_at < $2 or instance_no < $3) \
         and accepted_at >= $4 order by accepted_at desc, instance_no desc limit $5"
    ))
}

static ALL: LazyLock<[String; 2]> = LazyLock::new(|| [deliveries_behind(false), looked_to(false)]);
static OF_STATE: LazyLock<[String; 2]> = LazyLock::new(|| [deliveries_behind(true), looked_to(true)]);

/// Connections that read. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Readers(pub(super) Pool);

impl Readers {
    /// Reads with one statement.
    pub(super) async fn read(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, LedgerError> {
        repeated(|| self.read_once(sql, parameters)).await
    }

    async fn read_once(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Fault> {
        let session = Session::open(&self.0).await?;
        let rows = session.query(sql, parameters).await;
        if rows.as_ref().err().is_none_or(|fault| fault.is_connected) {
            session.give_back();
        }
        rows
    }

    /// One instance.
    pub(super) async fn record(&self, key: &InstanceKey) -> Result<Option<Stored>, LedgerError> {
        if !is_storable(&key.instance_id) {
            return Ok(None);
        }
        let rows = self.read(&ONE, &[text(&key.app.as_str()), text(&key.instance_id)]).await?;
        rows.first().map(|row| Stored::read(row, &key.app)).transpose().map_err(LedgerError::from)
    }

    /// Several instances of which something is desired.
    pub(super) async fn records(
        &self,
        app: &AppName,
        instance_ids: &[Arc<str>],
    ) -> Result<Vec<DeliveryRecord>, LedgerError> {
        let ids: Vec<&str> = instance_ids.iter().map(|id| &**id).filter(|id| is_storable(id)).collect();
        let rows = self.read(&SEVERAL, &[text(&app.as_str()), (&ids, Type::TEXT_ARRAY)]).await?;
        rows.iter()
            .map(|row| Stored::read(row, app).map(|stored| stored.record).map_err(LedgerError::from))
            .collect()
    }

    /// The kept document.
    pub(super) async fn document(&self, key: &InstanceKey) -> Result<Option<Kept>, LedgerError> {
        if !is_storable(&key.instance_id) {
            return Ok(None);
        }
        let rows = self.read(&DOCUMENT, &[text(&key.app.as_str()), text(&key.instance_id)]).await?;
        rows.first().map(|row| kept(row, &key.app)).transpose().map_err(LedgerError::from)
    }

    /// A page of an instance's history.
    pub(super) async fn history(
        &self,
        key: &InstanceKey,
        page: PageRequest<u64>,
    ) -> Result<Page<HistoryEntry, u64>, LedgerError> {
        if !is_storable(&key.instance_id) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let after = page.after.and_then(|after| i64::try_from(after).ok()).unwrap_or(i64::MAX);
        let limit = limit(page.limit);
        let app = key.app.as_str();
        let parameters = [text(&app), text(&key.instance_id), number(&after), number(&limit)];
        let rows = self.read(HISTORY, &parameters).await?;
        let found = rows.iter().map(entry).collect::<Result<Vec<_>, Fault>>()?;
        Ok(Page::cut(found, page.limit, |entry| entry.number))
    }

    /// A page of an app's deliveries, with their numbers.
    pub(super) async fn deliveries(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        page: PageRequest<DeliveryCursor>,
    ) -> Result<Page<Stored, DeliveryCursor>, LedgerError> {
        repeated(|| self.deliveries_once(app, filter, page)).await
    }

    async fn deliveries_once(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        page: PageRequest<DeliveryCursor>,
    ) -> Result<Page<Stored, DeliveryCursor>, Fault> {
        let session = Session::open(&self.0).await?;
        let result = deliveries(&session, app, filter, page).await;
        session.end_read(result).await
    }

    /// Instances of a lane that are to be pushed now.
    pub(super) async fn due(
        &self,
        app: &AppName,
        lane: Lane,
        most: usize,
        now: Timestamp,
    ) -> Result<Vec<CallerDue>, LedgerError> {
        let limit = limit(most);
        match lane {
            Lane::Interactive | Lane::Repair => {
                let rows =
                    self.read(DUE, &[text(&app.as_str()), text(&lane.class()), number(&limit)]).await?;
                by_caller(app, &rows, most, now)
            }
            Lane::Import(import) => {
                let name = app.as_str();
                let parameters = [number(&import.0), text(&name), number(&limit)];
                let due = by_time(app, &self.read(DUE_OF_IMPORT, &parameters).await?, most, now)?;
                let is_any = due != Due::default();
                Ok(is_any.then_some(CallerDue { caller: None, due }).into_iter().collect())
            }
        }
    }

    /// Instances that Feishu is to be asked about now.
    pub(super) async fn check_due(
        &self,
        app: &AppName,
        most: usize,
        now: Timestamp,
    ) -> Result<Due<InstanceKey>, LedgerError> {
        let limit = limit(most);
        let rows = self.read(CHECK_DUE, &[text(&app.as_str()), number(&limit)]).await?;
        by_time(app, &rows, most, now)
    }

    /// Instances that wait for an import.
    pub(super) async fn waiting(&self, id: ImportId, most: i64) -> Result<Vec<String>, LedgerError> {
        let rows = self.read(WAITING_OF_IMPORT, &[number(&id.0), number(&most)]).await?;
        ids(&rows)
    }

    /// Instances whose documents are to be dropped.
    pub(super) async fn expired(
        &self,
        app: &AppName,
        before: Timestamp,
        most: i64,
    ) -> Result<Vec<String>, LedgerError> {
        let before = before.unix_millis();
        let rows = self.read(EXPIRED, &[text(&app.as_str()), number(&before), number(&most)]).await?;
        ids(&rows)
    }

    /// Counts of an app's deliveries.
    pub(super) async fn summary(&self, app: &AppName) -> Result<Summary, LedgerError> {
        let rows = self.read(SUMMARY, &[text(&app.as_str())]).await?;
        let mut summary = Summary::default();
        for row in &rows {
            count(&mut summary, row)?;
        }
        Ok(summary)
    }

    /// One import.
    pub(super) async fn import(
        &self,
        app: &AppName,
        id: ImportId,
    ) -> Result<Option<ImportRecord>, LedgerError> {
        let rows = self.read(&imports::ONE, &[number(&id.0), text(&app.as_str())]).await?;
        rows.first().map(imports::read).transpose().map_err(LedgerError::from)
    }

    /// A page of imports, newest first.
    pub(super) async fn imports(
        &self,
        app: &AppName,
        page: PageRequest<ImportId>,
    ) -> Result<Page<ImportRecord, ImportId>, LedgerError> {
        let after = page.after.map_or(i64::MAX, |after| after.0);
        let limit = limit(page.limit);
        let rows =
            self.read(&imports::BEHIND, &[text(&app.as_str()), number(&after), number(&limit)]).await?;
        let found = rows.iter().map(imports::read).collect::<Result<Vec<_>, Fault>>()?;
        Ok(Page::cut(found, page.limit, |import| import.id))
    }

    /// The imports in this state that have something to deliver.
    pub(super) async fn with_something_waiting(
        &self,
        app: &AppName,
        state: ImportState,
    ) -> Result<Vec<ImportRecord>, LedgerError> {
        let rows = self.read(&imports::WAITING, &[text(&app.as_str()), text(&state.as_str())]).await?;
        rows.iter().map(imports::read).collect::<Result<_, Fault>>().map_err(LedgerError::from)
    }

    /// Definitions of an app by their keys.
    pub(super) async fn definitions(
        &self,
        app: &AppName,
        page: PageRequest<String>,
    ) -> Result<Page<DefinitionRecord, String>, LedgerError> {
        let after = page.after.filter(|after| is_storable(after)).unwrap_or_default();
        let limit = limit(page.limit);
        let rows = self.read(DEFINITIONS, &[text(&app.as_str()), text(&after), number(&limit)]).await?;
        let found = rows.iter().map(definition).collect::<Result<Vec<_>, Fault>>()?;
        Ok(Page::cut(found, page.limit, |definition| definition.definition_key.clone()))
    }

    /// Size of the tables.
    pub(super) async fn size(&self) -> Result<LedgerSize, LedgerError> {
        let tables = &super::migrations::TABLES[..];
        let rows = self.read(SIZE, &[(&tables, Type::TEXT_ARRAY)]).await?;
        let database = rows.first().map(|row| Reader::new(row).count()).transpose()?;
        Ok(LedgerSize { database: database.unwrap_or_default(), ..LedgerSize::default() })
    }
}

/// Whether PostgreSQL can store the text: what it cannot is not there.
pub(super) fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

fn text<'a, T: tokio_postgres::types::ToSql + Sync>(value: &'a T) -> Parameter<'a> {
    (value, Type::TEXT)
}

fn number(value: &i64) -> Parameter<'_> {
    (value, Type::INT8)
}

/// A limit as PostgreSQL takes it; one more, to see whether there is more.
fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

fn kept(row: &Row, app: &AppName) -> Result<Kept, Fault> {
    let mut reader = Reader::new(row);
    let _number = reader.number()?;
    let key = InstanceKey::new(app.clone(), reader.text()?);
    let record = reader.record(key)?;
    Ok(Kept { record, body: body(&mut reader)? })
}

fn entry(row: &Row) -> Result<HistoryEntry, Fault> {
    Reader::new(row).history_entry()
}

fn definition(row: &Row) -> Result<DefinitionRecord, Fault> {
    Reader::new(row).definition()
}

fn ids(rows: &[Row]) -> Result<Vec<String>, LedgerError> {
    rows.iter().map(|row| row.try_get(0).map_err(|error| classify(error).error)).collect()
}

fn by_time(
    app: &AppName,
    rows: &[Row],
    most: usize,
    now: Timestamp,
) -> Result<Due<InstanceKey>, LedgerError> {
    let mut waiting = Vec::with_capacity(rows.len());
    for row in rows {
        let mut reader = Reader::new(row);
        let (at, id) = (reader.time()?, reader.text()?);
        waiting.push((Some(at), InstanceKey::new(app.clone(), id)));
    }
    Ok(Due::of(waiting.into_iter().take(most), now))
}

/// Rows that come caller by caller.
fn by_caller(
    app: &AppName,
    rows: &[Row],
    most: usize,
    now: Timestamp,
) -> Result<Vec<CallerDue>, LedgerError> {
    let mut waiting: BTreeMap<Option<String>, Vec<(Option<Timestamp>, InstanceKey)>> = BTreeMap::new();
    for row in rows {
        let mut reader = Reader::new(row);
        let caller = reader.optional_text()?;
        let (at, id) = (reader.time()?, reader.text()?);
        waiting.entry(caller).or_default().push((Some(at), InstanceKey::new(app.clone(), id)));
    }
    let due = |(caller, waiting): (_, Vec<_>)| CallerDue {
        caller,
        due: Due::of(waiting.into_iter().take(most), now),
    };
    Ok(waiting.into_iter().map(due).collect())
}

fn count(summary: &mut Summary, row: &Row) -> Result<(), Fault> {
    let mut reader = Reader::new(row);
    let (state, class) = (reader.word()?, reader.text()?);
    let class = Lane::CLASSES.into_iter().find(|known| *known == class);
    let class = class.ok_or_else(|| unreadable("class"))?;
    let count = reader.count()?;
    if count > 0 {
        summary.counts.insert((state, class), count);
    }
    summary.oldest_pending = reader.optional_time()?;
    Ok(())
}

async fn deliveries(
    session: &Session,
    app: &AppName,
    filter: &DeliveryFilter,
    page: PageRequest<DeliveryCursor>,
) -> Result<Page<Stored, DeliveryCursor>, Fault> {
    if let Some(instance_id) = &filter.instance_id {
        return the_one(session, app, instance_id, filter, page).await;
    }
    session.begin_snapshot().await?;
    let mut found = Vec::new();
    let mut looked_to = None;
    if filter.states.is_empty() || filter.states.iter().any(|state| !is_open(*state)) {
        looked_to = walk(session, app, filter, page, None, &mut found).await?;
    } else {
        let mut states = filter.states.clone();
        states.sort_unstable();
        states.dedup();
        for state in states {
            // The walk that stopped first decides: behind it something may be missing.
            looked_to = looked_to.max(walk(session, app, filter, page, Some(state), &mut found).await?);
        }
        found.sort_by_key(|(cursor, _)| std::cmp::Reverse(*cursor));
        found.retain(|(cursor, _)| looked_to.is_none_or(|to| *cursor >= to));
    }
    let Page { items, next } = Page::cut(found, page.limit, |(cursor, _)| *cursor);
    Ok(Page { items: items.into_iter().map(|(_, stored)| stored).collect(), next: next.or(looked_to) })
}

/// The delivery of one instance, if it is meant and lies behind the cursor.
async fn the_one(
    session: &Session,
    app: &AppName,
    instance_id: &str,
    filter: &DeliveryFilter,
    page: PageRequest<DeliveryCursor>,
) -> Result<Page<Stored, DeliveryCursor>, Fault> {
    if !is_storable(instance_id) {
        return Ok(Page { items: Vec::new(), next: None });
    }
    let rows = session.query(&ONE, &[text(&app.as_str()), text(&instance_id)]).await?;
    let stored = rows.first().map(|row| Stored::read(row, app)).transpose()?;
    let meant = stored.filter(|Stored { number, record }| filter.matches_behind(page.after, record, *number));
    Ok(Page { items: meant.into_iter().collect(), next: None })
}

/// Gathers one page and one more; says where it stopped when it did not come to the end.
async fn walk(
    session: &Session,
    app: &AppName,
    filter: &DeliveryFilter,
    page: PageRequest<DeliveryCursor>,
    state: Option<DeliveryState>,
    found: &mut Vec<(DeliveryCursor, Stored)>,
) -> Result<Option<DeliveryCursor>, Fault> {
    let end = DeliveryCursor { accepted_at: i64::MAX, instance_no: i64::MAX };
    let before =
        filter.accepted_to.map_or(end, |to| DeliveryCursor { accepted_at: to.unix_millis(), instance_no: 0 });
    let after = page.after.unwrap_or(end).min(before);
    let from = filter.accepted_from.map_or(0, Timestamp::unix_millis);
    let of_state = state.map(DeliveryState::as_str);
    let states: Option<Vec<&str>> =
        (!filter.states.is_empty()).then(|| filter.states.iter().map(|state| state.as_str()).collect());
    let import = filter.import.map(|import| import.0);
    let limit = limit(page.limit);
    let [sql, position] = if state.is_some() { &*OF_STATE } else { &*ALL };
    let app_name = app.as_str();
    let looked: [Parameter<'_>; 6] = [
        text(&app_name),
        number(&after.accepted_at),
        number(&after.instance_no),
        number(&from),
        number(&LONGEST_LOOK),
        text(&of_state),
    ];
    let filters: [Parameter<'_>; 6] = [
        (&states, Type::TEXT_ARRAY),
        text(&filter.approval_code),
        text(&filter.caller),
        text(&filter.problem),
        (&import, Type::INT8),
        number(&limit),
    ];
    let rows = session.query(sql, &[looked.clone(), filters].concat()).await?;
    for row in &rows {
        let stored = Stored::read(row, app)?;
        found.push((DeliveryCursor::of(&stored.record, stored.number), stored));
    }
    if rows.len() as i64 == limit {
        // One more than the page: whoever cuts it sees that there is more.
        return Ok(None);
    }
    let rows = session.query(position, &looked).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut reader = Reader::new(row);
    Ok(Some(DeliveryCursor { accepted_at: reader.number()?, instance_no: reader.number()? }))
}

fn is_open(state: DeliveryState) -> bool {
    matches!(state, DeliveryState::Pending | DeliveryState::Refused | DeliveryState::Conflict)
}
