//! Servers that end, connections that are cut, rows that nobody lets go of.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;

use super::server::Server;
use super::{PostgresLedger, TestDatabase, accept, acceptance, content, open, settings};
use crate::ledger::{AcceptError, Ledger as _, LedgerError, NewDocument};
use crate::support::clock::Clock;

/// Nothing takes this long unless it takes for ever.
const FOR_EVER: Duration = Duration::from_secs(60);

/// What comes of it, which does not wait for ever.
async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(FOR_EVER, work).await.unwrap()
}

fn ledger_error(result: Result<crate::ledger::Accepted, AcceptError>) -> LedgerError {
    match result {
        Err(AcceptError::Ledger(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// Accepts documents until it is told to stop, and gives those that were acknowledged.
async fn load(ledger: Arc<PostgresLedger>, callers: usize, stop: Arc<AtomicBool>) -> Vec<(String, String)> {
    let caller = |caller: usize| {
        let (ledger, stop) = (Arc::clone(&ledger), Arc::clone(&stop));
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for number in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let (id, text) = (format!("{caller}-{}", number % 7), format!("content {number}"));
                match accept(&ledger, &id, &text).await {
                    Ok(_) => acknowledged.push((id, text)),
                    Err(AcceptError::Ledger(error)) => {
                        assert!(
                            error.is_transient() || matches!(error, LedgerError::Unknown(_)),
                            "{error:?}"
                        );
                        // It may be there: then it comes after what was acknowledged before.
                        acknowledged.push((id, format!("perhaps {text}")));
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    Err(other) => panic!("{other:?}"),
                }
            }
            acknowledged
        })
    };
    let callers: Vec<_> = (0..callers).map(caller).collect();
    let mut all = Vec::new();
    for caller in callers {
        all.extend(caller.await.unwrap());
    }
    all
}

/// Every instance has what was acknowledged last, or something later whose fate nobody knows.
async fn nothing_is_lost(ledger: &PostgresLedger, acknowledged: &[(String, String)]) {
    let ids: std::collections::BTreeSet<_> = acknowledged.iter().map(|(id, _)| id).collect();
    for id in ids {
        let of_it: Vec<_> = acknowledged.iter().filter(|(of, _)| of == id).map(|(_, text)| text).collect();
        let is_sure = |text: &&&String| !text.starts_with("perhaps ");
        let last_sure = of_it.iter().rposition(|text| is_sure(&text));
        let possible: Vec<&str> = of_it[last_sure.unwrap_or(0)..]
            .iter()
            .map(|text| text.strip_prefix("perhaps ").unwrap_or(text))
            .collect();
        let found = content(ledger, id).await;
        if last_sure.is_some() || found.is_some() {
            assert!(possible.contains(&found.as_deref().unwrap_or_default()), "{id}: {found:?} {possible:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_are_ended_lose_nothing() {
    let Some(database) = TestDatabase::new().await else { return };
    let ledger = Arc::new(database.open(Clock::System).await);
    let stop = Arc::new(AtomicBool::new(false));
    let loading = tokio::spawn(load(Arc::clone(&ledger), 8, Arc::clone(&stop)));
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let kill = format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}' \
             and application_name = 'approval-gateway'",
            database.name
        );
        database.server.sql("postgres", &kill);
    }
    stop.store(true, Ordering::Relaxed);
    let acknowledged = loading.await.unwrap();
    assert!(acknowledged.iter().filter(|(_, text)| !text.starts_with("perhaps")).count() > 50);
    nothing_is_lost(&ledger, &acknowledged).await;
    ledger.close().await;
    assert_eq!(super::super::check(&database.settings()).await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_immediate_restart_of_the_server_under_load_loses_nothing() {
    let Some(server) = Server::start(&[]) else { return };
    let name = server.database(None);
    let settings = settings(&server.url(&name));
    let ledger = Arc::new(open(&settings, Clock::System).await.unwrap());
    let stop = Arc::new(AtomicBool::new(false));
    let loading = tokio::spawn(load(Arc::clone(&ledger), 8, Arc::clone(&stop)));
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(600)).await;
        server.control("restart", "immediate");
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    stop.store(true, Ordering::Relaxed);
    let acknowledged = loading.await.unwrap();
    nothing_is_lost(&ledger, &acknowledged).await;
    accept(&ledger, "later", "one").await.unwrap();
    ledger.close().await;
    assert_eq!(super::super::check(&settings).await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn while_the_server_is_away_everything_is_refused_at_once_and_goes_on_afterwards() {
    let Some(server) = Server::start(&[]) else { return };
    let name = server.database(None);
    let ledger = open(&settings(&server.url(&name)), Clock::System).await.unwrap();
    accept(&ledger, "before", "one").await.unwrap();
    server.control("stop", "fast");
    let refused = ledger_error(in_time(accept(&ledger, "meanwhile", "one")).await);
    assert!(matches!(refused, LedgerError::Unavailable(_)), "{refused:?}");
    let read = in_time(ledger.delivery(&super::key("before"))).await;
    assert!(matches!(read, Err(LedgerError::Unavailable(_))), "{read:?}");
    server.control("start", "fast");
    assert_eq!(content(&ledger, "before").await.as_deref(), Some("one"));
    assert_eq!(content(&ledger, "meanwhile").await, None);
    accept(&ledger, "after", "one").await.unwrap();
    ledger.close().await;
}

#[tokio::test]
async fn a_row_that_a_stopped_client_holds_blocks_nobody_for_long() {
    let Some(database) = TestDatabase::new().await else { return };
    let ledger = database.open(Clock::System).await;
    accept(&ledger, "held", "one").await.unwrap();
    accept(&ledger, "free", "one").await.unwrap();
    let holder = database.settings();
    let holder = super::super::connect::pool(&holder, 1).unwrap().get().await.unwrap();
    holder
        .batch_execute("begin; select 1 from instance where instance_id = 'held' for update")
        .await
        .unwrap();
    let (held, free) = tokio::join!(in_time(accept(&ledger, "held", "two")), async {
        // In a transaction of its own.
        tokio::time::sleep(Duration::from_millis(200)).await;
        in_time(accept(&ledger, "free", "two")).await
    });
    assert!(matches!(ledger_error(held), LedgerError::Busy(_)));
    free.unwrap();
    holder.batch_execute("rollback").await.unwrap();
    accept(&ledger, "held", "two").await.unwrap();
    drop(holder);
    database.end(ledger).await;
}

#[tokio::test]
async fn a_gateway_that_falls_silent_in_a_transaction_lets_go_of_its_rows() {
    let Some(database) = TestDatabase::new().await else { return };
    let ledger = database.open(Clock::System).await;
    accept(&ledger, "a", "one").await.unwrap();
    // As a stopped process would: it has begun as all do, holds a row, and says nothing more.
    let silent = super::super::session::Session::open(&ledger.write).await.unwrap();
    silent.begin().await.unwrap();
    silent.query("select 1 from instance for update", &[]).await.unwrap();
    let mut tries = 0;
    while let Err(error) = accept(&ledger, "a", "two").await {
        assert!(matches!(error, AcceptError::Ledger(LedgerError::Busy(_))), "{error:?}");
        tries += 1;
        assert!(tries < 5, "it is held for ever");
    }
    assert!(silent.query("select 1", &[]).await.is_err(), "its session was ended");
    drop(silent);
    database.end(ledger).await;
}

#[tokio::test]
async fn when_every_connection_is_in_use_nobody_waits_for_ever() {
    let Some(database) = TestDatabase::new().await else { return };
    let ledger = database.open(Clock::System).await;
    let readers = ledger.readers.0.status().max_size;
    let held = join_all((0..readers).map(|_| ledger.readers.0.get())).await;
    let read = in_time(ledger.delivery(&super::key("a"))).await;
    assert!(matches!(read, Err(LedgerError::Busy(_))), "{read:?}");
    accept(&ledger, "a", "one").await.unwrap();
    drop(held);
    assert!(ledger.delivery(&super::key("a")).await.unwrap().is_some());
    database.end(ledger).await;
}

#[tokio::test]
async fn a_right_that_is_taken_away_refuses_and_breaks_nothing() {
    let Some(database) = TestDatabase::new().await else { return };
    let user = format!("user_of_{}", database.name);
    database.sql(&format!(
        "create role {user} login; grant select, insert, update, delete on all tables in schema public to {user}"
    ));
    let theirs = settings(&database.server.url_of(&user, &database.name));
    let ledger = open(&theirs, Clock::System).await.unwrap();
    accept(&ledger, "a", "one").await.unwrap();
    database.sql(&format!("revoke insert on history from {user}"));
    assert!(matches!(ledger_error(accept(&ledger, "a", "two").await), LedgerError::Failed(_)));
    assert_eq!(content(&ledger, "a").await.as_deref(), Some("one"), "nothing is half accepted");
    database.sql(&format!("grant insert on history to {user}"));
    accept(&ledger, "a", "two").await.unwrap();
    database.end(ledger).await;
}

#[tokio::test]
async fn no_error_shows_what_a_document_says() {
    let Some(database) = TestDatabase::new().await else { return };
    let ledger = database.open(Clock::System).await;
    database.sql("alter table instance add constraint c check (approval_code <> 'forbidden words')");
    let mut wish = acceptance("a", "one");
    let crate::ledger::DocumentSource::Given(document) = wish.document else { return };
    let document = NewDocument { approval_code: "forbidden words".to_owned(), ..document };
    wish.document = crate::ledger::DocumentSource::Given(document);
    let error = ledger_error(ledger.accept(wish).await);
    let told = crate::support::error_chain::ErrorChain(&error).to_string();
    assert!(told.contains("23514"), "{told}");
    for shown in [told, format!("{error:?}")] {
        assert!(!shown.contains("forbidden words"), "{shown}");
    }
    database.sql("alter table instance drop constraint c");
    database.end(ledger).await;
}
