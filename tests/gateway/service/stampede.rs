//! Hundreds of callers at once and one token: cold, and at the moment of its revocation.

use std::time::Duration;

use futures_util::future::join_all;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;

use crate::harness::documents::instance;
use crate::harness::{Gateway, until};

/// Callers at most: many more than there are threads, and so few that a busy machine answers each attempt in its five seconds.
/// Each takes four descriptors: both ends of its connection and of that to the sandbox.
const CALLERS: u64 = 400;

/// As many callers as the open files allow, beside the other tests.
fn callers() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    setrlimit(Resource::Nofile, raised).unwrap();
    let share = limit.maximum.unwrap_or(u64::MAX) / 8;
    usize::try_from(CALLERS.min(share)).unwrap()
}

/// With a deadline that a slow machine meets: this is about counts.
async fn patient() -> Gateway {
    Gateway::builder().deadline(Duration::from_secs(60)).set("SERVER__MAX_CONNECTIONS", 10_000).start().await
}

async fn push_all(gateway: &Gateway, callers: usize) -> Vec<u16> {
    let push = async |number: usize| {
        let id = format!("i{number}");
        gateway.put(&id, "", &instance(&id)).await.status
    };
    join_all((0..callers).map(push)).await
}

fn successes(statuses: &[u16]) -> usize {
    statuses.iter().filter(|status| **status == 200).count()
}

#[tokio::test]
async fn hundreds_of_cold_callers_cost_one_token_call() {
    let (gateway, callers) = (patient().await, callers());
    assert_eq!(successes(&push_all(&gateway, callers).await), callers);
    assert_eq!(gateway.feishu.count("token").await, 1);
}

#[tokio::test]
async fn a_revocation_with_hundreds_in_flight_costs_one_token_call_and_no_failure() {
    let (gateway, callers) = (patient().await, callers());
    gateway.put("warm", "", &instance("warm")).await.ok();
    gateway.feishu.fault(json!({"api": "external_instances", "delay_ms": 300, "times": callers / 2})).await;
    let under_way = callers as u64 / 4;
    let revoke = async {
        until(|| async { gateway.feishu.count("external_instances").await > under_way }).await;
        gateway.feishu.revoke_tokens().await;
    };
    let (statuses, ()) = tokio::join!(push_all(&gateway, callers), revoke);
    assert_eq!(successes(&statuses), callers);
    assert_eq!(gateway.feishu.count("token").await, 2);
    assert!(
        gateway.feishu.count("external_instances").await > callers as u64 + 1,
        "some were refused and replayed"
    );
}
