//! System calls that fail: what was acknowledged stays, what failed is not there, and what is unknown is told so.

use std::collections::{BTreeMap, BTreeSet};

use super::super::check;
use super::super::open::{beside, suspicion};
use super::child::{run, strace, text};
use super::{Place, content};
use crate::ledger::Ledger as _;

/// What the child told: the last round of each document that is stored, and the kinds of errors.
#[derive(Debug, Default)]
struct Told {
    stored: BTreeMap<usize, usize>,
    errors: BTreeSet<String>,
    /// What was told after the first error.
    after: Vec<String>,
}

/// Runs the child with this injection of strace, and sees that nothing is lost that it was told is stored.
async fn told(place: &Place, inject: &str) -> Option<Told> {
    let strace = strace(&["-e", "trace=pwrite64,fsync,fdatasync", "-e", inject, "-o", "/dev/null"])?;
    // What the child does is to fail where it writes, not where it makes the database.
    place.open().close().await;
    let output = run(strace, &place.path(), "");
    let mut told = Told::default();
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["ack", id, round] => {
                told.stored.insert(id.parse().unwrap(), round.parse().unwrap());
            }
            ["err", _, _, kind] => {
                told.errors.insert(kind.to_owned());
            }
            _ => continue,
        }
        if !told.errors.is_empty() {
            told.after.push(words[0].to_owned());
        }
    }
    let is_suspect = suspicion(&place.path()).exists();
    if is_suspect {
        let log = std::fs::metadata(beside(&place.path(), "-wal")).unwrap();
        assert!(log.len() > 0, "a second sync is not trusted: {told:?}");
    }
    let is_broken = told.errors.contains("unknown") || told.errors.contains("fatal");
    assert!(is_suspect || !is_broken, "{told:?}");
    let ledger = place.open();
    for (id, round) in &told.stored {
        let found = content(&ledger, &id.to_string()).await.unwrap();
        let is_there = (*round..99).any(|round| found == text(*id, round));
        assert!(is_there, "round {round} of {id} is lost: {told:?}");
    }
    drop(ledger);
    assert_eq!(check(&place.path()).unwrap().faults, Vec::<String>::new());
    Some(told)
}

#[tokio::test]
async fn a_sync_that_fails_leaves_the_outcome_unknown_and_ends_the_writing() {
    // Strace counts the calls of each thread: these are syncs of the one that writes, of commits and of checkpoints.
    let mut errors = BTreeSet::new();
    for number in [3, 5, 8, 11] {
        let inject = format!("inject=fsync,fdatasync:error=EIO:when={number}");
        let Some(told) = told(&Place::new(), &inject).await else { return };
        assert!(told.after.iter().all(|word| word == "err"), "nothing is stored after it: {told:?}");
        errors.extend(told.errors);
    }
    assert_eq!(errors, ["fatal", "unknown"].map(str::to_owned).into());
}

#[tokio::test]
async fn a_full_disk_fails_what_does_not_fit_and_goes_on_when_there_is_room() {
    let Some(told) = told(&Place::new(), "inject=pwrite64:error=ENOSPC:when=40..42").await else { return };
    assert_eq!(told.errors, BTreeSet::from(["full".to_owned()]));
    assert!(told.after.contains(&"ack".to_owned()), "it goes on: {told:?}");
}

#[tokio::test]
async fn a_write_that_fails_ends_the_writing() {
    let Some(told) = told(&Place::new(), "inject=pwrite64:error=EIO:when=40").await else { return };
    assert!(told.errors.contains("fatal"), "{told:?}");
    assert!(told.after.iter().all(|word| word == "err"), "{told:?}");
}

/// `fsync` would have the file system note at each commit when the log was written, which takes another flush.
#[tokio::test]
async fn what_is_committed_is_synced_without_what_nobody_needs_to_know_of_the_file() {
    let place = Place::new();
    place.open().close().await;
    let trace = place.0.path().join("trace");
    let options = ["-y", "-e", "trace=fsync,fdatasync", "-o", trace.to_str().unwrap()];
    let Some(strace) = strace(&options) else { return };
    assert!(run(strace, &place.path(), "").status.success());
    let trace = std::fs::read_to_string(&trace).unwrap();
    let syncs =
        |call: &str| trace.lines().filter(|line| line.contains(call) && line.contains("-wal>")).count();
    assert!(syncs("fdatasync(") >= 9, "{trace}");
    assert_eq!(syncs(" fsync("), 0, "{trace}");
}
