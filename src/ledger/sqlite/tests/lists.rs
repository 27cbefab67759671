//! Lists of a large ledger.

use rusqlite::Connection;

use super::{Place, accept};
use crate::domain::AppName;
use crate::ledger::rows::COLUMNS;
use crate::ledger::{DeliveryFilter, Ledger as _, PageRequest};

#[tokio::test]
async fn one_instance_is_found_at_once_however_many_came_after_it() {
    let place = Place::in_memory();
    let ledger = place.open();
    accept(&ledger, "old", "one").await.unwrap();
    let columns = COLUMNS.join(", ");
    let newer = format!(
        "with recursive counted (n) as (select 1 union all select n + 1 from counted where n < 20000) \
         insert into instance (app, instance_id, {columns}) select app, 'newer ' || n, {columns} from instance, counted; \
         update instance set accepted_at = accepted_at + 1 where instance_id <> 'old'"
    );
    Connection::open(place.path()).unwrap().execute_batch(&newer).unwrap();
    let filter = DeliveryFilter { instance_id: Some("old".to_owned()), ..DeliveryFilter::default() };
    let page = ledger.deliveries(&AppName::default(), &filter, PageRequest::first(1)).await.unwrap();
    let ids: Vec<_> = page.items.iter().map(|record| record.key.instance_id.as_str()).collect();
    assert_eq!((ids, page.next), (vec!["old"], None));
    ledger.close().await;
}
