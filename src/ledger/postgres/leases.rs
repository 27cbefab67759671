//! The leases, by the time of the server: one statement each.

use std::time::Duration;

use async_trait::async_trait;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::PostgresLedger;
use super::columns::{Reader, unreadable};
use super::epochs::NOW;
use super::error::Fault;
use super::session::Parameter;
use crate::domain::AppName;
use crate::ledger::error::{Cause, LedgerError};
use crate::ledger::lease::{Epoch, HolderNote, LEASE_TIME, Lease, Leases, ReplicaId};

/// Milliseconds of an interval, none when it is negative.
const LEFT: &str = "greatest(0, extract(epoch from expires_at - clock_timestamp()) * 1000)::bigint";
const NOTE_AGE: &str = "greatest(0, extract(epoch from clock_timestamp() - noted_at) * 1000)::bigint";

/// Waits for those, where the lease is another's. Renewing waits for nobody.
const WAIT_FOR_WRITERS: &str = "select 1 from lease where app = $1 and holder is distinct from $2 for update";

/// Takes or renews a lease, as [`Leases::acquire`] says; the time is asked once.
fn acquire() -> String {
    format!(
        "insert into lease as l (app, holder, epoch, expires_at, note, noted_at) \
         values ($1, $2, 1, clock_timestamp() + $4 * interval '1 millisecond', '{{}}', clock_timestamp()) \
         on conflict (app) do update set (holder, epoch, expires_at, note, noted_at) = (select \
         case when is_mine or is_free then $2 else l.holder end, \
         case when is_free and not is_mine then l.epoch + 1 else l.epoch end, \
         case when is_mine or is_free then now + $4 * interval '1 millisecond' else l.expires_at end, \
         case when is_mine then $3 else l.note end, \
         case when is_mine then now else l.noted_at end \
         from (select now, l.holder is not distinct from $2 as is_mine, \
         l.holder is null or l.expires_at <= now as is_free \
         from (select clock_timestamp() as now offset 0) as t offset 0) as s) \
         returning holder, epoch, {LEFT}, note, {NOTE_AGE}"
    )
}

const RELEASE: &str = "update lease set holder = null, expires_at = clock_timestamp(), note = $3, \
     noted_at = clock_timestamp() where app = $1 and holder = $2";

/// Notes that a replica is alive, forgets those that are not heard of, and counts the others.
fn heartbeat() -> String {
    format!(
        "with beat as (insert into replica (name, seen_at) values ($1, clock_timestamp()) \
         on conflict (name) do update set seen_at = clock_timestamp()), \
         gone as (delete from replica where name in (select name from replica where name <> $1 \
         and seen_at <= clock_timestamp() - $2 * interval '1 millisecond' for update skip locked)) \
         select count(*) + 1, {NOW} from replica where name <> $1 \
         and seen_at > clock_timestamp() - $2 * interval '1 millisecond'"
    )
}

#[async_trait]
impl Leases for PostgresLedger {
    async fn lease(&self, app: &AppName) -> Result<Lease, LedgerError> {
        let sql = format!("select holder, epoch, {LEFT}, note, {NOTE_AGE} from lease where app = $1");
        let rows = self.readers.read(&sql, &[(&app.as_str(), Type::TEXT)]).await?;
        rows.first().map_or_else(|| Ok(Lease::default()), |row| lease(row).map_err(|fault| fault.error))
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
        let rows = self.write_all(&[(WAIT_FOR_WRITERS, &parameters[..2]), (&acquire(), &parameters)]).await?;
        let row = rows.first().ok_or(LedgerError::Unreadable { what: "lease" })?;
        lease(row).map_err(|fault| fault.error)
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
        let mut read = || Ok((reader.count()?, reader.value()?));
        let (alive, now) = read().map_err(|fault: Fault| fault.error)?;
        self.clock.measured(started, now);
        Ok(u32::try_from(alive).unwrap_or(u32::MAX))
    }

    async fn leave(&self, replica: &ReplicaId) -> Result<(), LedgerError> {
        let name = replica.as_str();
        self.change("delete from replica where name = $1", &[(&name, Type::TEXT)]).await.map(drop)
    }
}

fn json(note: &HolderNote) -> Result<String, LedgerError> {
    serde_json::to_string(note).map_err(|error| LedgerError::Failed(Cause::new(error)))
}

fn lease(row: &Row) -> Result<Lease, Fault> {
    let mut reader = Reader::new(row);
    let holder: Option<String> = reader.value()?;
    let (epoch, left) = (Epoch(reader.value()?), Duration::from_millis(reader.count()?));
    let note: &str = reader.value()?;
    Ok(Lease {
        holder: holder.map(ReplicaId::new),
        epoch,
        left,
        note: serde_json::from_str(note).map_err(|_| unreadable("note"))?,
        note_age: Duration::from_millis(reader.count()?),
    })
}
