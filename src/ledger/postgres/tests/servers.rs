//! The servers that the tests start themselves leave nothing behind.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::server::Server;

/// The process of the server in this directory.
fn postmaster(directory: &Path) -> String {
    let file = std::fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    file.lines().next().unwrap().to_owned()
}

fn signal(name: &str, process: &str) {
    assert!(Command::new("kill").args([name, process]).status().unwrap().success());
}

/// Whether a process is gone within a few seconds.
fn is_gone(process: &str) -> bool {
    let status = || std::fs::read_to_string(format!("/proc/{process}/stat"));
    (0..100).any(|_| {
        // Dead, and not yet waited for.
        let is_gone = status().is_err() || status().is_ok_and(|status| status.contains(") Z "));
        if !is_gone {
            std::thread::sleep(Duration::from_millis(50));
        }
        is_gone
    })
}

#[test]
fn a_server_that_does_not_listen_any_more_is_killed_at_the_end() {
    let Some(server) = Server::start(&[]) else { return };
    let directory = server.directory().to_owned();
    let process = postmaster(&directory);
    signal("-STOP", &process);
    drop(server);
    assert!(is_gone(&process) && !directory.exists());
}

#[test]
fn what_a_watcher_that_was_killed_has_left_is_removed_by_the_next() {
    let Some(server) = Server::start(&[]) else { return };
    let directory = server.directory().to_owned();
    let process = postmaster(&directory);
    let watcher = directory.to_str().unwrap().rsplit('.').nth(1).unwrap().to_owned();
    signal("-KILL", &watcher);
    drop(server);
    assert!(directory.exists());
    let next = Server::start(&[]).unwrap();
    assert!(is_gone(&process) && !directory.exists());
    assert!(next.directory().exists());
}
