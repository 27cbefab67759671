//! Lists that are read while what is in them changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_postgres::NoTls;

use super::TestDatabase;
use crate::domain::{AppName, EventType};
use crate::ledger::{EventFilter, Ledger as _, NewEvent, Outbox as _, PageRequest};
use crate::support::clock::Clock;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_goes_from_state_to_state_is_listed_once() {
    let Some(database) = TestDatabase::new().await else { return };
    let (app, ledger) = (AppName::default(), database.open(Clock::System).await);
    ledger.add_event(&app, NewEvent::of_app(EventType::AppOpened, ledger.now(), None)).await.unwrap();
    let (client, connection) = database.settings().connection.connect(NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let changing = tokio::spawn(async move {
        while !over.load(Ordering::Relaxed) {
            for change in [
                "state = 'dead', due_at = null, ended_at = at",
                "state = 'pending', due_at = at, ended_at = null",
            ] {
                client.batch_execute(&format!("update event set {change}")).await.unwrap();
            }
        }
    });
    let mut counts = Vec::new();
    for _ in 0..300 {
        let page = ledger.events(&app, &EventFilter::default(), PageRequest::first(9)).await.unwrap();
        counts.push(page.items.len());
    }
    is_over.store(true, Ordering::Relaxed);
    changing.await.unwrap();
    connection.await.unwrap().unwrap();
    counts.retain(|count| *count != 1);
    assert_eq!(counts, Vec::<usize>::new());
    database.end(ledger).await;
}
