//! Commands that share a transaction.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio_postgres::NoTls;

use super::{TestDatabase, accept, acceptance, content, key};
use crate::ledger::{
    AcceptError, Acceptance, DocumentSource, Kept, Ledger as _, LedgerError, NewDocument, Rejection,
};
use crate::support::clock::Clock;

#[tokio::test]
async fn what_comes_at_once_shares_transactions() {
    let Some(database) = TestDatabase::new().await else { return };
    let ledger = database.open(Clock::System).await;
    let ids: Vec<String> = (0..400).map(|number| number.to_string()).collect();
    let accepted = join_all(ids.iter().map(|id| accept(&ledger, id, "one"))).await;
    assert!(accepted.iter().all(Result::is_ok));
    let groups = &ledger.writer.metrics().group;
    assert_eq!(groups.get_sample_sum() as u64, 400);
    assert!(groups.get_sample_count() <= 20, "{} transactions", groups.get_sample_count());
    assert_eq!(ledger.writer.metrics().queue.get(), 0);
    database.end(ledger).await;
}

#[tokio::test]
async fn a_command_that_fails_takes_no_other_one_with_it() {
    let Some(database) = TestDatabase::new().await else { return };
    let ledger = database.open(Clock::System).await;
    accept(&ledger, "before", "one").await.unwrap();
    let fails = |make: fn(Option<&Kept>) -> Result<NewDocument, Rejection>| {
        ledger
            .accept(Acceptance { document: DocumentSource::Made(Arc::new(make)), ..acceptance("before", "") })
    };
    let (first, rejected, panicked, unstorable, last) = tokio::join!(
        accept(&ledger, "first", "one"),
        fails(|_| Err(Rejection::new("no"))),
        // Not by `panic!`: to print where it was, names are looked up, which takes longer on a busy machine than a transaction may rest.
        fails(|_| resume_unwind(Box::new("a bug"))),
        accept(&ledger, "nul\0", "one"),
        accept(&ledger, "last", "one"),
    );
    first.unwrap();
    last.unwrap();
    assert!(matches!(rejected, Err(AcceptError::Rejected(_))), "{rejected:?}");
    assert!(matches!(panicked, Err(AcceptError::Ledger(LedgerError::Failed(_)))), "{panicked:?}");
    assert!(matches!(unstorable, Err(AcceptError::Ledger(LedgerError::Failed(_)))), "{unstorable:?}");
    for id in ["before", "first", "last"] {
        assert_eq!(content(&ledger, id).await.as_deref(), Some("one"), "{id}");
    }
    assert!(ledger.delivery(&key("nul\0")).await.unwrap().is_none(), "what cannot be stored is not there");
    database.end(ledger).await;
}

#[tokio::test]
async fn two_gateways_that_write_the_same_instances_lose_nothing() {
    let Some(database) = TestDatabase::new().await else { return };
    let ledgers = [database.open(Clock::System).await, database.open(Clock::System).await];
    let accepts = (0..300).map(|number: usize| {
        let ledger = &ledgers[number % 2];
        // New ones and known ones, in different orders.
        let id = if number % 4 < 2 { number % 30 } else { 29 - number % 30 };
        async move { accept(ledger, &id.to_string(), &format!("content {number}")).await }
    });
    let accepted: Vec<_> = join_all(accepts).await.into_iter().map(Result::unwrap).collect();
    for id in 0..30 {
        let of_it = accepted.iter().filter(|accepted| accepted.record.key == key(&id.to_string()));
        let mut revisions: Vec<_> = of_it.map(|accepted| accepted.record.desired()).collect();
        revisions.sort_unstable();
        let is_increasing = |pair: &[crate::ledger::Attempt]| {
            pair[0].revision.next() == pair[1].revision && pair[0].version < pair[1].version
        };
        assert!(revisions.windows(2).all(is_increasing), "{revisions:?}");
    }
    let [one, two] = ledgers;
    two.close().await;
    database.end(one).await;
}

#[tokio::test]
async fn counts_are_added_up_now_and_then_and_stay_right() {
    let Some(database) = TestDatabase::new().await else { return };
    let ledger = database.open(Clock::System).await;
    for number in 0..250 {
        accept(&ledger, &number.to_string(), "one").await.unwrap();
    }
    let rows: u32 = database.sql("select count(*) from tally").parse().unwrap();
    assert!(rows < 150, "{rows}");
    let summary = ledger.summary(&crate::domain::AppName::default()).await.unwrap();
    assert_eq!(summary.count(crate::ledger::DeliveryState::Pending), 250);
    database.end(ledger).await;
}

#[tokio::test]
async fn what_its_caller_has_given_up_does_not_come_true_later() {
    let Some(database) = TestDatabase::new().await else { return };
    let ledgers = [database.open(Clock::System).await, database.open(Clock::System).await];
    accept(&ledgers[0], "a", "one").await.unwrap();
    let (holder, connection) = database.settings().connection.connect(NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    holder.batch_execute("begin; select 1 from instance for update").await.unwrap();
    let given_up = tokio::time::timeout(Duration::from_millis(500), accept(&ledgers[0], "a", "late")).await;
    assert!(given_up.is_err(), "it waits for the row");
    holder.batch_execute("rollback").await.unwrap();
    drop(holder);
    connection.await.unwrap().unwrap();
    accept(&ledgers[1], "a", "two").await.unwrap();
    let [one, two] = ledgers;
    one.close().await;
    assert_eq!(content(&two, "a").await.as_deref(), Some("two"));
    assert_eq!(two.delivery(&key("a")).await.unwrap().unwrap().revision.0, 2);
    database.end(two).await;
}

#[tokio::test]
async fn closing_finishes_what_was_begun() {
    let Some(database) = TestDatabase::new().await else { return };
    let ledger = database.open(Clock::System).await;
    let ids: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    let (accepted, ()) =
        tokio::join!(join_all(ids.iter().map(|id| accept(&ledger, id, "one"))), ledger.close());
    let stored = accepted.iter().filter(|accepted| accepted.is_ok()).count();
    assert!(stored > 0);
    assert_eq!(database.sql("select count(*) from document"), stored.to_string());
}
