//! Connections that read, each for one page at a time: what a reader still needs stays in the write-ahead log.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::error::classify;
use super::open;
use crate::ledger::error::{Cause, LedgerError};

/// Connections that read at once.
const CONNECTIONS: usize = 4;

/// A few connections that read, opened when they are first needed. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Readers {
    path: Arc<PathBuf>,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    /// Readers of the database at this path.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path: Arc::new(path), permits: Arc::new(Semaphore::new(CONNECTIONS)), idle: Arc::default() }
    }

    /// Reads with one of the connections, on a thread that may block.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| LedgerError::Closed)?;
        let readers = self.clone();
        let read = tokio::task::spawn_blocking(move || {
            let connection = match readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
                Some(connection) => connection,
                None => open::read_only(&readers.path).map_err(classify)?,
            };
            // Every statement sees the same state.
            connection.execute_batch("begin").map_err(classify)?;
            let result = work(&connection);
            if connection.execute_batch("commit").is_ok() {
                readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            }
            drop(permit);
            result
        });
        read.await.unwrap_or_else(|error| Err(LedgerError::Failed(Cause::new(error))))
    }

    /// Closes the connections; whoever reads after this is told.
    pub(super) async fn close(&self) {
        // Waits for those that still read.
        let permits = self.permits.acquire_many(CONNECTIONS as u32).await;
        self.permits.close();
        drop(permits);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
