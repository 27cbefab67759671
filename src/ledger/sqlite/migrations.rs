//! The steps that bring a database to the present schema.

use rusqlite::Connection;

/// Marks the database as this program's (`AGWL`).
pub(super) const APPLICATION_ID: i64 = 0x4147_574C;

/// The steps, from an empty database on; the number of the last one is the schema's.
const STEPS: [&str; 6] = [
    include_str!("migrations/0001_ledger.sql"),
    include_str!("migrations/0002_actions.sql"),
    include_str!("migrations/0003_events.sql"),
    include_str!("migrations/0004_cards.sql"),
    include_str!("migrations/0005_people.sql"),
    include_str!("migrations/0006_app_tickets.sql"),
];

/// The present schema.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// Takes the steps that are missing, each in one transaction.
pub(super) fn migrate(connection: &Connection) -> rusqlite::Result<()> {
    let version =
        |connection: &Connection| connection.query_row("pragma user_version", [], |row| row.get::<_, i64>(0));
    let done = version(connection)?;
    for (number, step) in (1..).zip(STEPS) {
        if number <= done {
            continue;
        }
        let marks = format!("pragma application_id = {APPLICATION_ID}; pragma user_version = {number};");
        let result = connection.execute_batch(&format!("begin exclusive; {step} {marks} commit;"));
        if result.is_err() && !connection.is_autocommit() {
            connection.execute_batch("rollback")?;
        }
        result?;
    }
    Ok(())
}
