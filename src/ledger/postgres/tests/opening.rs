//! What is opened, what is refused, and that what is refused is not touched.

use super::super::migrations::{TABLES, VERSION};
use super::super::{OpenError, Place, examine};
use super::{TestDatabase, accept, content, open, settings};
use crate::support::clock::Clock;

/// Opens a database that must be refused, and sees that nothing of it changes.
async fn refused(database: &TestDatabase) -> OpenError {
    let seen = "select string_agg(relname || relkind::text, ' ' order by relname) from pg_class where relnamespace = \
         'public'::regnamespace";
    let before = database.sql(seen);
    let error = open(&database.settings(), Clock::System).await.unwrap_err();
    assert_eq!(database.sql(seen), before);
    // The same as `doctor` would say.
    let examined = examine(&database.settings()).await.unwrap_err();
    assert_eq!(std::mem::discriminant(&examined), std::mem::discriminant(&error), "{examined} {error}");
    error
}

#[tokio::test]
async fn an_empty_database_gets_its_tables_and_keeps_what_is_accepted() {
    let Some(database) = TestDatabase::empty() else { return };
    assert_eq!(examine(&database.settings()).await.unwrap().schema, None);
    let ledger = database.open(Clock::System).await;
    accept(&ledger, "a", "one").await.unwrap();
    crate::ledger::Ledger::close(&ledger).await;
    let ledger = database.open(Clock::System).await;
    assert_eq!(content(&ledger, "a").await.as_deref(), Some("one"));
    let standing = examine(&database.settings()).await.unwrap();
    assert_eq!((standing.schema, standing.known, standing.unsafe_setting), (Some(VERSION), VERSION, None));
    assert!(standing.clock_ahead.abs() < 10_000);
    database.end(ledger).await;
}

#[tokio::test]
async fn gateways_that_start_at_the_same_time_make_one_schema() {
    let Some(database) = TestDatabase::empty() else { return };
    let opened = futures_util::future::join_all((0..6).map(|_| database.open(Clock::System))).await;
    for ledger in &opened {
        accept(ledger, "a", "one").await.unwrap();
    }
    assert_eq!(database.sql("select value from ledger_meta where name = 'schema'"), VERSION.to_string());
    for ledger in &opened {
        crate::ledger::Ledger::close(ledger).await;
    }
    database.drop();
}

#[tokio::test]
async fn a_newer_schema_is_left_alone_unless_it_says_that_it_fits() {
    let Some(database) = TestDatabase::new().await else { return };
    let set = |name: &str, value: i64| {
        database.sql(&format!("update ledger_meta set value = '{value}' where name = '{name}'"));
    };
    set("schema", VERSION + 1);
    set("oldest_program", VERSION + 1);
    let error = refused(&database).await;
    let message = error.to_string();
    assert!(matches!(error, OpenError::Newer { found, .. } if found == VERSION + 1), "{error}");
    assert!(message.contains("start a newer gateway"), "{message}");
    set("oldest_program", VERSION);
    let ledger = database.open(Clock::System).await;
    accept(&ledger, "a", "one").await.unwrap();
    let schema = database.sql("select value from ledger_meta where name = 'schema'");
    assert_eq!(schema, (VERSION + 1).to_string(), "and it stays what it is");
    set("schema", VERSION + 2);
    crate::ledger::Ledger::close(&ledger).await;
    assert!(matches!(refused(&database).await, OpenError::Newer { .. }));
    database.drop();
}

#[tokio::test]
async fn tables_of_somebody_else_are_left_alone() {
    let Some(database) = TestDatabase::empty() else { return };
    database.sql("create table document (id int); insert into document values (7)");
    let error = refused(&database).await;
    assert!(matches!(error, OpenError::Foreign { table: "document", .. }), "{error}");
    assert_eq!(database.sql("select id from document"), "7");
    database.sql("drop table document; create table ledger_meta (id int)");
    assert!(matches!(refused(&database).await, OpenError::Foreign { table: "ledger_meta", .. }));
    database.drop();
}

#[tokio::test]
async fn a_server_that_forgets_is_refused_unless_that_is_allowed() {
    let Some(database) = TestDatabase::new().await else { return };
    database.sql(&format!("alter database {} set synchronous_commit = off", database.name));
    let error = refused(&database).await;
    assert!(matches!(error, OpenError::Unsafe { setting: "synchronous_commit", .. }), "{error}");
    let settings = super::PostgresSettings { allow_unsafe: true, ..database.settings() };
    assert_eq!(examine(&settings).await.unwrap().unsafe_setting, Some("synchronous_commit"));
    let ledger = open(&settings, Clock::System).await.unwrap();
    crate::ledger::Ledger::close(&ledger).await;
    database.drop();
}

#[tokio::test]
async fn what_a_user_may_not_do_is_named() {
    let Some(database) = TestDatabase::new().await else { return };
    let user = format!("user_of_{}", database.name);
    database.sql(&format!("create role {user} login"));
    let theirs = settings(&database.server.url_of(&user, &database.name));
    let error = open(&theirs, Clock::System).await.unwrap_err();
    assert!(error.to_string().contains("permission denied for table ledger_meta"), "{error}");
    database.sql(&format!(
        "grant select, insert, update, delete on all tables in schema public to {user}; \
         revoke delete on history from {user}"
    ));
    let error = open(&theirs, Clock::System).await.unwrap_err();
    assert!(error.to_string().contains("may not use the table history (DELETE)"), "{error}");
    database.sql(&format!("grant delete on history to {user}"));
    let ledger = open(&theirs, Clock::System).await.unwrap();
    accept(&ledger, "a", "one").await.unwrap();
    crate::ledger::Ledger::close(&ledger).await;

    let empty = TestDatabase::empty().unwrap();
    let theirs = settings(&database.server.url_of(&user, &empty.name));
    for error in [open(&theirs, Clock::System).await.unwrap_err(), examine(&theirs).await.unwrap_err()] {
        assert!(matches!(&error, OpenError::Permission { .. }), "{error}");
        assert!(error.to_string().contains("CREATE"), "{error}");
    }
    assert_eq!(empty.sql("select count(*) from pg_class where relname like 'ledger%'"), "0");
    empty.drop();
    database.drop();
}

#[tokio::test]
async fn errors_name_host_and_database_and_no_password() {
    let url = "postgres://gateway:hunter2@%2Fnowhere,127.0.0.1:1/approvals";
    let settings = settings(url);
    assert_eq!(Place::of(&settings.connection).to_string(), "approvals on /nowhere, 127.0.0.1:1");
    let error = open(&settings, Clock::System).await.unwrap_err();
    let told = crate::support::error_chain::ErrorChain(&error).to_string();
    assert!(told.contains("approvals on /nowhere, 127.0.0.1:1 cannot be reached"), "{told}");
    for shown in [told, format!("{error:?}"), format!("{settings:?}")] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[tokio::test]
async fn a_broken_migration_leaves_nothing_behind() {
    let Some(database) = TestDatabase::empty() else { return };
    // Something that the last statements of the schema stumble over.
    database.sql("create function ledger_count_deleted() returns int language sql as 'select 1'");
    let error = open(&database.settings(), Clock::System).await.unwrap_err();
    assert!(matches!(error, OpenError::Failed { .. }), "{error}");
    let tables = TABLES.map(|table| format!("'{table}'")).join(", ");
    assert_eq!(database.sql(&format!("select count(*) from pg_class where relname in ({tables})")), "0");
    database.drop();
}
