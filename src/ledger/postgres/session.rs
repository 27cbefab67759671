//! One transaction on one connection, without anything that outlives it: it may go through a transaction pooler.

use std::time::Duration;

use deadpool_postgres::{Object, Pool};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::error::{Fault, classify, classify_commit, late, no_connection, unknown};
use crate::ledger::error::Cause;

/// Begins a transaction that nobody can hold open: a stopped gateway must not block the others.
///
/// A statement that waits for a row gives up after three seconds, and a session that falls silent is ended after five.
const BEGIN: &str = "begin isolation level read committed read write; set local lock_timeout = '3s'; \
     set local statement_timeout = '10s'; set local idle_in_transaction_session_timeout = '5s'";

/// Begins a transaction that reads one state of the database.
const BEGIN_SNAPSHOT: &str = "begin isolation level repeatable read read only; \
     set local statement_timeout = '10s'; set local idle_in_transaction_session_timeout = '5s'";

/// Longest that one statement, and a commit, may take on this side: the server or the way to it is gone then.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(12);

/// Bounds that are for statements of the daily work are not for those over all rows.
const WITHOUT_END: &str =
    "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0";

/// Longest that one statement over all rows may take.
const LONGEST_WORK: Duration = Duration::from_secs(24 * 60 * 60);

/// A parameter with the type that it is sent as.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// A connection in use. When it is dropped inside a transaction, it is closed, and the server rolls back.
pub(super) struct Session {
    connection: Option<Object>,
    is_clean: bool,
    /// Longest that one statement may take on this side.
    answer_limit: Duration,
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.is_clean
            && let Some(connection) = self.connection.take()
        {
            drop(Object::take(connection));
        }
    }
}

impl Session {
    /// Takes a connection out of the pool.
    pub(super) async fn open(pool: &Pool) -> Result<Self, Fault> {
        let connection = pool.get().await.map_err(no_connection)?;
        Ok(Self { connection: Some(connection), is_clean: false, answer_limit: ANSWER_TIMEOUT })
    }

    /// Begins a transaction; what is sent meanwhile comes behind it.
    pub(super) async fn begin(&self) -> Result<(), Fault> {
        self.execute_all(BEGIN).await
    }

    /// Begins a transaction that sees one state and changes nothing.
    pub(super) async fn begin_snapshot(&self) -> Result<(), Fault> {
        self.execute_all(BEGIN_SNAPSHOT).await
    }

    /// Executes statements without parameters.
    pub(super) async fn execute_all(&self, sql: &str) -> Result<(), Fault> {
        self.in_time(self.client()?.batch_execute(sql)).await
    }

    /// Executes a statement; gives the number of rows that it changed.
    pub(super) async fn execute(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<u64, Fault> {
        self.in_time(self.client()?.execute_typed(sql, parameters)).await
    }

    /// Executes a statement and gives its rows.
    pub(super) async fn query(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Fault> {
        self.in_time(self.client()?.query_typed(sql, parameters)).await
    }

    /// Commits. An error that is not the server's clear refusal leaves open whether it did.
    pub(super) async fn commit(mut self) -> Result<(), Fault> {
        match tokio::time::timeout(self.answer_limit, self.client()?.batch_execute("commit")).await {
            Ok(Ok(())) => {
                self.is_clean = true;
                Ok(())
            }
            Ok(Err(error)) => Err(classify_commit(error)),
            Err(_) => Err(unknown(Cause::new("the database does not answer a commit in time"))),
        }
    }

    /// Ends a transaction that failed or only read; the connection is kept where it works.
    pub(super) async fn roll_back(mut self, is_connected: bool) {
        if is_connected && self.execute_all("rollback").await.is_ok() {
            self.is_clean = true;
        }
    }

    /// Ends a transaction that only read, and gives what came of it.
    pub(super) async fn end_read<T>(self, result: Result<T, Fault>) -> Result<T, Fault> {
        let is_connected = result.as_ref().err().is_none_or(|fault| fault.is_connected);
        self.roll_back(is_connected).await;
        result
    }

    /// Gives the connection back, outside any transaction.
    pub(super) fn give_back(mut self) {
        self.is_clean = true;
    }

    /// Lets statements of this transaction take as long as they need: all of a large ledger, for one.
    pub(super) async fn wait_without_end(&mut self) -> Result<(), Fault> {
        self.execute_all(WITHOUT_END).await?;
        self.answer_limit = LONGEST_WORK;
        Ok(())
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Fault> {
        match tokio::time::timeout(self.answer_limit, work).await {
            Ok(result) => result.map_err(classify),
            Err(_) => Err(late()),
        }
    }

    fn client(&self) -> Result<&Object, Fault> {
        self.connection.as_ref().ok_or_else(late)
    }
}
