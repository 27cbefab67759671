//! Tickets of store apps, whatever keeps them.

use std::time::Duration;

use futures_util::future::join_all;
use secrecy::ExposeSecret as _;

use super::support::TestStore;
use crate::ledger::AppTicket;

const APP: &str = "cli_store";
const PAUSE: Duration = Duration::from_secs(60);

fn ticket(store: &TestStore, text: &str, after: i64) -> AppTicket {
    AppTicket { ticket: text.into(), issued_at: store.after(after) }
}

async fn put(store: &TestStore, text: &str, after: i64) -> bool {
    store.ledger.put_app_ticket(APP, ticket(store, text, after)).await.unwrap()
}

async fn kept(store: &TestStore, app_id: &str) -> Option<String> {
    let ticket = store.ledger.app_ticket(app_id).await.unwrap();
    ticket.map(|ticket| ticket.ticket.expose_secret().to_owned())
}

async fn may_ask(store: &TestStore) -> bool {
    store.ledger.may_ask_for_app_ticket(APP, PAUSE).await.unwrap()
}

pub(super) async fn the_newest_ticket_of_an_app_is_kept(store: &TestStore) {
    assert_eq!(kept(store, APP).await, None);
    assert!(put(store, "one", 0).await);
    assert!(put(store, "two", 1).await);
    assert!(!put(store, "one", 0).await, "an older one comes late, or again");
    assert_eq!((kept(store, APP).await.as_deref(), kept(store, "cli_other").await), (Some("two"), None));
    assert!(put(store, "two", 1).await, "the same one comes again");
    let issued_at = store.ledger.app_ticket(APP).await.unwrap().unwrap().issued_at;
    assert_eq!(issued_at, store.after(1));
    let shown = format!("{:?}", store.ledger.app_ticket(APP).await.unwrap());
    assert!(!shown.contains("two"), "{shown}");
}

pub(super) async fn one_of_many_asks_for_a_ticket_once_a_minute(store: &TestStore) {
    let allowed = join_all((0..8).map(|_| may_ask(store))).await;
    assert_eq!(allowed.into_iter().filter(|allowed| *allowed).count(), 1);
    assert_eq!(kept(store, APP).await, None);
    assert!(store.ledger.may_ask_for_app_ticket("cli_other", PAUSE).await.unwrap());
    store.pass(59);
    assert!(!may_ask(store).await);
    store.pass(1);
    assert!(put(store, "one", 0).await && may_ask(store).await);
    assert_eq!(kept(store, APP).await.as_deref(), Some("one"), "asking takes nothing away");
}

pub(super) async fn asking_does_not_wait_for_a_clock_that_was_set_back(store: &TestStore) {
    assert!(may_ask(store).await);
    store.step_back(3_600_000);
    assert!(may_ask(store).await);
    assert!(!may_ask(store).await);
}
