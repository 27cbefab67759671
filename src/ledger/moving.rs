//! Carries a ledger from SQLite to PostgreSQL and back: everything that it knows, some rows at a time.
//!
//! What is in the new place is checked before it is pushed, as after a restore.

use std::path::{Path, PathBuf};

use super::postgres::{self, Place, PostgresSettings};
use super::rows::{Moved, tables};
use super::sqlite;
use crate::domain::Timestamp;

/// Why a ledger was not moved; the old place is as it was, and nothing is in the new one.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// A SQLite database cannot be used.
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    /// A PostgreSQL database cannot be used.
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
    /// Something is in the new place.
    #[error("{path} exists already: nothing is ever written over")]
    Exists {
        /// The new place.
        path: PathBuf,
    },
    /// Something is in the new place.
    #[error(
        "the database {place} is not empty, or a gateway works with it: move into an empty one that nobody uses"
    )]
    NotEmpty {
        /// The new place.
        place: Place,
    },
    /// Somebody works with the old place.
    #[error("a gateway works with the database {place}, or did a moment ago: stop every gateway first")]
    InUse {
        /// The old place.
        place: Place,
    },
}

/// Moves a ledger from a file into an empty database. The file stays.
///
/// # Errors
/// Says why it was not moved.
pub async fn move_to_postgres(
    from: &Path,
    to: &PostgresSettings,
    now: Timestamp,
) -> Result<Moved, MoveError> {
    let reader = sqlite::RowReader::open(from)?;
    let place = Place::of(&to.connection);
    let writer = postgres::RowWriter::open(to).await?.ok_or(MoveError::NotEmpty { place })?;
    let mut moved = Moved::default();
    for table in tables() {
        let mut rows = reader.page(&table, None)?;
        while let Some(last) = rows.last() {
            let after = last[..table.key].to_vec();
            writer.add(&table, &rows).await?;
            moved.count(&table, rows.len());
            rows = reader.page(&table, Some(&after))?;
        }
    }
    writer.finish(reader.last_import()?, now).await?;
    Ok(moved)
}

/// Moves a ledger from a database into a new file. The database stays.
///
/// # Errors
/// Says why it was not moved.
pub async fn move_to_sqlite(from: &PostgresSettings, to: &Path, now: Timestamp) -> Result<Moved, MoveError> {
    let place = Place::of(&from.connection);
    let reader = postgres::RowReader::open(from).await?.ok_or(MoveError::InUse { place })?;
    let writer = sqlite::RowWriter::create(to)?.ok_or_else(|| MoveError::Exists { path: to.to_owned() })?;
    let mut moved = Moved::default();
    for table in tables() {
        let mut rows = reader.page(&table, None).await?;
        while let Some(last) = rows.last() {
            let after = last[..table.key].to_vec();
            writer.add(&table, &rows)?;
            moved.count(&table, rows.len());
            rows = reader.page(&table, Some(&after)).await?;
        }
    }
    writer.finish(reader.last_import().await?, now)?;
    reader.close().await;
    Ok(moved)
}
