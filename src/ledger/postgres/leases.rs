//! The leases, by the time of the server: one transaction each.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::PostgresLedger;
use super::columns::Reader;
use super::epochs::NOW;
use super::error::{Fault, classify};
use super::session::{Parameter, Session};
use crate::domain::AppName;
use crate::ledger::columns::{ColumnReader as _, unreadable};
use crate::ledger::error::{Cause, LedgerError};
use crate::ledger::lease::{Epoch, HolderNote, LEASE_TIME, Lease, Leases, ReplicaId};

/// Milliseconds of an interval, none when it is negative.
const LEFT: &str = "greatest(0, extract(epoch from expires_at - clock_timestamp()) * 1000)::bigint";
const NOTE_AGE: &str = "greatest(0, extract(epoch from clock_timestamp() - noted_at) * 1000)::bigint";

/// What [`lease`] reads.
fn columns() -> String {
    format!("holder, epoch, {LEFT}, note, {NOTE_AGE}")
}

/// Waits for all who write under the lease, where it is another's; renewing waits for nobody. Says by how many milliseconds
/// the clock was set back since the holder was heard of.
const WAIT_FOR_WRITERS: &str = "select greatest(0, extract(epoch from noted_at - clock_timestamp()) * 1000)::bigint \
     from lease where app = $1 and holder is distinct from $2 for update";

/// Takes or renews a lease, as [`Leases::acquire`] says; the time is asked once. One that ends later than any may was written
/// before the clock was set back.
fn acquire() -> String {
    format!(
        "insert into lease as l (app, holder, epoch, expires_at, note, noted_at) \
         values ($1, $2, 1, clock_timestamp() + $4 * interval '1 millisecond', '{{}}', clock_timestamp()) \
         on conflict (app) do update set (holder, epoch, expires_at, note, noted_at) = (select \
         case when is_mine or is_free then $2 else l.holder end, \
         case when is_free and not is_mine then l.epoch + 1 else l.epoch end, \
         case when is_mine or is_free then now + $4 * interval '1 millisecond' \
         else least(l.expires_at, now + $4 * interval '1 millisecond') end, \
         case when is_mine then $3 else l.note end, \
         case when is_mine then now else l.noted_at end \
         from (select now, l.holder is not distinct from $2 as is_mine, \
         l.holder is null or l.expires_at <= now as is_free \
         from (select clock_timestamp() as now offset 0) as t offset 0) as s) \
         returning {}",
        columns()
    )
}

const RELEASE: &str = "update lease set holder = null, expires_at = clock_timestamp(), note = $3, \
     noted_at = clock_timestamp() where app = $1 and holder = $2";

/// Whether a replica was heard of within so many milliseconds. If that lies ahead, it was before the clock was set back.
pub(super) fn is_alive(millis: &str) -> String {
    format!("abs(extract(epoch from clock_timestamp() - seen_at)) * 1000 < {millis}")
}

/// Notes that a replica is alive, forgets those that are not heard of, and counts the others.
fn heartbeat() -> String {
    let is_alive = is_alive("$2");
    format!(
        "with beat as (insert into replica (name, seen_at) values ($1, clock_timestamp()) \
         on conflict (name) do update set seen_at = clock_timestamp()), \
         gone as (delete from replica where name in (select name from replica where name <> $1 \
         and not {is_alive} for update skip locked)) \
         select count(*) + 1, {NOW} from replica where name <> $1 and {is_alive}"
    )
}

#[async_trait]
impl Leases for PostgresLedger {
    async fn lease(&self, app: &AppName) -> Result<Lease, LedgerError> {
        let sql = format!("select {} from lease where app = $1", columns());
        let rows = self.readers.read(&sql, &[(&app.as_str(), Type::TEXT)]).await?;
        rows.first().map_or_else(|| Ok(Lease::default()), |row| lease(row).map_err(LedgerError::from))
    }

