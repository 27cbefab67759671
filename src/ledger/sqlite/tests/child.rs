//! A process of its own that writes to a ledger, for tests that watch or disturb its system calls.
//!
//! It is this very test program, started again with a variable that says where the ledger is.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use futures_util::future::join_all;

use super::super::error::classify;
use super::super::transaction::Transaction;
use super::{accept, open};
use crate::ledger::{AcceptError, Ledger as _, LedgerError};

/// The ledger of the child.
const PATH: &str = "LEDGER_OF_TEST_CHILD";

/// What is done to the child's ledger before it is used, as SQL.
const PREPARE: &str = "SQL_OF_TEST_CHILD";

/// Documents that the child writes, in groups of growing size.
const ROUNDS: usize = 9;
const IDS: usize = 7;

/// What the document of an instance says in a round.
pub(super) fn text(id: usize, round: usize) -> String {
    format!("{id} in round {round}: {}", "some text ".repeat(id * 30))
}

/// Strace, around the child; `None` where there is none, or where it may not be used.
pub(super) fn strace(options: &[&str]) -> Option<Command> {
    let works = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    if !works.is_ok_and(|output| output.status.success()) {
        let may_skip = std::env::var_os("GATEWAY_TESTS_SKIP_NOTHING").is_none();
        assert!(may_skip, "strace is not there, or may not be used");
        println!("SKIPPED: strace is not there, or may not be used");
        return None;
    }
    let mut command = Command::new("strace");
    command.arg("-f").args(options);
    Some(command)
}

/// Runs the child, behind the command that watches it.
pub(super) fn run(mut watcher: Command, ledger: &Path, prepare: &str) -> Output {
    let test = "ledger::sqlite::tests::child::writes_when_it_is_the_child";
    watcher
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads", "1"])
        .env(PATH, ledger)
        .env(PREPARE, prepare)
        .output()
        .unwrap()
}

/// Tells what became of each document: `ack ID ROUND`, or `err ID ROUND KIND`; each line is one system call.
fn tell(line: &str) {
    let mut out = std::io::stderr();
    out.write_all(format!("{line}\n").as_bytes()).unwrap();
}

#[tokio::test]
async fn writes_when_it_is_the_child() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let ledger = open(Path::new(&path)).unwrap();
    let prepare = std::env::var(PREPARE).unwrap();
    if !prepare.is_empty() {
        // Some settings cannot be changed inside a transaction.
        let set = move |transaction: &Transaction<'_>| -> Result<(), LedgerError> {
            transaction.connection.execute_batch(&format!("rollback; {prepare}")).map_err(classify)
        };
        ledger.writer.run(set).await.unwrap();
    }
    for round in 0..ROUNDS {
        let ids = (0..IDS).take(1 + round % IDS);
        let accepts = ids.map(|id| {
            let ledger = &ledger;
            async move {
                match accept(ledger, &id.to_string(), &text(id, round)).await {
                    Ok(_) => tell(&format!("ack {id} {round}")),
                    Err(AcceptError::Ledger(error)) => tell(&format!("err {id} {round} {}", kind(&error))),
                    Err(other) => panic!("{other}"),
                }
            }
        });
        join_all(accepts).await;
    }
    ledger.close().await;
}

fn kind(error: &LedgerError) -> &'static str {
    match error {
        LedgerError::Full(_) => "full",
        LedgerError::Busy(_) => "busy",
        LedgerError::Unavailable(_) => "unavailable",
        LedgerError::Failed(_) => "failed",
        LedgerError::Unknown(_) => "unknown",
        LedgerError::Fatal(_) => "fatal",
        LedgerError::Unreadable { .. } => "unreadable",
        LedgerError::Closed => "closed",
    }
}
