//! A ledger that cannot be written.

use approval_gateway::ledger::{Cause, LedgerError};
use test_case::test_case;

use super::support::Kept;
use crate::harness::documents::instance;

#[test_case(LedgerError::Full(Cause::new("full")) => "503 ledger_unavailable, not_sent, retryable"; "full")]
#[test_case(LedgerError::Busy(Cause::new("busy")) => "503 ledger_unavailable, not_sent, retryable"; "busy")]
#[test_case(LedgerError::Unknown(Cause::new("EIO")) => "503 ledger_unavailable, unknown, retryable"; "the disk failed in the commit")]
#[tokio::test]
async fn a_ledger_that_cannot_be_written(error: LedgerError) -> String {
    let kept = Kept::start().await;
    kept.memory.fail_with(Some(error));
    let refused = kept.gateway.put("a", "", &instance("a")).await;
    assert_eq!(kept.gateway.get("/readyz").await.problem(), "503 ledger_unavailable, not_sent, retryable");
    kept.memory.fail_with(None);
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 0);
    kept.gateway.put("a", "", &instance("a")).await.ok();
    kept.gateway.get("/readyz").await.ok();
    refused.problem()
}
