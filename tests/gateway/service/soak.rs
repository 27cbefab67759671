//! A soak with random faults, short enough for every run: checked by what the sandbox has recorded.

use std::collections::HashMap;

use approval_gateway::support::clock::Clock;
use futures_util::future::join_all;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::harness::documents::{instance, with};
use crate::harness::{Feishu, Gateway, sandbox};

/// Instances, each pushed by a writer of its own, and pushes of each.
const INSTANCES: u64 = 10;
const PUSHES: u64 = 12;

/// Calls a second, and a minute, that may arrive.
const PER_SECOND: usize = 20;
const PER_MINUTE: usize = 200;

/// The same faults in every run; when they strike is left to chance.
const SEED: u64 = 0x5eed;

/// A fault of the upstream; after some of them the push has taken effect.
fn fault(random: &mut fastrand::Rng) -> Value {
    let mut fault = match random.u8(0..8) {
        0 => json!({"http_status": 500}),
        1 => json!({"code": 1395001}),
        2 => json!({"close": "before_headers"}),
        3 => json!({"close": "mid_body"}),
        // Applied at its end, when its caller may have left.
        4 | 5 => json!({"delay_ms": random.u64(200..1_200)}),
        // After one that was applied.
        6 => json!({"code": 1390001}),
        _ => json!({"body_raw": "<html>"}),
    };
    fault["api"] = "external_instances".into();
    let is_refusal = fault["code"] == 1_390_001;
    fault["apply"] = (!is_refusal && fault.get("delay_ms").is_none() && random.bool()).into();
    fault
}

struct Told {
    title: String,
    outcome: String,
}

/// Pushes one instance again and again; what its caller was told of each push.
async fn push_one_instance(gateway: &Gateway, number: u64) -> Vec<Told> {
    let mut random = fastrand::Rng::with_seed(SEED + number);
    let mut told = Vec::new();
    let id = format!("soak-{number}");
    for push in 0..PUSHES {
        let title = format!("{id} #{push:03}");
        let document = with(instance(&id), json!({"updated_at": null, "title": title}));
        let answer = gateway.put_within(random.u64(300..2_000), &id, &document).await;
        let outcome = match answer.status {
            200 => "taken".to_owned(),
            _ => answer.body["outcome"].as_str().unwrap().to_owned(),
        };
        told.push(Told { title, outcome });
    }
    told
}

fn millis(time: &Value) -> i128 {
    OffsetDateTime::parse(time.as_str().unwrap(), &Rfc3339).unwrap().unix_timestamp_nanos() / 1_000_000
}

/// The most of these moments that lie within a span of this length.
fn most_in(length: i128, moments: &[i128]) -> usize {
    let within = |first: &i128| moments.iter().filter(|at| (*first..first + length).contains(*at)).count();
    moments.iter().map(within).max().unwrap_or(0)
}

#[tokio::test]
async fn whatever_fails_no_rejected_push_is_applied_and_no_instance_goes_back() {
    let feishu = Feishu::serve(&sandbox(None, &Clock::System)).await;
    let mut random = fastrand::Rng::with_seed(SEED);
    for _ in 0..40 {
        let mut fault = fault(&mut random);
        fault["skip"] = random.u32(0..90).into();
        feishu.fault(fault).await;
    }
    let rate = (u32::try_from(PER_SECOND).unwrap(), u32::try_from(PER_MINUTE).unwrap());
    let builder = Gateway::builder().feishu(&feishu).clock(Clock::System).rate(rate.0, rate.1);
    let gateway = builder.start().await;
    let told: Vec<_> = join_all((0..INSTANCES).map(|number| push_one_instance(&gateway, number)))
        .await
        .into_iter()
        .flatten()
        .collect();
    // What goes on without its caller.
    let ended = async || {
        feishu.requests("external_instances").await.iter().all(|call| call.get("ended_at").is_some())
    };
    crate::harness::until(ended).await;

    let calls = feishu.requests("external_instances").await;
    let arrivals: Vec<_> = calls.iter().map(|call| millis(&call["at"])).collect();
    assert!(calls.len() > 60, "{} calls", calls.len());
    // Less, for what a busy machine does between leaving and arriving.
    assert!(most_in(800, &arrivals) <= PER_SECOND, "{} in a second", most_in(800, &arrivals));
    assert!(most_in(59_950, &arrivals) <= PER_MINUTE, "{} in a minute", most_in(59_950, &arrivals));

    let title = |call: &Value| {
        let texts = call["body"]["i18n_resources"][0]["texts"].as_array().unwrap();
        let titles = texts.iter().map(|text| text["value"].as_str().unwrap());
        titles.filter(|text| text.contains('#')).map(str::to_owned).next().unwrap()
    };
    let applied: Vec<_> = calls.iter().filter(|call| call["applied"] == true).map(title).collect();
    for Told { title, outcome } in &told {
        let is_applied = applied.contains(title);
        match outcome.as_str() {
            "taken" => assert!(is_applied, "{title} was taken"),
            "unknown" => {}
            other => assert!(!is_applied, "{title} was applied and told {other}"),
        }
    }
    let mut instances: HashMap<String, Vec<&Value>> = HashMap::new();
    for call in &calls {
        instances.entry(call["body"]["instance_id"].as_str().unwrap().to_owned()).or_default().push(call);
    }
    for (id, calls) in instances {
        for pair in calls.windows(2) {
            let (before, after) = (title(pair[0]), title(pair[1]));
            assert!(before <= after, "{id} went back from {before} to {after}");
            let overlap = millis(&pair[0]["ended_at"]) > millis(&pair[1]["at"]);
            assert!(before == after || !overlap, "{before} was under way when {after} arrived");
        }
    }
    // Each kind of end has been met.
    for outcome in ["taken", "unknown"] {
        assert!(told.iter().any(|told| told.outcome == outcome), "nothing was {outcome}");
    }
}
