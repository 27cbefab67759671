//! Remembers the time of day in the database, so that a clock which was set back while nothing ran is noticed at the start.

use rusqlite::{Connection, OptionalExtension as _};

use super::transaction::Transaction;
use crate::domain::Timestamp;
use crate::support::clock::Clock;

/// The time is noted with a commit when the last note is this old, milliseconds: a page more for each would be too much.
const NOTED_EVERY: i64 = 60_000;

/// Steps that are smaller make nobody wait for long.
const SMALLEST_MILLIS: i64 = 1_000;

const NOTE: &str = "insert into meta values ('time_seen', ?1) on conflict do update set value = ?1";

/// The time that was noted last.
#[derive(Debug)]
pub(super) struct TimeSeen(i64);

/// Brings what waits nearer if the clock stands before the time that was noted, as when it is set back while the store is open.
pub(super) fn catch_up(connection: &Connection, clock: &Clock) -> rusqlite::Result<TimeSeen> {
    let now = Timestamp::of_clock(clock.unix_millis());
    let select = "select value from meta where name = 'time_seen'";
    let seen = connection.query_row(select, [], |row| row.get::<_, i64>(0)).optional()?;
    let step = seen.map_or(0, |seen| seen.saturating_sub(now.unix_millis()));
    if step < SMALLEST_MILLIS {
        return Ok(TimeSeen(seen.unwrap_or(0)));
    }
    let transaction = connection.unchecked_transaction()?;
    Transaction { connection: &transaction, now }.bring_nearer(step)?;
    transaction.execute(NOTE, [now.unix_millis()])?;
    transaction.commit()?;
    tracing::warn!(
        seconds = step / 1_000,
        "the clock was set back since the ledger was last written: what waits was brought nearer"
    );
    Ok(TimeSeen(now.unix_millis()))
}

impl TimeSeen {
    /// Notes the time in the transaction that is open, now and then.
    pub(super) fn note(&mut self, connection: &Connection, now: i64) -> rusqlite::Result<()> {
        if now.saturating_sub(self.0).abs() >= NOTED_EVERY {
            connection.prepare_cached(NOTE)?.execute([now])?;
            self.0 = now;
        }
        Ok(())
    }
}
