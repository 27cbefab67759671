//! What happens to the files of a database that rests, and to one that was closed when the clock was set back.

use std::fs;
use std::time::Duration;

use super::{Place, START, accept, key};
use crate::domain::{AppName, Timestamp};
use crate::ledger::sqlite::SqliteLedger;
use crate::ledger::sqlite::open::{self, beside};
use crate::ledger::sqlite::tidy::{Tidied, tidy};
use crate::ledger::{
    DeliveryResult, InstanceKey, Lane, Ledger, LedgerMetrics, Report, Retention, StoredProblem,
};
use crate::metrics::Metrics;
use crate::support::clock::Clock;

/// Nothing takes this long unless it takes for ever.
const FOR_EVER: Duration = Duration::from_secs(60);

async fn until(holds: impl Fn() -> bool) {
    let polling = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(FOR_EVER, polling).await.unwrap();
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis).unwrap()
}

async fn report(ledger: &SqliteLedger, key: InstanceKey, result: DeliveryResult) {
    let attempt = ledger.delivery(&key).await.unwrap().unwrap().desired();
    let report = Report::new(key, attempt, result);
    ledger.report(report).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_log_of_a_database_that_rests_is_brought_into_it() {
    let place = Place::new();
    let ledger = place.open();
    let length = || fs::metadata(place.path()).unwrap().len();
    for round in 0..2 {
        let before = length();
        // Nothing of it can be packed.
        let bulky: String = (0..50_000).map(|_| fastrand::alphanumeric()).collect();
        accept(&ledger, &round.to_string(), &bulky).await.unwrap();
        assert_eq!(length(), before, "that is done only when nothing comes");
        until(|| length() > before).await;
    }
}

#[test]
fn the_log_keeps_its_length_and_is_written_from_its_beginning_again() {
    let place = Place::new();
    let connection = open::open(&place.path()).unwrap().connection;
    let length = || fs::metadata(beside(&place.path(), "-wal")).unwrap().len();
    let used =
        || connection.query_row("pragma wal_checkpoint(noop)", [], |row| row.get::<_, i64>(1)).unwrap();
    let many = "with recursive row(n) as (select 1 union all select n + 1 from row where n < 2000) \
                insert into meta select 'name ' || n, n from row";
    connection.execute_batch(many).unwrap();
    let (long, pages) = (length(), used());
    assert_eq!(tidy(&connection).unwrap(), Tidied::Done);
    connection.execute_batch("insert into meta values ('a', 1)").unwrap();
    assert_eq!(length(), long);
    assert!(used() < pages, "{} of {pages}", used());
}

#[test]
fn a_reader_that_is_slow_keeps_the_log_and_is_not_waited_for() {
    let place = Place::new();
    let connection = open::open(&place.path()).unwrap().connection;
    connection.execute_batch("insert into meta values ('a', 1)").unwrap();
    let reader = open::read_only(&place.path()).unwrap();
    reader.execute_batch("begin; select count(*) from meta;").unwrap();
    connection.execute_batch("insert into meta values ('b', 1)").unwrap();
    assert_eq!(tidy(&connection).unwrap(), Tidied::Busy);
    let waits: i64 = connection.query_row("pragma busy_timeout", [], |row| row.get(0)).unwrap();
    assert_eq!(waits, 5_000, "others are waited for as before");
    reader.execute_batch("commit").unwrap();
    assert_eq!(tidy(&connection).unwrap(), Tidied::Done);
}

#[tokio::test]
async fn what_was_dropped_is_given_back_to_the_disk() {
    let place = Place::new();
    let ledger = place.open();
    // Nothing of it can be packed.
    let bulky: String = (0..20_000).map(|_| fastrand::alphanumeric()).collect();
    for number in 0..150 {
        let id = number.to_string();
        accept(&ledger, &id, &format!("{number} {bulky}")).await.unwrap();
        report(&ledger, key(&id), DeliveryResult::Delivered { check_at: None }).await;
    }
    let length = || fs::metadata(place.path()).unwrap().len();
    until(|| length() > 2_000_000).await;
    let full = length();
    let retention = Retention { documents_before: at(START + 1), records_before: at(1) };
    assert_eq!(ledger.sweep(&AppName::default(), retention).await.unwrap().documents, 150);
    until(|| length() < full / 4).await;
    accept(&ledger, "after", "one").await.unwrap();
}

#[tokio::test]
async fn what_waits_does_not_wait_for_a_clock_that_was_set_back_while_nothing_ran() {
    const DAY: i64 = 24 * 60 * 60 * 1_000;
    let place = Place::new();
    let open = |millis: i64| {
        let clock = Clock::manual(millis);
        let ledger = SqliteLedger::open(&place.path(), clock.clone(), LedgerMetrics::new(&Metrics::new()));
        (ledger.unwrap(), clock)
    };
    let (ledger, _) = open(START + DAY);
    accept(&ledger, "waiting", "one").await.unwrap();
    accept(&ledger, "postponed", "one").await.unwrap();
    accept(&ledger, "delivered", "one").await.unwrap();
    let later = DeliveryResult::RetryLater {
        at: at(START + DAY + 60_000),
        problem: StoredProblem::new("upstream_unavailable", "{}"),
    };
    report(&ledger, key("postponed"), later).await;
    let check_at = Some(at(START + DAY + 30_000));
    report(&ledger, key("delivered"), DeliveryResult::Delivered { check_at }).await;
    ledger.close().await;
    let due = async |ledger: &SqliteLedger| {
        let due = ledger.due(&AppName::default(), Lane::Interactive, 9).await.unwrap();
        due.into_iter().flat_map(|of_caller| of_caller.due.items).collect::<Vec<_>>()
    };
    let (ledger, clock) = open(START);
    assert_eq!(due(&ledger).await, [key("waiting")]);
    clock.advance(Duration::from_secs(60));
    assert_eq!(due(&ledger).await, [key("waiting"), key("postponed")]);
    assert_eq!(ledger.check_due(&AppName::default(), 9).await.unwrap().items, [key("delivered")]);
    ledger.close().await;
    let (ledger, _) = open(START + 1_000);
    assert_eq!(due(&ledger).await, [key("waiting")], "nothing is brought nearer twice");
    ledger.close().await;
}
