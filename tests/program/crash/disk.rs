//! Disks that are full or broken, and ends in the middle of a write.

#![expect(clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use approval_gateway::ledger::sqlite::check;
use serde_json::{Value, json};

use super::site::{Site, accept, document, is_possible};
use crate::feishu::until;
use crate::process::Running;

/// Becomes the program that it is given, in a namespace of its own with a small disk in the place of `$0`.
const SMALL_DISK: [&str; 5] =
    ["unshare", "-Urm", "sh", "-c", r#"mount -t tmpfs -o size=4m none "$0" && exec "$@""#];

/// More documents than fit on the small disk, or than any of these ends leaves to be written.
const DOCUMENTS: u32 = 400;

/// A document that does not get smaller when it is packed.
fn large(id: &str, title: &str) -> Value {
    let mut random = fastrand::Rng::with_seed(7);
    let text: String = (0..16_000).map(|_| random.alphanumeric()).collect();
    let mut document = document(id, title);
    document["extra"] = json!({"text": text});
    document
}

/// The ids of documents that were accepted until one was not, and the answer to that one.
async fn until_refused(gateway: &Running, prefix: &str) -> (Vec<String>, (u16, Value)) {
    let mut accepted = Vec::new();
    for number in 0..DOCUMENTS {
        let id = format!("{prefix}-{number}");
        match accept(gateway, &id, &large(&id, &id)).await {
            (202, _) => accepted.push(id),
            answer => return (accepted, answer),
        }
    }
    panic!("{DOCUMENTS} documents were accepted");
}

/// Waits until Feishu shows all of them.
async fn until_all_shown(site: &Site, ids: &[String]) {
    for id in ids {
        site.until_shown(id, id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_what_it_cannot_keep_and_goes_on_when_there_is_space_again() {
    let site = Site::new().await;
    let directory = site.directory();
    let program: Vec<_> = SMALL_DISK.into_iter().chain(directory.to_str()).collect();
    if !is_possible(&program) {
        return;
    }
    let gateway = site.start_by(&program).unwrap();
    let ballast = PathBuf::from(format!("/proc/{}/root", gateway.pid()))
        .join(directory.strip_prefix("/").unwrap())
        .join("ballast");
    let mut file = OpenOptions::new().create_new(true).append(true).open(&ballast).unwrap();
    while file.write_all(&[0x5A; 4096]).is_ok() {}
    drop(file);

    let (mut accepted, (status, problem)) = until_refused(&gateway, "before").await;
    assert_eq!((status, &problem["code"]), (503, &json!("ledger_unavailable")), "{problem}");
    assert_eq!((&problem["outcome"], &problem["retryable"]), (&json!("not_sent"), &json!(true)));
    assert_eq!(gateway.get("/livez").await.0, 200);
    assert_eq!(gateway.get("/readyz").await.0, 503);
    let refused = format!("before-{}", accepted.len());

    fs::remove_file(&ballast).unwrap();
    until(|| async { accept(&gateway, "after", &document("after", "after")).await.0 == 202 }).await;
    until(|| async { gateway.get("/readyz").await.0 == 200 }).await;
    accepted.push("after".to_owned());
    until_all_shown(&site, &accepted).await;
    assert_eq!(site.title(&refused).await, None, "nothing that was refused is there");
    assert_eq!(gateway.stop().await.code, Some(0));
}

/// Becomes the program that it is given, with something done to its writes and syncs.
fn meddled(inject: &str) -> Vec<String> {
    ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={inject}")]
        .map(str::to_owned)
        .into()
}

fn start_meddled(site: &Site, inject: &str) -> Result<Running, String> {
    let program = meddled(inject);
    site.start_by(&program.iter().map(String::as_str).collect::<Vec<_>>())
}

fn can_meddle() -> bool {
    let program = meddled("fdatasync:error=EIO:when=1000+");
    is_possible(&program.iter().map(String::as_str).collect::<Vec<_>>())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_ends_the_gateway_and_nothing_acknowledged_is_lost() {
    if !can_meddle() {
        return;
    }
    let site = Site::new().await;
    site.start().stop().await;
    site.feishu.fault(json!({"down": true})).await;
    let gateway = start_meddled(&site, "fdatasync,fsync:error=EIO:when=12+").unwrap();
    let (accepted, (status, problem)) = until_refused(&gateway, "before").await;
    assert!(!accepted.is_empty());
    assert_eq!((status, &problem["code"]), (503, &json!("ledger_unavailable")), "{problem}");
    assert_eq!(problem["outcome"], "unknown");
    let ended = gateway.ended().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("the ledger is broken") && ended.stderr.contains("disk I/O error"),
        "{}",
        ended.stderr
    );
    site.clear_faults().await;
    let gateway = site.start();
    until_all_shown(&site, &accepted).await;
    assert_eq!(gateway.stop().await.code, Some(0));
    assert_eq!(check(&site.ledger()).unwrap().faults, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_before_any_write_or_sync_of_a_commit_loses_nothing_acknowledged() {
    if !can_meddle() {
        return;
    }
    let site = Site::new().await;
    site.start().stop().await;
    let mut accepted = Vec::new();
    for (round, syncs) in (1..).zip([1, 2, 3, 5, 8, 13]) {
        let inject = format!("fdatasync,fsync:signal=SIGKILL:when={syncs}");
        // It may have ended before it listened.
        if let Ok(gateway) = start_meddled(&site, &inject) {
            for number in 0..DOCUMENTS {
                let id = format!("end-{round}-{number}");
                let request = gateway.request("PUT", &format!("/v1/instances/{id}"), &document(&id, &id));
                match request.header("prefer", "respond-async").send().await {
                    Ok(answer) => assert_eq!(answer.status(), 202),
                    Err(_) => break,
                }
                accepted.push(id);
            }
        }
    }
    let gateway = site.start();
    until_all_shown(&site, &accepted).await;
    assert_eq!(gateway.stop().await.code, Some(0));
    assert_eq!(check(&site.ledger()).unwrap().faults, Vec::<String>::new());
}
