//! kill -9 again and again, under load.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use approval_gateway::ledger::sqlite::check;
use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::Semaphore;

use super::site::Site;
use super::writers::{Last, SEED, Writer, compare};
use crate::feishu::FOR_EVER;
use crate::process::Running;

/// Instances, each written by a caller of its own.
const WRITERS: usize = 6;

/// How often the gateway is killed; `just crash` asks for more.
fn kills() -> u32 {
    std::env::var("CRASHES").map_or(8, |kills| kills.parse().unwrap())
}

/// Faults that strike some time in the next pushes. What is applied is so when it arrives: a push that outlives its gateway
/// lands before what the next one sends.
async fn break_some(site: &Site, random: &mut fastrand::Rng) {
    site.clear_faults().await;
    for _ in 0..8 {
        let mut fault = match random.u8(0..5) {
            0 => json!({"http_status": 503, "apply": random.bool()}),
            1 => json!({"close": "before_headers", "apply": random.bool()}),
            _ => json!({"delay_ms": random.u32(10..150), "apply": true}),
        };
        fault["api"] = "external_instances".into();
        fault["skip"] = random.u32(0..40).into();
        site.feishu.fault(fault).await;
    }
}

/// Writes until the gateway is gone.
async fn write(writer: &mut Writer, gateway: &Running, acknowledgements: &Semaphore) {
    while let Some(is_acknowledged) = writer.write(gateway).await {
        acknowledgements.add_permits(is_acknowledged.into());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_delivered_however_often_the_gateway_is_killed() {
    let site = Site::new().await;
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut writers: Vec<_> = (0..WRITERS as u64).map(Writer::new).collect();
    let mut last = Last::new();
    for _ in 0..kills() {
        break_some(&site, &mut random).await;
        let gateway = site.start();
        let acknowledgements = Semaphore::new(0);
        let writing = join_all(writers.iter_mut().map(|writer| write(writer, &gateway, &acknowledgements)));
        let killing = async {
            let enough = acknowledgements.acquire_many(random.u32(1..60));
            tokio::time::timeout(FOR_EVER, enough).await.unwrap().unwrap().forget();
            gateway.kill();
        };
        tokio::join!(writing, killing);
        drop(gateway);
        compare(&site, &mut last).await;
    }
    site.clear_faults().await;
    let gateway = site.start();
    for writer in &writers {
        writer.until_shown(&site).await;
    }
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    compare(&site, &mut last).await;
    for writer in &writers {
        writer.check_end(&site, &last).await;
    }
    assert_eq!(check(&site.ledger()).unwrap().faults, Vec::<String>::new());
}
