//! What is done for the database's files while nothing is asked of them.

use std::time::Duration;

use rusqlite::Connection;

use super::open::BUSY_TIMEOUT;

/// Nothing is tidied before the database has rested for so long.
pub(super) const REST: Duration = Duration::from_secs(1);

/// Free pages (1 MiB) that are worth giving back to the disk. Fewer are soon used again.
const FREE_PAGES: i64 = 128;

/// Pages (4 MiB) that are given back in one step, so that nobody waits long behind it.
const STEP_PAGES: i64 = 512;

/// How far the tidying has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tidied {
    /// There is nothing more to do.
    Done,
    /// One step; the next may follow at once.
    Step,
    /// Somebody reads what would be tidied.
    Busy,
}

/// Gives pages back that nothing is on any more, and brings all of the write-ahead log into the database.
///
/// The log keeps its length and is written from its beginning again: a file that grows takes longer to sync, because the file
/// system has to note its length, too.
pub(super) fn tidy(connection: &Connection) -> rusqlite::Result<Tidied> {
    let free: i64 = connection.query_row("pragma freelist_count", [], |row| row.get(0))?;
    if free >= FREE_PAGES {
        let mut vacuum = connection.prepare(&format!("pragma incremental_vacuum({STEP_PAGES})"))?;
        let mut rows = vacuum.query([])?;
        // It goes on for as long as it is asked.
        while rows.next()?.is_some() {}
        return Ok(Tidied::Step);
    }
    // Readers are not waited for: commands may come meanwhile.
    connection.busy_timeout(Duration::ZERO)?;
    let is_busy = connection.query_row("pragma wal_checkpoint(restart)", [], |row| row.get::<_, bool>(0));
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(if is_busy? { Tidied::Busy } else { Tidied::Done })
}
