//! The outbox: events are found, sent and dropped.
//!
//! Whoever adds an event about an instance, or ends one, has locked the instance's row; for those about the app it is the row of the
//! lease. So two transactions never decide at the same time which event comes first.

use async_trait::async_trait;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::PostgresLedger;
use super::columns::{Column, Reader};
use super::commands::plain;
use super::error::Fault;
use super::events::{ADD, MOVE_UP_NEW, columns, key_columns, record_of};
use super::queries::is_storable;
use super::session::{Parameter, Session};
use super::writer::repeated;
use crate::domain::{AppName, EventState, Timestamp, Word as _};
use crate::ledger::columns::{ColumnReader as _, signed};
use crate::ledger::due::Due;
use crate::ledger::error::LedgerError;
use crate::ledger::event::{
    EventFilter, EventNumber, EventRecord, EventResult, EventRetention, EventSummary, EventsSwept,
    NO_INSTANCE, NewEvent,
};
use crate::ledger::outbox::Outbox;
use crate::ledger::page::{Page, PageRequest};
use crate::ledger::record::{InstanceKey, Revision};
use crate::ledger::rules;
use crate::ledger::store::Ledger as _;

/// Events that one step of a command over many changes.
const STEP: usize = 200;

/// Most rows that are looked at for one page.
const LONGEST_LOOK: usize = 2_000;

/// The columns of an event, in the order in which they are read.
const COLUMNS: &str = "event_no, event_id, type, at, instance_id, revision, approval_code, problem_code, problem, state, \
     attempts, due_at, tried_until, ended_at, last_error";

/// `select` of an event, with what follows `from event`.
fn select(conditions: &str) -> String {
    format!("select {COLUMNS} from event {conditions}")
}

/// What an event is about.
const ABOUT: &str = "select instance_id from event where event_no = $1 and app = $2";

/// Lets nobody else add or end events about an instance until the transaction ends.
const LOCK_INSTANCE: &str = "select 1 from instance where app = $1 and instance_id = $2 for no key update";

/// The same, for events about the app.
const LOCK_APP: &str = "select 1 from lease where app = $1 for no key update";

/// Events by the time when they are due.
pub(super) fn due() -> String {
    select("where app = $1 and due_at is not null order by due_at, event_no limit $2")
}

/// Events in a state behind a number, newest first.
pub(super) fn in_state() -> String {
    select("where app = $1 and state = $2 and event_no < $3 order by event_no desc limit $4")
}

/// Events about an instance behind a number, newest first.
pub(super) fn of_instance() -> String {
    select("where app = $1 and instance_id = $2 and event_no < $3 order by event_no desc limit $4")
}

/// Of those that wait about the same, those behind the first are not due.
const HOLD_BACK: &str = "update event as e set due_at = null where e.app = $1 and e.instance_id = $2 and e.state = 'pending' \
     and e.due_at is not null and e.event_no > (select min(event_no) from event \
     where app = $1 and instance_id = $2 and state = 'pending')";

/// The first of those that wait about the same is due, if it was not.
const MOVE_UP: &str = "update event set due_at = $3 where due_at is null and event_no = (select min(event_no) from event \
     where app = $1 and instance_id = $2 and state = 'pending')";

const PUT: &str = "update event set state = $2, attempts = $3, due_at = $4, tried_until = $5, ended_at = $6, last_error = $7 \
     where event_no = $1";

/// How many wait, and when the oldest of them happened.
pub(super) const SUMMARY: &str =
    "select count(*), (array_agg(at order by event_no))[1] from event where app = $1 and state = 'pending'";

/// The newest of those that are too many.
const NEWEST_TOO_MANY: &str = "select event_no from event where app = $1 and state = 'pending' order by event_no desc limit 1 offset $2";

/// Those that wait, up to a number, oldest first.
const WAITING_UP_TO: &str = "select event_no from event where app = $1 and state = 'pending' and event_no <= $2 order by event_no limit $3";

/// Those that ended long ago.
const DROP: &str = "delete from event where event_no in (select event_no from event \
     where app = $1 and state = $2 and ended_at is not null and ended_at < $3 order by ended_at limit $4)";

#[async_trait]
impl Outbox for PostgresLedger {
    async fn promise(&self, key: &InstanceKey, revision: Revision) -> Result<(), LedgerError> {
        let decide = move |loaded: super::load::Loaded, now| {
            let before = loaded.stored;
            Ok(((), before.and_then(|before| rules::promise(&before.record, revision, now))))
        };
        self.writer.run(plain(key.clone()), 0, decide).await
    }

