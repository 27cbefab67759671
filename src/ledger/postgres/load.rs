//! Loads and locks the instances that a transaction is going to change.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::cards;
use super::columns::{Column, Reader};
use super::epochs;
use super::error::Fault;
use super::imports;
use super::session::{Parameter, Session};
use super::tasks;
use crate::domain::AppName;
use crate::ledger::acceptance::Kept;
use crate::ledger::body::Body;
use crate::ledger::card::CardRecord;
use crate::ledger::columns::{ColumnReader as _, unreadable};
use crate::ledger::import::{ImportId, ImportRecord};
use crate::ledger::lease::Epoch;
use crate::ledger::record::{DeliveryRecord, InstanceKey};
use crate::ledger::rows::COLUMNS;
use crate::ledger::task::StoredTask;

/// A record with its number in the database.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// The number.
    pub(super) number: i64,
    /// The record.
    pub(super) record: DeliveryRecord,
}

impl Stored {
    /// Reads number, instance id and record, in this order.
    pub(super) fn read(row: &Row, app: &AppName) -> Result<Self, Fault> {
        let mut reader = Reader::new(row);
        let (number, key) = (reader.number()?, InstanceKey::new(app.clone(), reader.text()?));
        Ok(Self { number, record: reader.record(key)? })
    }
}

/// `select` of what [`Stored::read`] reads, with what follows `from instance`.
pub(super) fn select(conditions: &str) -> String {
    format!("select instance_no, instance_id, {} from instance {conditions}", COLUMNS.join(", "))
}

/// What a command needs to decide.
#[derive(Debug, Clone, Default)]
pub(super) struct Loaded {
    /// The instance, locked until the transaction ends; `None` when there is none.
    pub(super) stored: Option<Stored>,
    /// Its document, where it was asked for.
    pub(super) body: Option<Body>,
    /// What an import took the place of, where it was asked for.
    pub(super) earlier: Option<Kept>,
    /// The import that the command is about, locked too.
    pub(super) import: Option<ImportRecord>,
    /// The epoch of the app's lease, where it was asked for; nobody takes the lease until the transaction ends.
    pub(super) epoch: Epoch,
    /// The tasks that are known, where they were asked for.
    pub(super) tasks: Vec<StoredTask>,
    /// The cards that have not ended, where they were asked for.
    pub(super) cards: Vec<CardRecord>,
}

/// What is to be loaded for one command.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// The instance.
    pub(super) key: InstanceKey,
    /// Whether its document is needed.
    pub(super) body: bool,
    /// Whether what an import took the place of is needed.
    pub(super) earlier: bool,
    /// The import whose state and counts are needed.
    pub(super) import: Option<ImportId>,
    /// Whether the epoch of the app's lease is needed.
    pub(super) epoch: bool,
    /// Whether the tasks that are known are needed.
    pub(super) tasks: bool,
    /// Whether the cards that have not ended are needed.
    pub(super) cards: bool,
}

/// The instances by their keys, locked in the order of the keys: two transactions cannot wait for each other.
pub(super) static LOCK: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select i.app, i.instance_no, i.instance_id, {} from unnest($1, $2) as k(app, instance_id) \
         join instance as i on i.app = k.app and i.instance_id = k.instance_id \
         order by i.app, i.instance_id for update of i",
        prefixed("i")
    )
});

/// Documents by the keys of their instances. A statement of its own: one that has waited for a lock sees the newest row
/// of what it locks, but old ones of everything that it joins.
pub(super) static BODIES: &str = "select i.app, i.instance_id, d.format, d.body from unnest($1, $2) as k(app, instance_id) \
     join instance as i on i.app = k.app and i.instance_id = k.instance_id join document as d using (instance_no)";

/// What imports took the place of, by the keys of their instances.
static EARLIER: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select i.app, i.instance_id, e.format, e.body, {} from unnest($1, $2) as k(app, instance_id) \
         join instance as i on i.app = k.app and i.instance_id = k.instance_id join earlier as e using (instance_no)",
        prefixed("e")
    )
});

fn prefixed(table: &str) -> String {
    COLUMNS.map(|column| format!("{table}.{column}")).join(", ")
}

/// Keys as two parameters.
struct Keys<'a> {
    columns: [Column<'a>; 2],
    count: usize,
}

impl<'a> Keys<'a> {
    fn of(wanted: impl Iterator<Item = &'a Wanted> + Clone) -> Self {
        let apps = wanted.clone().map(|wanted| Some(wanted.key.app.as_str()));
        let ids = wanted.clone().map(|wanted| Some(wanted.key.instance_id.as_str()));
        Self { columns: [Column::Text(apps.collect()), Column::Text(ids.collect())], count: wanted.count() }
    }

    fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn parameters(&self) -> [Parameter<'_>; 2] {
        self.columns.each_ref().map(Column::parameter)
    }
}

/// Loads everything for commands about different instances, in their order. `begin` is sent before, in one go.
pub(super) async fn load(session: &Session, wanted: &[Wanted], begin: bool) -> Result<Vec<Loaded>, Fault> {
    let keys = Keys::of(wanted.iter());
    let body_keys = Keys::of(wanted.iter().filter(|wanted| wanted.body));
    let earlier_keys = Keys::of(wanted.iter().filter(|wanted| wanted.earlier));
    let task_keys = Keys::of(wanted.iter().filter(|wanted| wanted.tasks));
    let card_keys = Keys::of(wanted.iter().filter(|wanted| wanted.cards));
    let mut imports: Vec<i64> =
        wanted.iter().filter_map(|wanted| wanted.import).map(|import| import.0).collect();
    imports.sort_unstable();
    imports.dedup();
    let apps: BTreeSet<&str> =
        wanted.iter().filter(|wanted| wanted.epoch).map(|wanted| wanted.key.app.as_str()).collect();
    let apps: Vec<&str> = apps.into_iter().collect();
    // All of it is on the way before the first answer comes.
    let ((), epochs, rows, bodies, earlier, tasks, cards, imports) = tokio::try_join!(
        biased;
        begin_if(session, begin),
        epochs::hold(session, &apps),
        of_keys(session, &LOCK, &keys),
        of_keys(session, BODIES, &body_keys),
        of_keys(session, &EARLIER, &earlier_keys),
        of_keys(session, tasks::OF_INSTANCES, &task_keys),
        of_keys(session, &cards::OF_INSTANCES, &card_keys),
        lock_imports(session, &imports),
    )?;
    let mut found: HashMap<InstanceKey, Loaded> = HashMap::with_capacity(wanted.len());
    for row in &rows {
        let mut reader = Reader::new(row);
        let (app, number) = (reader.app()?, reader.number()?);
        let key = InstanceKey::new(app, reader.text()?);
        let record = reader.record(key.clone())?;
        found.entry(key).or_default().stored = Some(Stored { number, record });
    }
    for row in &bodies {
        let mut reader = Reader::new(row);
        let key = reader.key()?;
        found.entry(key).or_default().body = Some(body(&mut reader)?);
    }
    for row in &earlier {
        let mut reader = Reader::new(row);
        let key = reader.key()?;
        let body = body(&mut reader)?;
        let record = reader.record(key.clone())?;
        found.entry(key).or_default().earlier = Some(Kept { record, body });
    }
    for (key, tasks) in tasks::by_instance(&tasks)? {
        found.entry(key).or_default().tasks = tasks;
    }
    for (key, cards) in cards::by_instance(&cards)? {
        found.entry(key).or_default().cards = cards;
    }
    let mut of_apps = Vec::with_capacity(imports.len());
    for row in &imports {
        of_apps.push(imports::of_app(row)?);
    }
    Ok(wanted
        .iter()
        .map(|wanted| {
            let mut loaded = found.remove(&wanted.key).unwrap_or_default();
            loaded.epoch = epochs.get(wanted.key.app.as_str()).copied().unwrap_or_default();
            loaded.import = of_apps
                .iter()
                .find(|(app, import)| *app == wanted.key.app && Some(import.id) == wanted.import)
                .map(|(_, import)| import.clone());
            loaded
        })
        .collect())
}

async fn begin_if(session: &Session, begin: bool) -> Result<(), Fault> {
    if begin { session.begin().await } else { Ok(()) }
}

async fn of_keys(session: &Session, sql: &str, keys: &Keys<'_>) -> Result<Vec<Row>, Fault> {
    if keys.is_empty() { Ok(Vec::new()) } else { session.query(sql, &keys.parameters()).await }
}

async fn lock_imports(session: &Session, numbers: &[i64]) -> Result<Vec<Row>, Fault> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    session.query(&imports::LOCK, &[(&numbers, Type::INT8_ARRAY)]).await
}

/// Reads format and bytes of a document.
pub(super) fn body(reader: &mut Reader<'_>) -> Result<Body, Fault> {
    let format = reader.value::<i16>()?;
    let format = u8::try_from(format).map_err(|_| unreadable("document"))?;
    Ok(Body::stored(format, reader.value::<&[u8]>()?.to_vec()))
}
