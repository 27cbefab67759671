//! A ledger that an earlier version has made, with what waits in it, is taken over by this one.
//!
//! The schema is that of the first version, made by its migration alone; the rows are what its statements wrote.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::Path;

use serde_json::{Value, json};

use super::site::{Site, document};
use crate::feishu::until;
use crate::postgres_server::Server;
use crate::process::run;

/// Marks a file as this program's.
const APPLICATION_ID: i64 = 0x4147_574C;

/// When the first version has accepted everything, Unix milliseconds.
const THEN: i64 = 1_790_000_000_000;

/// A document as the first version has packed it: deflate, in a block that is stored as it is; in hexadecimal digits.
fn packed(document: &Value) -> String {
    let json = document.to_string().into_bytes();
    let length = u16::try_from(json.len()).unwrap();
    let packed = [&[1][..], &length.to_le_bytes(), &(!length).to_le_bytes(), &json].concat();
    packed.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One document that waits in its third revision, and one that was delivered. `bytes` writes bytes for the database.
fn rows(bytes: impl Fn(&str) -> String) -> String {
    let instance = |number: i64, id: &str, rest: &str| {
        let approval_code = document(id, "")["approval_code"].clone();
        format!(
            "insert into instance (instance_no, app, instance_id, approval_code, status, is_whole, mode, revision, version, \
             clock, hash, accepted_at, caller, class, import_no, attempts, failing_since, problem_code, problem, checks, \
             doubt_at, drifts, drifts_since, is_repair, has_document, history_entries, \
             state, due_at, pending_since, sent_revision, sent_version, sent_at, log_id) \
             values ({number}, 'default', '{id}', '{}', 'approved', true, 'replace', 3, {THEN}, {THEN}, null, {THEN}, 'erp', \
             'interactive', null, 0, null, null, null, 0, null, 0, null, false, true, 1, {rest}); \
             insert into document (instance_no, format, body) values ({number}, 1, {}); \
             insert into history (instance_no, number, at, event, revision, version, caller) \
             values ({number}, 1, {THEN}, 'accepted', 3, {THEN}, 'erp');",
            approval_code.as_str().unwrap(),
            bytes(&packed(&document(id, "from before"))),
        )
    };
    instance(1, "waiting", &format!("'pending', {THEN}, {THEN}, null, null, null, null"))
        + &instance(2, "sent", &format!("'delivered', null, null, 3, {THEN}, {THEN}, 'log-1'"))
}

fn on_sqlite(file: &Path) {
    let connection = rusqlite::Connection::open(file).unwrap();
    let first = include_str!("../../../src/ledger/sqlite/migrations/0001_ledger.sql");
    let rows = rows(|hex| format!("x'{hex}'"));
    let sql = format!(
        "pragma page_size = 8192; pragma auto_vacuum = incremental; begin; {first} {rows} \
         pragma application_id = {APPLICATION_ID}; pragma user_version = 1; commit;"
    );
    connection.execute_batch(&sql).unwrap();
    connection.close().unwrap();
}

fn in_postgresql(server: &Server, database: &str) {
    let first = include_str!("../../../src/ledger/postgres/migrations/0001_ledger.sql");
    let rows = rows(|hex| format!("decode('{hex}', 'hex')"));
    server.sql(
        database,
        &format!(
            "create table ledger_meta (name text primary key, value text not null); insert into ledger_meta \
             values ('application', 'approval-gateway'), ('schema', '1'), ('oldest_program', '1'); {first} {rows} \
             select setval(pg_get_serial_sequence('instance', 'instance_no'), 2)"
        ),
    );
}

/// What waited is delivered, what was delivered is not sent again, and both go on.
async fn goes_on(site: &Site) {
    let gateway = site.start();
    site.until_shown("waiting", "from before").await;
    assert_eq!(site.pushes().await.len(), 1);
    for id in ["waiting", "sent"] {
        let delivery = async || gateway.get(&format!("/v1/instances/{id}/delivery")).await.1;
        until(|| async { delivery().await["state"] == "delivered" }).await;
        assert_eq!(delivery().await["revision"], 3);
        let kept = gateway.get(&format!("/v1/instances/{id}/document")).await.1;
        assert_eq!(kept["title"], "from before");
        let (status, receipt) = gateway.put(id, "", &document(id, "from now")).await;
        assert_eq!((status, &receipt["revision"]), (200, &json!(4)), "{receipt}");
        let history = gateway.get(&format!("/v1/instances/{id}/history")).await.1;
        let first = history["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&first["event"], &first["caller"]), (&json!("accepted"), &json!("erp")));
    }
    let summary = gateway.get("/v1/deliveries/summary").await.1;
    assert_eq!(summary["states"]["delivered"], 2, "{summary}");
    assert_eq!(gateway.stop().await.code, Some(0));
    let checked = run(&["ledger", "check"], &site.environment(), b"");
    assert!(checked.code == Some(0) && checked.stdout.contains("2 instances, 2 documents"), "{checked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_in_a_file_of_the_first_version_is_delivered() {
    let site = Site::new().await;
    on_sqlite(&site.ledger());
    goes_on(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_in_a_database_of_the_first_version_is_delivered() {
    let Some(server) = Server::shared() else { return };
    let database = server.database(None);
    in_postgresql(server, &database);
    goes_on(&Site::new().await.with("GATEWAY_LEDGER__URL", &server.url(&database))).await;
}
