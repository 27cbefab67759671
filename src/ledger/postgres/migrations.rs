//! The steps that bring a database to the present schema, and what a database says of itself.
//!
//! Gateways of two versions may run side by side while they are exchanged: a step first only adds (*expand*), a later
//! version takes away what nobody uses any more (*contract*). Each schema says which is the oldest program that may
//! still work with it.

use tokio_postgres::types::Type;

use super::error::{Fault, classify, is_permission};
use super::session::Session;
use crate::ledger::error::LedgerError;

/// One step.
struct Step {
    /// What it does.
    sql: &'static str,
    /// The oldest program, by the schema that it was made for, that can work with the database afterwards.
    oldest_program: i64,
}

/// The steps, from an empty database on; the number of the last one is the schema's.
const STEPS: [Step; 5] = [
    Step { sql: include_str!("migrations/0001_ledger.sql"), oldest_program: 1 },
    Step { sql: include_str!("migrations/0002_events.sql"), oldest_program: 1 },
    Step { sql: include_str!("migrations/0003_cards.sql"), oldest_program: 1 },
    Step { sql: include_str!("migrations/0004_people.sql"), oldest_program: 1 },
    Step { sql: include_str!("migrations/0005_app_tickets.sql"), oldest_program: 1 },
];

/// The present schema.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// The table in which a database says what it is.
const META: &str = "create table ledger_meta (name text primary key, value text not null); \
     insert into ledger_meta values ('application', 'approval-gateway'), ('schema', '0'), ('oldest_program', '0')";

/// Every table.
pub(super) const TABLES: [&str; 15] = [
    "ledger_meta",
    "import",
    "instance",
    "document",
    "earlier",
    "history",
    "definition",
    "tally",
    "task",
    "action",
    "event",
    "card",
    "app_ticket",
    "lease",
    "replica",
];

/// The lock (`AGWL`) that gateways which start at the same time take one after the other.
const LOCK: i64 = 0x4147_574C;

/// What a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing of a ledger is in it.
    Empty,
    /// A table of that name is, but no ledger.
    Foreign(&'static str),
    /// A ledger.
    Ledger {
        /// Its schema.
        schema: i64,
        /// The oldest program that may work with it.
        oldest_program: i64,
    },
}

/// What a program may do with a ledger of another schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Work with it, after the steps that are missing.
    Usable,
    /// Work with it as it is: it is one ahead, and made so that this program can.
    Ahead,
    /// Leave it alone.
    TooNew,
}

/// Whether this program may use a ledger.
pub(super) fn fit(schema: i64, oldest_program: i64) -> Fit {
    match schema {
        _ if schema <= VERSION => Fit::Usable,
        _ if schema == VERSION + 1 && oldest_program <= VERSION => Fit::Ahead,
        _ => Fit::TooNew,
    }
}

/// Looks what is in the database.
pub(super) async fn standing(session: &Session) -> Result<Standing, Fault> {
    let names = &TABLES[..];
    let sql = "select name from unnest($1) as t(name) where to_regclass(quote_ident(name)) is not null";
    let rows = session.query(sql, &[(&names, Type::TEXT_ARRAY)]).await?;
    let mut present = Vec::new();
    for row in &rows {
        let name: &str = row.try_get(0).map_err(classify)?;
        present.extend(TABLES.into_iter().find(|table| *table == name));
    }
    let Some(first) = present.first() else { return Ok(Standing::Empty) };
    if !present.contains(&"ledger_meta") {
        return Ok(Standing::Foreign(first));
    }
    let sql = "select (select value from ledger_meta where name = 'application'), \
         (select value from ledger_meta where name = 'schema'), \
         (select value from ledger_meta where name = 'oldest_program')";
    let rows = match session.query(sql, &[]).await {
        // A table of somebody else, with other columns.
        Err(fault) if matches!(fault.error, LedgerError::Failed(_)) && !is_permission(&fault) => {
            return Ok(Standing::Foreign("ledger_meta"));
        }
        rows => rows?,
    };
    let value = |column: usize| -> Option<String> { rows.first()?.try_get(column).ok()? };
    let number = |column: usize| value(column).and_then(|text| text.parse().ok());
    match (value(0).as_deref(), number(1), number(2)) {
        (Some("approval-gateway"), Some(schema), Some(oldest_program)) => {
            Ok(Standing::Ledger { schema, oldest_program })
        }
        _ => Ok(Standing::Foreign("ledger_meta")),
    }
}

/// Waits for other gateways that start; the lock goes with the transaction.
pub(super) async fn lock(session: &mut Session) -> Result<(), Fault> {
    session.wait_without_end().await?;
    session.execute_all("set local lock_timeout = '60s'").await?;
    session.query("select pg_advisory_xact_lock($1)", &[(&LOCK, Type::INT8)]).await.map(drop)?;
    session.execute_all("set local lock_timeout = '10s'").await
}

/// Takes the steps that are missing, inside the transaction that holds the lock.
pub(super) async fn migrate(session: &Session, standing: Standing) -> Result<(), Fault> {
    let done = match standing {
        Standing::Ledger { schema, .. } => schema,
        Standing::Empty => {
            session.execute_all(META).await?;
            0
        }
        Standing::Foreign(_) => return Ok(()),
    };
    for (number, step) in (1..).zip(&STEPS) {
        if number <= done {
            continue;
        }
        session.execute_all(step.sql).await?;
        let marks = format!(
            "update ledger_meta set value = '{number}' where name = 'schema'; \
             update ledger_meta set value = '{}' where name = 'oldest_program'",
            step.oldest_program
        );
        session.execute_all(&marks).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(VERSION, 1 => Fit::Usable; "its own")]
    #[test_case(0, 0 => Fit::Usable; "an older one")]
    #[test_case(VERSION + 1, VERSION => Fit::Ahead; "one ahead that was made so that it fits")]
    #[test_case(VERSION + 1, VERSION + 1 => Fit::TooNew; "one ahead that does not fit any more")]
    #[test_case(VERSION + 2, VERSION => Fit::TooNew; "two ahead, whatever it says")]
    fn a_schema_is(schema: i64, oldest_program: i64) -> Fit {
        fit(schema, oldest_program)
    }
}
