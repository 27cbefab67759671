//! Ledgers that the gateway must not use: it says why, ends, and changes nothing of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use test_case::test_case;

use super::site::{Site, accept, document};
use crate::process::{Ended, run};

/// Starts a gateway that must end at once.
fn refused(site: &Site) -> Ended {
    let ended = run(&["serve"], &site.environment(), b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{}", ended.stderr);
    ended
}

/// Where the version of the schema stands in a SQLite database: `user_version`, big endian.
const SCHEMA: std::ops::Range<usize> = 60..64;

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test_case(|path| change(path, |bytes| bytes[8192..16384].fill(0xA5)), "is damaged"; "a damaged one")]
#[test_case(|path| fs::write(path, "a text that is no database, and long enough to have the header of one").unwrap(), "is no ledger"; "a foreign file")]
#[test_case(|path| change(path, |bytes| bytes[SCHEMA].copy_from_slice(&99_u32.to_be_bytes())), "has schema 99"; "one of a newer gateway")]
#[test_case(|path| fs::set_permissions(path, Permissions::from_mode(0o400)).unwrap(), "cannot be written"; "one that may only be read")]
#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_must_not_be_used_stops_the_start_and_is_left_as_it_is(
    spoil: impl FnOnce(&Path),
    expected: &str,
) {
    let site = Site::new().await;
    let gateway = site.start();
    assert_eq!(gateway.put("a", "", &document("a", "one")).await.0, 200);
    assert_eq!(gateway.stop().await.code, Some(0));
    spoil(&site.ledger());
    let before = fs::read(site.ledger()).unwrap();
    let ended = refused(&site);
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    assert!(ended.stderr.contains(site.ledger().to_str().unwrap()), "{}", ended.stderr);
    assert!(fs::read(site.ledger()).unwrap() == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_gateway_on_one_ledger_does_not_start_and_the_first_goes_on() {
    let site = Site::new().await;
    let gateway = site.start();
    let ended = refused(&site);
    assert!(ended.stderr.contains("is open in another process"), "{}", ended.stderr);
    assert_eq!(accept(&gateway, "a", &document("a", "one")).await.0, 202);
    site.until_shown("a", "one").await;
    // The lock of a gateway that was killed is gone with it.
    gateway.kill();
    drop(gateway);
    site.start();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_does_not_exist_is_named_and_not_made() {
    let site = Site::new().await;
    let nowhere = site.directory().join("nowhere");
    let url = format!("sqlite:{}/ledger.db", nowhere.display());
    let site = site.with("GATEWAY_LEDGER__URL", &url);
    let ended = refused(&site);
    assert!(ended.stderr.contains("nowhere/ledger.db does not exist"), "{}", ended.stderr);
    assert!(!nowhere.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_on_a_port_that_is_taken_leaves_no_ledger() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for variable in ["GATEWAY_LISTEN", "GATEWAY_ADMIN__LISTEN"] {
        let site = Site::new().await.with(variable, &address);
        let ended = refused(&site);
        assert!(ended.stderr.contains("the port is taken"), "{}", ended.stderr);
        let left: Vec<_> =
            std::fs::read_dir(site.directory()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
