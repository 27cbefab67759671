//! Full and broken disks.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::super::open::suspicion;
use super::super::{SqliteLedger, check};
use super::{Place, accept, content};
use crate::ledger::{AcceptError, Cause, Ledger as _, LedgerError};

async fn bound(ledger: &SqliteLedger, pages: u32) {
    let sql = format!("pragma max_page_count = {pages}");
    let set = move |transaction: &super::super::transaction::Transaction<'_>| -> Result<(), LedgerError> {
        transaction.connection.execute_batch(&sql).map_err(super::super::error::classify)
    };
    ledger.writer.run(set).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged_and_keeps_nothing_that_was_not() {
    let place = Place::new();
    let ledger = place.open();
    bound(&ledger, 60).await;
    let mut stored = Vec::new();
    let mut failed = Vec::new();
    for round in 0..10 {
        // In groups, so that some of a group fit and some do not.
        let ids: Vec<String> = (0..16).map(|number| format!("{round}-{number}")).collect();
        let random: Vec<String> =
            ids.iter().map(|_| (0..600).map(|_| format!("{:x}", fastrand::u64(..))).collect()).collect();
        let accepts = ids.iter().zip(&random).map(|(id, text)| accept(&ledger, id, text));
        for ((id, text), accepted) in ids.iter().zip(&random).zip(join_all(accepts).await) {
            match accepted {
                Ok(_) => stored.push((id.clone(), text.clone())),
                Err(AcceptError::Ledger(LedgerError::Full(_))) => failed.push(id.clone()),
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    assert!(stored.len() > 5 && failed.len() > 20, "{} stored, {} failed", stored.len(), failed.len());
    for (id, text) in &stored {
        assert_eq!(content(&ledger, id).await.as_ref(), Some(text), "{id}");
    }
    for id in &failed {
        assert_eq!(content(&ledger, id).await, None, "{id}");
    }
    bound(&ledger, 10_000).await;
    accept(&ledger, &failed[0], "one").await.unwrap();
    assert_eq!(check(&place.path()).unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn a_broken_disk_stops_everything_and_the_next_start_looks_through_the_database() {
    let place = Place::new();
    let ledger = place.open();
    accept(&ledger, "kept", "one").await.unwrap();
    let breaks = |transaction: &super::super::transaction::Transaction<'_>| -> Result<(), LedgerError> {
        transaction.execute("update instance set caller = 'somebody'", [])?;
        Err(LedgerError::Fatal(Cause::new("disk I/O error")))
    };
    let broken = tokio::spawn({
        let ledger = Arc::clone(&ledger);
        async move { ledger.broken().await }
    });
    assert!(matches!(ledger.writer.run(breaks).await, Err(LedgerError::Fatal(_))));
    let told = tokio::time::timeout(Duration::from_secs(30), broken).await.unwrap().unwrap();
    assert!(matches!(told, LedgerError::Fatal(_)));
    let refused = accept(&ledger, "later", "one").await;
    assert!(matches!(refused, Err(AcceptError::Ledger(LedgerError::Fatal(_)))), "{refused:?}");
    assert!(suspicion(&place.path()).exists());
    drop(ledger);
    let ledger = place.open();
    assert!(!suspicion(&place.path()).exists(), "it was looked through");
    assert_eq!(content(&ledger, "kept").await.as_deref(), Some("one"));
    assert_eq!(content(&ledger, "later").await, None);
}

#[tokio::test]
async fn the_write_ahead_log_stays_small_under_load() {
    let place = Place::new();
    let ledger = place.open();
    for round in 0..40 {
        let accepts = (0..100).map(|number| {
            let (ledger, id) = (&ledger, format!("{round}-{number}"));
            async move { accept(ledger, &id, &fastrand::u64(..).to_string().repeat(50)).await }
        });
        assert!(join_all(accepts).await.iter().all(Result::is_ok));
    }
    let size = ledger.size().await.unwrap();
    assert!(size.wal < 32 << 20, "{size:?}");
    assert!(size.database > 1 << 20 && size.disk_free.is_some_and(|free| free <= size.disk_total.unwrap()));
}