    async fn acquire(
        &self,
        app: &AppName,
        replica: &ReplicaId,
        note: &HolderNote,
    ) -> Result<Lease, LedgerError> {
        let (note, lasts) = (json(note)?, LEASE_TIME.as_millis() as f64);
        let (name, holder) = (app.as_str(), replica.as_str());
        let parameters: [Parameter<'_>; 4] =
            [(&name, Type::TEXT), (&holder, Type::TEXT), (&note, Type::TEXT), (&lasts, Type::FLOAT8)];
        let statements = [(WAIT_FOR_WRITERS, &parameters[..2]), (&acquire(), &parameters[..])];
        let rows = self.write_each(&statements).await?;
        let row = rows.last().and_then(|rows| rows.first());
        let lease = lease(row.ok_or_else(|| unreadable("lease"))?)?;
        let before = rows.first().and_then(|rows| rows.first()).filter(|_| lease.is_held_by(replica));
        if let Some(before) = before {
            // Whoever had it has seen to the app's rows as long as it was heard of.
            let step = Reader::new(before).number()?;
            self.clock.still_to_follow(app, step);
        }
        Ok(lease)
    }

    async fn release(
        &self,
        app: &AppName,
        replica: &ReplicaId,
        note: &HolderNote,
    ) -> Result<(), LedgerError> {
        let note = json(note)?;
        let (name, holder) = (app.as_str(), replica.as_str());
        let parameters: [Parameter<'_>; 3] =
            [(&name, Type::TEXT), (&holder, Type::TEXT), (&note, Type::TEXT)];
        self.change(RELEASE, &parameters).await.map(drop)
    }

    async fn heartbeat(&self, replica: &ReplicaId) -> Result<u32, LedgerError> {
        let (name, lasts) = (replica.as_str(), LEASE_TIME.as_millis() as f64);
        let parameters: [Parameter<'_>; 2] = [(&name, Type::TEXT), (&lasts, Type::FLOAT8)];
        let started = self.clock.start();
        let rows = self.write_all(&[(&heartbeat(), &parameters)]).await?;
        let row = rows.first().ok_or(LedgerError::Unreadable { what: "count" })?;
        let mut reader = Reader::new(row);
        let (alive, now) = (reader.count()?, reader.number()?);
        self.clock.measured(started, now);
        Ok(u32::try_from(alive).unwrap_or(u32::MAX))
    }

    async fn leave(&self, replica: &ReplicaId) -> Result<(), LedgerError> {
        let name = replica.as_str();
        self.change("delete from replica where name = $1", &[(&name, Type::TEXT)]).await.map(drop)
    }
}

/// How many replicas were heard of within [`LEASE_TIME`], and all leases by their apps.
pub(super) async fn all(session: &Session) -> Result<(u64, BTreeMap<String, Lease>), Fault> {
    let lasts = LEASE_TIME.as_millis() as f64;
    let alive = format!("select count(*) from replica where {}", is_alive("$1"));
    let rows = session.query(&alive, &[(&lasts, Type::FLOAT8)]).await?;
    let replicas = rows.first().map_or(Ok(0), |row| Reader::new(row).count())?;
    let rows = session.query(&format!("select {}, app from lease", columns()), &[]).await?;
    let of_app = |row: &Row| Ok((row.try_get("app").map_err(classify)?, lease(row)?));
    Ok((replicas, rows.iter().map(of_app).collect::<Result<_, Fault>>()?))
}

fn json(note: &HolderNote) -> Result<String, LedgerError> {
    serde_json::to_string(note).map_err(|error| LedgerError::Failed(Cause::new(error)))
}

fn lease(row: &Row) -> Result<Lease, Fault> {
    let mut reader = Reader::new(row);
    let holder = reader.optional_text()?;
    let (epoch, left) = (Epoch(reader.number()?), Duration::from_millis(reader.count()?));
    let note = reader.text()?;
    Ok(Lease {
        holder: holder.map(ReplicaId::new),
        epoch,
        left,
        note: serde_json::from_str(&note).map_err(|_| unreadable("note"))?,
        note_age: Duration::from_millis(reader.count()?),
    })
}
