//! A PostgreSQL that is full, or refuses what it allowed before, and gateways that stand still while they hold something in it.

use serde_json::{Value, json};
use tokio_postgres::NoTls;

use super::replicas::holds;
use super::site::{Site, accept, document};
use crate::feishu::until;
use crate::postgres_server::Server;
use crate::process::Running;

/// A gateway's site, and its database.
struct Shared {
    site: Site,
    server: &'static Server,
    database: String,
}

impl Shared {
    /// None where PostgreSQL is not installed.
    async fn new() -> Option<Self> {
        let server = Server::shared()?;
        let database = server.database(None);
        let site = Site::new().await.with("GATEWAY_LEDGER__URL", &server.url(&database));
        Some(Self { site, server, database })
    }

    fn sql(&self, sql: &str) -> String {
        self.server.sql(&self.database, sql)
    }

    /// The process of a gateway's session of which this is true; empty when there is none.
    fn session(&self, condition: &str) -> String {
        self.sql(&format!(
            "select pid from pg_stat_activity where datname = current_database() \
             and application_name = 'approval-gateway' and {condition} limit 1"
        ))
    }
}

/// What is said of a document that the ledger does not take.
async fn refused(gateway: &Running, id: &str) -> Value {
    let (status, problem) = accept(gateway, id, &document(id, id)).await;
    assert_eq!((status, &problem["code"]), (503, &json!("ledger_unavailable")), "{problem}");
    assert_eq!(problem["outcome"], "not_sent", "{problem}");
    problem
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_database_refuses_what_it_cannot_keep_and_goes_on_when_there_is_space_again() {
    let Some(shared) = Shared::new().await else { return };
    let site = &shared.site;
    site.feishu.fault(json!({"down": true})).await;
    let gateway = site.start();
    assert_eq!(accept(&gateway, "before", &document("before", "before")).await.0, 202);
    // As PostgreSQL says it when a file cannot grow.
    shared.sql(
        "create function full_disk() returns trigger language plpgsql as $$ begin \
         raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$; \
         create trigger full_disk before insert on document execute function full_disk()",
    );
    let problem = refused(&gateway, "meanwhile").await;
    assert_eq!(
        (&problem["retryable"], &problem["detail"]),
        (&json!(true), &json!("The ledger is full; nothing was accepted."))
    );
    gateway.until_logged("No space left on device (SQLSTATE 53100)").await;
    assert_eq!((gateway.get("/readyz").await.0, gateway.get("/livez").await.0), (503, 200));
    let waiting = gateway.get("/v1/instances/before/delivery").await.1;
    assert_eq!(waiting["state"], "pending", "{waiting}");
    assert_eq!(gateway.get("/v1/instances/meanwhile/delivery").await.0, 404, "nothing of it is there");

    shared.sql("drop trigger full_disk on document");
    assert_eq!(accept(&gateway, "after", &document("after", "after")).await.0, 202);
    assert_eq!(gateway.get("/readyz").await.0, 200);
    site.clear_faults().await;
    for id in ["before", "after"] {
        site.until_shown(id, id).await;
    }
    assert_eq!(site.title("meanwhile").await, None);
    assert_eq!(gateway.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_leases_cannot_be_asked_about_everything_is_accepted_and_waits() {
    let Some(shared) = Shared::new().await else { return };
    let role = format!("gateway_of_{}", shared.database);
    let all = "all tables in schema public";
    shared.sql(&format!(
        "create role {role} login; grant create, usage on schema public to {role}; \
         alter default privileges in schema public grant all on tables to {role}"
    ));
    // The tables are the owner's: what is granted can be taken away.
    let owned = Site::beside(&shared.site, &shared.server.url(&shared.database));
    assert_eq!(owned.start().stop().await.code, Some(0));
    shared.sql(&format!("grant select, insert, update, delete on {all} to {role}"));
    let site = Site::beside(&shared.site, &shared.server.url_of(&role, &shared.database));
    let gateway = site.start();
    until(|| async { holds(&gateway).await }).await;
    shared.sql(&format!("revoke all on lease from {role}"));
    until(|| async { !holds(&gateway).await }).await;
    gateway.until_logged("the lease could not be asked about").await;
    gateway.until_logged("permission denied for table lease").await;
    let (status, told) = accept(&gateway, "a", &document("a", "one")).await;
    assert_eq!((status, &told["state"]), (202, &json!("pending")), "{told}");
    assert_eq!(gateway.get("/readyz").await.0, 200, "accepting works");
    assert_eq!(site.title("a").await, None, "and nobody pushes");
    shared.sql(&format!("grant select, insert, update, delete on lease to {role}"));
    site.until_shown("a", "one").await;

    // A right that accepting needs.
    shared.sql(&format!("revoke insert on history from {role}"));
    refused(&gateway, "b").await;
    gateway.until_logged("permission denied for table history").await;
    assert_eq!(gateway.get("/readyz").await.0, 503);
    shared.sql(&format!("grant insert on history to {role}"));
    let (status, receipt) = gateway.put("b", "", &document("b", "one")).await;
    assert_eq!((status, &receipt["revision"]), (200, &json!(1)), "nothing of it was there: {receipt}");
    assert_eq!(gateway.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_from_before_the_clock_was_set_back_is_taken_over_as_soon_as_any_other() {
    let Some(shared) = Shared::new().await else { return };
    let site = &shared.site;
    let dead = site.start();
    until(|| async { holds(&dead).await }).await;
    dead.kill();
    drop(dead);
    // As if the clock were an hour back.
    shared.sql("update lease set expires_at = expires_at + interval '1 hour', noted_at = noted_at + interval '1 hour'");
    let next = site.start();
    assert_eq!(accept(&next, "a", &document("a", "one")).await.0, 202);
    site.until_shown("a", "one").await;
    assert_eq!(next.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_stands_still_in_a_transaction_holds_nobody_up_for_long() {
    let Some(shared) = Shared::new().await else { return };
    let site = &shared.site;
    let pushing = site.start();
    until(|| async { holds(&pushing).await }).await;
    assert_eq!(pushing.put("a", "", &document("a", "one")).await.0, 200);
    let stopped = site.start();
    // It is in the middle of a transaction, because it waits for a row; and it gets the row when it stands still.
    let (holder, connection) =
        tokio_postgres::connect(&shared.server.url(&shared.database), NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    holder.batch_execute("begin; select 1 from instance where instance_id = 'a' for update").await.unwrap();
    let two = document("a", "two");
    let begun = accept(&stopped, "a", &two);
    let standing_still = async {
        until(|| async { !shared.session("wait_event_type = 'Lock'").is_empty() }).await;
        let session = format!("pid = {}", shared.session("wait_event_type = 'Lock'"));
        stopped.suspend();
        holder.batch_execute("rollback").await.unwrap();
        until(|| async {
            !shared.session(&format!("{session} and state = 'idle in transaction'")).is_empty()
        })
        .await;
        assert_eq!(pushing.put("b", "", &document("b", "one")).await.0, 200, "others are not concerned");
        let mut refusals = 0;
        let told = loop {
            match accept(&pushing, "a", &document("a", "three")).await {
                (202, told) => break told,
                (status, problem) => {
                    assert_eq!(
                        (status, &problem["detail"]),
                        (503, &json!("The ledger is busy; nothing was accepted."))
                    );
                    refusals += 1;
                    assert!(refusals < 5, "it is held for ever");
                }
            }
        };
        assert_eq!((&told["revision"], shared.session(&session)), (&json!(2), String::new()), "it was ended");
        site.until_shown("a", "three").await;
        stopped.resume();
    };
    // It finds that its transaction was ended, and begins it again.
    let ((status, told), ()) = tokio::join!(begun, standing_still);
    assert_eq!((status, &told["revision"]), (202, &json!(3)), "{told}");
    site.until_shown("a", "two").await;
    drop(holder);
    connection.await.unwrap().unwrap();
    for gateway in [stopped, pushing] {
        assert_eq!(gateway.stop().await.code, Some(0));
    }
}
