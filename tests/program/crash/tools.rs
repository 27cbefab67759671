//! What `ledger` does with the database of the built gateway.

use std::fs;

use serde_json::Value;

use super::site::{Site, accept, document};
use crate::process::{Ended, run};

fn ledger(site: &Site, arguments: &[&str]) -> Ended {
    run(&[&["ledger"], arguments].concat(), &site.environment(), b"")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_gateway_brings_its_documents_back() {
    let site = Site::new().await;
    let gateway = site.start();
    assert_eq!(accept(&gateway, "a", &document("a", "one")).await.0, 202);
    site.until_shown("a", "one").await;
    let copy = site.ledger().with_extension("copy");
    let copy = copy.to_str().unwrap();
    assert_eq!(ledger(&site, &["backup", copy]).code, Some(0));
    let again = ledger(&site, &["backup", copy]);
    assert!(again.code == Some(1) && again.stderr.contains("exists already"), "{}", again.stderr);
    // Neither over a database that is there, nor under a gateway.
    let in_place = ledger(&site, &["restore", copy]);
    assert!(in_place.code == Some(1) && !in_place.stderr.is_empty(), "{}", in_place.stderr);
    assert_eq!(gateway.stop().await.code, Some(0));
    fs::remove_file(site.ledger()).unwrap();
    let restored = ledger(&site, &["restore", copy]);
    assert_eq!(restored.code, Some(0), "{}", restored.stderr);
    let checked = ledger(&site, &["check"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    assert!(checked.stdout.contains("1 instances, 1 documents"), "{}", checked.stdout);
    let gateway = site.start();
    let (status, kept) = gateway.get("/v1/instances/a/document").await;
    assert_eq!((status, &kept["title"]), (200, &Value::from("one")), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_a_line_for_each_document_as_an_import_takes_it() {
    let site = Site::new().await;
    let gateway = site.start();
    for id in ["a", "b"] {
        assert_eq!(accept(&gateway, id, &document(id, "one")).await.0, 202);
    }
    let exported = ledger(&site, &["export"]);
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    let lines: Vec<Value> = exported.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<_> = lines.iter().map(|line| line["instance_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert!(lines.iter().all(|line| line["status"].is_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_the_path_is_named() {
    let site = Site::new().await;
    for command in ["check", "export"] {
        let ended = ledger(&site, &[command]);
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        assert!(ended.stderr.contains(site.ledger().to_str().unwrap()), "{}", ended.stderr);
    }
}
