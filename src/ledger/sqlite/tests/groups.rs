//! Commands that share a commit.

use std::panic::resume_unwind;
use std::sync::{Arc, mpsc};

use futures_util::future::join_all;

use super::super::SqliteLedger;
use super::{Place, accept, acceptance, content, key};
use crate::ledger::{
    AcceptError, Acceptance, DocumentSource, Kept, Ledger as _, LedgerError, NewDocument, Rejection,
};

/// Lets the thread wait until the result is dropped, so that what comes meanwhile makes one group.
async fn hold(ledger: &Arc<SqliteLedger>) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let holding = Arc::clone(ledger);
    tokio::spawn(async move {
        let wait = move |_: &super::super::transaction::Transaction<'_>| -> Result<(), LedgerError> {
            let _ = started.send(());
            let _ = released.recv();
            Ok(())
        };
        holding.writer.run(wait).await
    });
    has_started.await.unwrap();
    release
}

#[tokio::test]
async fn what_comes_while_the_thread_is_busy_shares_one_commit() {
    let place = Place::new();
    let ledger = place.open();
    let held = hold(&ledger).await;
    let accepts = (0..100).map(|number| (number.to_string(), Arc::clone(&ledger)));
    let accepts = join_all(accepts.map(|(id, ledger)| async move { accept(&ledger, &id, "one").await }));
    let commits = ledger.metrics().group.clone();
    let ((), accepted) = tokio::join!(
        async {
            while ledger.metrics().queue.get() < 101 {
                tokio::task::yield_now().await;
            }
            drop(held);
        },
        accepts
    );
    assert!(accepted.iter().all(Result::is_ok));
    assert_eq!((commits.get_sample_count(), commits.get_sample_sum() as u64), (2, 101));
}

#[tokio::test]
async fn a_command_that_fails_takes_no_other_one_with_it() {
    let place = Place::new();
    let ledger = place.open();
    accept(&ledger, "before", "one").await.unwrap();
    let held = hold(&ledger).await;
    let fails = |make: fn(Option<&Kept>) -> Result<NewDocument, Rejection>| {
        ledger
            .accept(Acceptance { document: DocumentSource::Made(Arc::new(make)), ..acceptance("before", "") })
    };
    let half_done = ledger.writer.run(|transaction| {
        let sql = "update instance set caller = 'somebody' where instance_id = 'before'";
        transaction.execute(sql, [])?;
        transaction.execute("insert into document values (999, 1, x'00')", []).map(drop)
    });
    let (_, first, rejected, panicked, half_done, last) = tokio::join!(
        async { drop(held) },
        accept(&ledger, "first", "one"),
        fails(|_| Err(Rejection::new("no"))),
        fails(|_| resume_unwind(Box::new("a bug"))),
        half_done,
        accept(&ledger, "last", "one"),
    );
    first.unwrap();
    last.unwrap();
    assert!(matches!(rejected, Err(AcceptError::Rejected(_))));
    assert!(matches!(panicked, Err(AcceptError::Ledger(LedgerError::Failed(_)))));
    assert!(matches!(half_done, Err(LedgerError::Failed(_))), "{half_done:?}");
    assert_eq!(ledger.delivery(&key("before")).await.unwrap().unwrap().caller, None);
    for id in ["before", "first", "last"] {
        assert_eq!(content(&ledger, id).await.as_deref(), Some("one"), "{id}");
    }
}

#[tokio::test]
async fn a_command_whose_caller_leaves_is_finished() {
    let place = Place::new();
    let ledger = place.open();
    let held = hold(&ledger).await;
    let left = tokio::spawn({
        let ledger = Arc::clone(&ledger);
        async move { accept(&ledger, "left", "one").await }
    });
    while ledger.metrics().queue.get() < 2 {
        tokio::task::yield_now().await;
    }
    left.abort();
    drop(held);
    accept(&ledger, "next", "one").await.unwrap();
    assert_eq!(content(&ledger, "left").await.as_deref(), Some("one"));
    assert_eq!(ledger.metrics().queue.get(), 0, "nothing is counted for ever");
}

#[tokio::test]
async fn closing_finishes_what_was_begun() {
    let place = Place::new();
    let ledger = place.open();
    let held = hold(&ledger).await;
    let ((), accepted, ()) = tokio::join!(
        async { drop(held) },
        join_all((0..10).map(|number| {
            let ledger = &ledger;
            async move { accept(ledger, &number.to_string(), "one").await }
        })),
        ledger.close(),
    );
    assert!(accepted.iter().all(Result::is_ok));
    assert_eq!(std::fs::metadata(place.path().with_extension("db-wal")).ok().map(|wal| wal.len()), None);
    let ledger = place.open();
    assert_eq!(content(&ledger, "9").await.as_deref(), Some("one"));
}
