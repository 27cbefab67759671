//! Several apps behind one gateway, each with a sandbox of its own, and callers whose keys decide.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod isolation;
mod metrics;
mod routing;
mod scopes;

use crate::harness::{Builder, Gateway};

/// What the requests of one app may hold.
const QUOTA: usize = 1024 * 1024;

/// A gateway with the apps `default` and `erp`. Its clock stands still: only calls use up what is left of a rate.
async fn two_apps() -> Gateway {
    builder().start().await
}

fn builder() -> Builder {
    Gateway::builder()
        .app("erp")
        .key("k-default", "")
        .key("k-erp", "app=erp")
        .key("k-read", "scope=read")
        .key("k-write", "scope=write")
        .key("k-operate", "scope=operate")
        .key("k-erp-read", "app=erp scope=read")
        .set("AUTH__ALLOW_ANONYMOUS", true)
        .rate(1, 0)
        .set("APPS__ERP__REGION", "lark")
        .set("APPS__ERP__RATE__PER_SECOND", 0)
        .set("APPS__ERP__RATE__PER_MINUTE", 0)
        .set("REQUEST__CAPACITY_BYTES", 2 * QUOTA)
        .deadline(std::time::Duration::from_secs(60))
}
