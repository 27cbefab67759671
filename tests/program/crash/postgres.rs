//! The gateway on PostgreSQL: what it has accepted is delivered by the next one, and a ledger moves there and back.

use serde_json::{Value, json};

use super::site::{Site, accept, document};
use crate::postgres_server::Server;
use crate::process::run;

/// A site whose ledger is in a database of its own; none where PostgreSQL is not installed.
pub(super) async fn site() -> Option<(Site, String)> {
    let server = Server::shared()?;
    let url = server.url(&server.database(None));
    Some((Site::new().await.with("GATEWAY_LEDGER__URL", &url), url))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_into_postgresql_is_delivered_by_the_next_gateway() {
    let Some((site, _)) = site().await else { return };
    site.feishu.fault(json!({"down": true})).await;
    let gateway = site.start();
    let (status, told) = accept(&gateway, "a", &document("a", "one")).await;
    assert_eq!((status, &told["state"]), (202, &json!("pending")), "{told}");
    gateway.kill();
    drop(gateway);
    site.clear_faults().await;
    let gateway = site.start();
    site.until_shown("a", "one").await;
    let (status, receipt) = gateway.put("a", "", &document("a", "two")).await;
    assert_eq!((status, &receipt["revision"]), (200, &json!(2)), "{receipt}");
    let checked = run(&["ledger", "check"], &site.environment(), b"");
    assert!(checked.stdout.contains("1 instances, 1 documents"), "{checked:?}");
    let exported = run(&["ledger", "export"], &site.environment(), b"");
    let line: Value = serde_json::from_str(&exported.stdout).unwrap();
    assert_eq!((&line["instance_id"], &line["title"]), (&json!("a"), &json!("two")));
    let refused = run(&["ledger", "backup", "copy.db"], &site.environment(), b"");
    assert!(refused.code == Some(1) && refused.stderr.contains("pg_dump"), "{refused:?}");
    let examined = run(&["doctor", "--sandbox", "--json"], &site.environment(), b"");
    let examined: Value = serde_json::from_str(&examined.stdout).unwrap();
    let subjects = |value: &Value| {
        let checks = value["ledger"]["checks"].as_array().unwrap().clone();
        checks.into_iter().map(|check| (check["subject"].clone(), check["state"].clone())).collect::<Vec<_>>()
    };
    let expected = ["database", "schema", "permissions", "durability", "clock", "lease"];
    assert_eq!(subjects(&examined), expected.map(|subject| (json!(subject), json!("ok"))));
    let lease = examined["ledger"]["checks"][5]["detail"].as_str().unwrap();
    assert!(lease.contains(" pushes for default: epoch "), "{lease}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_moves_into_postgresql_and_back_with_all_that_it_knows() {
    let Some((site, url)) = site().await else { return };
    let file = site.directory().join("ledger.db");
    let on_file = Site::beside(&site, &format!("sqlite:{}", file.display()));
    let gateway = on_file.start();
    for (id, title) in [("a", "one"), ("b", "one"), ("a", "two")] {
        assert_eq!(gateway.put(id, "", &document(id, title)).await.0, 200);
    }
    site.feishu.fault(json!({"down": true})).await;
    assert_eq!(accept(&gateway, "c", &document("c", "waiting")).await.0, 202);
    let history = gateway.get("/v1/instances/a/history").await.1;
    let from = format!("sqlite:{}", file.display());
    let migrate = |from: &str, to: &str| run(&["ledger", "migrate", from, to], &site.environment(), b"");
    let used = migrate(&from, &url);
    assert!(used.code == Some(1) && used.stderr.contains("open in another process"), "{used:?}");
    gateway.stop().await;
    let moved = migrate(&from, &url);
    assert_eq!(moved.code, Some(0), "{moved:?}");
    assert!(moved.stdout.contains("3 instances and 3 documents"), "{moved:?}");
    let again = migrate(&from, &url);
    assert!(again.code == Some(1) && again.stderr.contains("not empty"), "{again:?}");

    site.clear_faults().await;
    let gateway = site.start();
    // Newest first: what was delivered may have been checked in the meantime.
    let items = |history: &Value| history["items"].as_array().unwrap().clone();
    let history_there = items(&gateway.get("/v1/instances/a/history").await.1);
    assert!(history_there.ends_with(&items(&history)), "{history_there:?}");
    site.until_shown("c", "waiting").await;
    let (status, receipt) = gateway.put("a", "", &document("a", "three")).await;
    assert_eq!((status, &receipt["revision"]), (200, &json!(3)), "{receipt}");
    let back = format!("sqlite:{}", site.directory().join("back.db").display());
    let used = migrate(&url, &back);
    assert!(used.code == Some(1) && used.stderr.contains("stop every gateway first"), "{used:?}");
    gateway.stop().await;
    // Whoever has left says so; a connection that is closing may need a moment.
    let mut moved = migrate(&url, &back);
    for _ in 0..50 {
        if moved.code == Some(0) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        moved = migrate(&url, &back);
    }
    assert_eq!(moved.code, Some(0), "{moved:?}");
    let over = migrate(&url, &back);
    assert!(over.code == Some(1) && over.stderr.contains("exists already"), "{over:?}");
    let on_file = Site::beside(&site, &back);
    let checked = run(&["ledger", "check"], &on_file.environment(), b"");
    assert!(checked.code == Some(0) && checked.stdout.contains("3 instances, 3 documents"), "{checked:?}");
    let gateway = on_file.start();
    let (status, receipt) = gateway.put("a", "", &document("a", "four")).await;
    assert_eq!((status, &receipt["revision"]), (200, &json!(4)), "{receipt}");
}
