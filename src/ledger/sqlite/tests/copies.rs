//! Backup, restore, export and check.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rusqlite::Connection;

use super::super::{BackupError, OpenError, backup, check, export, restore};
use super::{Place, accept, key};
use crate::domain::{AppName, Timestamp};
use crate::ledger::{
    DeliveryResult, DeliveryState, Epoch, Kept, Lane, Ledger, LedgerError, Report, StoredProblem,
};

fn now() -> Timestamp {
    Timestamp::from_unix_millis(super::START).unwrap()
}

async fn report(ledger: &dyn Ledger, id: &str, result: DeliveryResult) {
    let attempt = ledger.delivery(&key(id)).await.unwrap().unwrap().desired();
    let report = Report { epoch: Some(Epoch::default()), ..Report::new(key(id), attempt, result) };
    assert!(ledger.report(report).await.unwrap().unwrap().is_current);
}

#[tokio::test]
async fn a_backup_is_made_while_the_ledger_is_in_use() {
    let place = Place::new();
    let ledger = place.open();
    accept(&ledger, "a", "one").await.unwrap();
    let copy = place.0.path().join("backup.db");
    backup(&place.path(), &copy).unwrap();
    accept(&ledger, "b", "one").await.unwrap();
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let findings = check(&copy).unwrap();
    assert_eq!((findings.instances, findings.documents, findings.faults.len()), (1, 1, 0));
    assert!(matches!(backup(&place.path(), &copy), Err(BackupError::Exists { .. })));
    let nowhere = place.0.path().join("nowhere/backup.db");
    assert!(matches!(backup(&place.path(), &nowhere), Err(BackupError::Write { .. })));
    let missing = place.0.path().join("missing.db");
    assert!(matches!(backup(&missing, &nowhere), Err(BackupError::Open(_))));
    assert!(!missing.exists());
}

#[tokio::test]
async fn what_is_restored_is_checked_before_it_is_pushed() {
    let place = Place::new();
    let ledger = place.open();
    for id in ["waiting", "newer", "lost", "delivered"] {
        accept(&ledger, id, "one").await.unwrap();
    }
    report(&*ledger, "delivered", DeliveryResult::Delivered { check_at: None }).await;
    let copy = place.0.path().join("backup.db");
    backup(&place.path(), &copy).unwrap();
    let taken = restore(&copy, &place.path(), now());
    assert!(matches!(taken, Err(BackupError::Open(OpenError::AlreadyOpen { .. }))), "{taken:?}");
    ledger.close().await;
    assert!(matches!(restore(&copy, &place.path(), now()), Err(BackupError::Exists { .. })));
    drop(ledger);

    let place = Place::new();
    restore(&copy, &place.path(), now()).unwrap();
    assert_eq!(fs::metadata(place.path()).unwrap().permissions().mode() & 0o777, 0o600);
    let ledger = place.open();
    let app = AppName::default();
    let due = || async {
        let due = ledger.due(&app, Lane::Interactive, 9).await.unwrap();
        due.into_iter().flat_map(|of_caller| of_caller.due.items).collect::<Vec<_>>()
    };
    let checks = || async { ledger.check_due(&app, 9).await.unwrap().items.len() };
    assert_eq!((due().await.len(), checks().await), (0, 4));
    report(&*ledger, "waiting", DeliveryResult::Drift { problem: None }).await;
    report(&*ledger, "lost", DeliveryResult::NotChecked { check_at: None }).await;
    let problem = StoredProblem::new("conflict", "{}");
    report(&*ledger, "newer", DeliveryResult::Conflict { version: None, problem }).await;
    report(&*ledger, "delivered", DeliveryResult::Confirmed { check_at: None }).await;
    assert_eq!((due().await, checks().await), (vec![key("waiting"), key("lost")], 0));
    accept(&ledger, "again", "one").await.unwrap();
    let mut states = Vec::new();
    for id in ["newer", "delivered"] {
        states.push(ledger.delivery(&key(id)).await.unwrap().unwrap().state);
    }
    assert_eq!(states, [Some(DeliveryState::Conflict), Some(DeliveryState::Confirmed)]);
}

#[tokio::test]
async fn what_feishu_has_of_a_restored_document_is_adopted() {
    let place = Place::new();
    let ledger = place.open();
    accept(&ledger, "a", "one").await.unwrap();
    let copy = place.0.path().join("backup.db");
    backup(&place.path(), &copy).unwrap();
    let place = Place::new();
    restore(&copy, &place.path(), now()).unwrap();
    let ledger = place.open();
    report(&*ledger, "a", DeliveryResult::Confirmed { check_at: None }).await;
    let record = ledger.delivery(&key("a")).await.unwrap().unwrap();
    assert_eq!(record.state, Some(DeliveryState::Confirmed));
    assert_eq!((record.sent.map(|sent| sent.attempt), record.attempts), (Some(record.desired()), 0));
}

#[tokio::test]
async fn a_damaged_backup_is_not_restored() {
    let place = Place::new();
    let ledger = place.open();
    for number in 0..300 {
        accept(&ledger, &number.to_string(), &"text ".repeat(200)).await.unwrap();
    }
    let copy = place.0.path().join("backup.db");
    backup(&place.path(), &copy).unwrap();
    let mut bytes = fs::read(&copy).unwrap();
    let middle = bytes.len() / 8192 / 2 * 8192;
    bytes[middle..middle + 8192].fill(0x5A);
    fs::write(&copy, bytes).unwrap();
    let target = place.0.path().join("target.db");
    let error = restore(&copy, &target, now()).unwrap_err();
    assert!(
        matches!(error, BackupError::Damaged { .. } | BackupError::Open(OpenError::Corrupt { .. })),
        "{error:?}"
    );
    assert!(!target.exists());
}

#[tokio::test]
async fn every_kept_document_is_exported() {
    let place = Place::new();
    let ledger = place.open();
    for number in 0..1_201 {
        accept(&ledger, &number.to_string(), &format!("document {number}")).await.unwrap();
    }
    let mut seen = Vec::new();
    export::<ExportError>(&place.path(), |Kept { record, body }| {
        assert_eq!(body.json()?, format!("document {}", record.key.instance_id).into_bytes());
        seen.push(record.key.instance_id.parse::<u32>().unwrap());
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, (0..1_201).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_check_tells_what_does_not_fit_together() {
    let place = Place::new();
    let ledger = place.open();
    accept(&ledger, "a", "one").await.unwrap();
    ledger.close().await;
    let broken = [
        ("due_at = null", "pending without being due"),
        ("clock = 1", "later than its clock"),
        ("sent_revision = 9, sent_version = 1, sent_at = 1", "never accepted"),
        ("has_document = 0", "do not fit together"),
        ("state = 'refused', due_at = null, pending_since = null, has_document = 0", "without a document"),
    ];
    for (set, sentence) in broken {
        let copy = place.0.path().join("copy.db");
        fs::copy(place.path(), &copy).unwrap();
        Connection::open(&copy).unwrap().execute(&format!("update instance set {set}"), []).unwrap();
        let faults = check(&copy).unwrap().faults;
        assert!(faults.iter().any(|fault| fault.contains(sentence)), "{set}: {faults:?}");
    }
    Connection::open(place.path()).unwrap().execute("update tally set count = 7", []).unwrap();
    assert!(check(&place.path()).unwrap().faults[0].contains("counts of an app"));
}

#[derive(Debug)]
struct ExportError;

impl From<OpenError> for ExportError {
    fn from(_: OpenError) -> Self {
        Self
    }
}

impl From<LedgerError> for ExportError {
    fn from(_: LedgerError) -> Self {
        Self
    }
}