    async fn add_event(&self, app: &AppName, event: NewEvent) -> Result<(), LedgerError> {
        let records = [record_of(event)];
        let of_app: Vec<_> = records.iter().map(|record| (app, record)).collect();
        let (columns, keys) = (columns(&of_app), key_columns(&of_app));
        let name = app.as_str();
        let lock: [Parameter<'_>; 1] = [(&name, Type::TEXT)];
        let values: Vec<Parameter<'_>> = columns.iter().map(Column::parameter).collect();
        let about: Vec<Parameter<'_>> = keys.iter().map(Column::parameter).collect();
        self.write_each(&[(LOCK_APP, &lock), (ADD, &values), (MOVE_UP_NEW, &about)]).await.map(drop)
    }

    async fn events_due(&self, app: &AppName, limit: usize) -> Result<Due<EventRecord>, LedgerError> {
        self.follow_the_clock(app).await?;
        let (name, limit) = (app.as_str(), i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = self.readers.read(&due(), &[(&name, Type::TEXT), (&limit, Type::INT8)]).await?;
        Ok(Due::of(all(&rows)?.into_iter().map(|record: EventRecord| (record.due_at, record)), self.now()))
    }

    async fn report_event(
        &self,
        app: &AppName,
        number: EventNumber,
        attempts: u32,
        result: EventResult,
    ) -> Result<Option<EventRecord>, LedgerError> {
        self.change_event(app, number, |before, now| {
            rules::event_result(before, attempts, result.clone(), now)
        })
        .await
    }

    async fn events(
        &self,
        app: &AppName,
        filter: &EventFilter,
        page: PageRequest<EventNumber>,
    ) -> Result<Page<EventRecord, EventNumber>, LedgerError> {
        repeated(|| self.events_once(app, filter, page)).await
    }

    async fn retry_events(&self, app: &AppName, filter: &EventFilter) -> Result<u64, LedgerError> {
        let (mut count, mut after) = (0, None);
        loop {
            let page = self.events(app, filter, PageRequest { after, limit: STEP }).await?;
            let now = self.now();
            let meant = page.items.iter().filter(|record| rules::retry_event(record, filter, now).is_some());
            for number in meant.map(|record| record.number) {
                let retry = |before: &EventRecord, now| rules::retry_event(before, filter, now);
                count += u64::from(self.change_event(app, number, retry).await?.is_some());
            }
            after = page.next;
            if after.is_none() {
                return Ok(count);
            }
        }
    }

    async fn event_summary(&self, app: &AppName) -> Result<EventSummary, LedgerError> {
        let name = app.as_str();
        let rows = self.readers.read(SUMMARY, &[(&name, Type::TEXT)]).await?;
        let Some(row) = rows.first() else { return Ok(EventSummary::default()) };
        let mut reader = Reader::new(row);
        Ok(EventSummary { pending: reader.count()?, oldest: reader.optional_time()? })
    }

    async fn sweep_events(
        &self,
        app: &AppName,
        retention: EventRetention,
    ) -> Result<EventsSwept, LedgerError> {
        let EventRetention { delivered_before, dead_before, most_pending } = retention;
        let (name, step) = (app.as_str(), STEP as i64);
        let mut has_more = false;
        for (state, before) in [(EventState::Delivered, delivered_before), (EventState::Dead, dead_before)] {
            let (state, before) = (state.as_str(), before.unix_millis());
            let parameters: [Parameter<'_>; 4] =
                [(&name, Type::TEXT), (&state, Type::TEXT), (&before, Type::INT8), (&step, Type::INT8)];
            has_more |= self.change(DROP, &parameters).await? == STEP as u64;
        }
        let most = signed(most_pending);
        let newest = self.readers.read(NEWEST_TOO_MANY, &[(&name, Type::TEXT), (&most, Type::INT8)]).await?;
        let mut swept = EventsSwept { given_up: 0, has_more };
        if let Some(newest) = numbers(&newest)?.first() {
            let parameters: [Parameter<'_>; 3] =
                [(&name, Type::TEXT), (newest, Type::INT8), (&step, Type::INT8)];
            let too_many = numbers(&self.readers.read(WAITING_UP_TO, &parameters).await?)?;
            swept.has_more |= too_many.len() == STEP;
            for number in too_many {
                let give_up = |before: &EventRecord, now| {
                    (before.state == EventState::Pending).then(|| rules::give_up_event(before, now))
                };
                let given_up = self.change_event(app, EventNumber(number), give_up).await?;
                swept.given_up += u64::from(given_up.is_some());
            }
        }
        Ok(swept)
    }
}

impl PostgresLedger {
    async fn events_once(
        &self,
        app: &AppName,
        filter: &EventFilter,
        page: PageRequest<EventNumber>,
    ) -> Result<Page<EventRecord, EventNumber>, Fault> {
        let session = Session::open(&self.readers.0).await?;
        let result = events(&session, app, filter, page).await;
        session.end_read(result).await
    }

    /// Changes one event as the rule says; `None` when it changes nothing, or the event is not there.
    async fn change_event(
        &self,
        app: &AppName,
        number: EventNumber,
        rule: impl Fn(&EventRecord, Timestamp) -> Option<EventRecord> + Send + Sync,
    ) -> Result<Option<EventRecord>, LedgerError> {
        repeated(|| self.change_event_once(app, number, &rule)).await
    }

    async fn change_event_once(
        &self,
        app: &AppName,
        number: EventNumber,
        rule: &(impl Fn(&EventRecord, Timestamp) -> Option<EventRecord> + Send + Sync),
    ) -> Result<Option<EventRecord>, Fault> {
        let session = Session::open(&self.write).await?;
        match change_event(&session, app, number, rule, self.clock.now()).await {
            Ok(Some(changed)) => session.commit().await.map(|()| Some(changed)),
            Ok(None) => {
                session.roll_back(true).await;
                Ok(None)
            }
            Err(fault) => {
                session.roll_back(fault.is_connected).await;
                Err(fault)
            }
        }
    }
}

/// A page of events, newest first. One state of the database is seen, whatever becomes of the events meanwhile.
async fn events(
    session: &Session,
    app: &AppName,
    filter: &EventFilter,
    page: PageRequest<EventNumber>,
) -> Result<Page<EventRecord, EventNumber>, Fault> {
    let look = if filter.kinds.is_empty() { page.limit.saturating_add(1) } else { LONGEST_LOOK };
    let after = page.after.map_or(i64::MAX, |number| number.0);
    let (name, limit) = (app.as_str(), i64::try_from(look).unwrap_or(i64::MAX));
    let walks: Vec<(String, &str)> = match &filter.instance_id {
        Some(id) if !is_storable(id) => Vec::new(),
        Some(id) => vec![(of_instance(), id)],
        None => {
            let is_wanted = |state: &&EventState| filter.states.is_empty() || filter.states.contains(state);
            let states = EventState::ALL.iter().filter(is_wanted);
            states.map(|state| (in_state(), state.as_str())).collect()
        }
    };
    session.begin_snapshot().await?;
    let (mut found, mut looked_to) = (Vec::new(), None);
    for (sql, of) in walks {
        let parameters: [Parameter<'_>; 4] =
            [(&name, Type::TEXT), (&of, Type::TEXT), (&after, Type::INT8), (&limit, Type::INT8)];
        let records = all(&session.query(&sql, &parameters).await?)?;
        if let Some(last) = records.last().filter(|_| records.len() == look) {
            // Behind this place something may be missing.
            looked_to = looked_to.max(Some(last.number));
        }
        found.extend(records.into_iter().filter(|record| filter.matches(record)));
    }
    found.sort_by_key(|record| std::cmp::Reverse(record.number));
    found.retain(|record| looked_to.is_none_or(|to| record.number >= to));
    let Page { items, next } = Page::cut(found, page.limit, |record| record.number);
    Ok(Page { items, next: next.or(looked_to) })
}

async fn change_event(
    session: &Session,
    app: &AppName,
    number: EventNumber,
    rule: &(impl Fn(&EventRecord, Timestamp) -> Option<EventRecord> + Send + Sync),
    now: Timestamp,
) -> Result<Option<EventRecord>, Fault> {
    let (name, now_millis) = (app.as_str(), now.unix_millis());
    let this: [Parameter<'_>; 2] = [(&number.0, Type::INT8), (&name, Type::TEXT)];
    let ((), rows) = tokio::try_join!(biased; session.begin(), session.query(ABOUT, &this))?;
    let Some(row) = rows.first() else { return Ok(None) };
    let instance_id = Reader::new(row).text()?;
    let about: [Parameter<'_>; 3] =
        [(&name, Type::TEXT), (&instance_id, Type::TEXT), (&now_millis, Type::INT8)];
    let (lock, named) = if instance_id == NO_INSTANCE { (LOCK_APP, 1) } else { (LOCK_INSTANCE, 2) };
    session.query(lock, &about[..named]).await?;
    let sql = select("where event_no = $1 and app = $2 for update");
    let rows = session.query(&sql, &this).await?;
    let before = rows.first().map(|row| Reader::new(row).event()).transpose()?;
    let Some(record) = before.and_then(|before| rule(&before, now)) else { return Ok(None) };
    let EventRecord { number, event: _, state, attempts, due_at, tried_until, ended_at, last_error } =
        &record;
    let (state, attempts) = (state.as_str(), i64::from(*attempts));
    let [due_at, ended_at] = [due_at, ended_at].map(|at| at.map(Timestamp::unix_millis));
    let tried_until = tried_until.unix_millis();
    let put: [Parameter<'_>; 7] = [
        (&number.0, Type::INT8),
        (&state, Type::TEXT),
        (&attempts, Type::INT8),
        (&due_at, Type::INT8),
        (&tried_until, Type::INT8),
        (&ended_at, Type::INT8),
        (last_error, Type::TEXT),
    ];
    tokio::try_join!(
        biased;
        session.execute(PUT, &put),
        session.execute(HOLD_BACK, &about[..2]),
        session.execute(MOVE_UP, &about),
    )?;
    Ok(Some(record))
}

fn all(rows: &[Row]) -> Result<Vec<EventRecord>, Fault> {
    rows.iter().map(|row| Reader::new(row).event()).collect()
}

fn numbers(rows: &[Row]) -> Result<Vec<i64>, LedgerError> {
    rows.iter().map(|row| Reader::new(row).number().map_err(LedgerError::from)).collect()
}
