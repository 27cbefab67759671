//! How often Feishu is asked.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::support::{CONTACTS, employee, everybody, hire, naming, push};
use crate::durable::support::Kept;
use crate::harness::documents::with;
use crate::imports::support::{delivered_later, import};

/// An instance that names its own applicant by e-mail, and one of seventy approvers by mobile.
fn document(number: usize) -> Value {
    let id = format!("i{number}");
    let approver = json!({"mobile": format!("+1415555{:04}", number % 70)});
    let document = naming(&id, &json!({"applicant_email": format!("a{number}@example.com")}), &[approver]);
    with(document, json!({"instance_id": id}))
}

async fn hire_570(kept: &Kept) {
    let applicants = (0..500).map(|number| employee(&format!("a{number}")));
    let approvers = (0..70)
        .map(|number| json!({"user_id": format!("m{number}"), "mobile": format!("+1415555{number:04}")}));
    hire(&kept.gateway.feishu, applicants.chain(approvers).collect()).await;
}

#[tokio::test]
async fn five_hundred_instances_of_570_people_cost_sixty_lookups_at_most_and_then_none() {
    let kept = Kept::start().await;
    hire_570(&kept).await;
    let lines = |title: &str| {
        let lines = (0..500).map(|number| with(document(number), json!({"title": title})).to_string());
        lines.collect::<Vec<_>>().join("\n")
    };
    let answer = import(&kept.gateway, lines("first")).await;
    assert_eq!(delivered_later(&kept, &answer).await["delivered"], 500);
    let cold = kept.gateway.feishu.count(CONTACTS).await;
    assert!(cold <= 60, "{cold} lookups");
    let answer = import(&kept.gateway, lines("second")).await;
    assert_eq!(delivered_later(&kept, &answer).await["delivered"], 500);
    assert_eq!(kept.gateway.feishu.count(CONTACTS).await, cold);
}

#[tokio::test]
async fn callers_who_come_at_the_same_time_share_lookups() {
    let kept = Kept::start().await;
    hire_570(&kept).await;
    let pushes = (0..100).map(|number| {
        let document = document(number);
        let gateway = kept.gateway.clone();
        async move { gateway.put(&format!("i{number}"), "", &document).await.status }
    });
    assert!(join_all(pushes).await.into_iter().all(|status| status == 200));
    let asked = kept.gateway.feishu.count(CONTACTS).await;
    assert!(asked <= 20, "{asked} lookups");
}

#[tokio::test]
async fn a_person_whom_many_name_at_once_is_looked_up_once() {
    let kept = Kept::start().await;
    let pushes = (0..50).map(|number| {
        let id = format!("i{number}");
        let gateway = kept.gateway.clone();
        async move { gateway.put(&id, "", &everybody(&id)).await.status }
    });
    assert!(join_all(pushes).await.into_iter().all(|status| status == 200));
    // For both kinds of ids.
    assert_eq!(kept.gateway.feishu.count(CONTACTS).await, 2);
    assert_eq!(kept.gateway.feishu.count("users_batch").await, 1);
}

#[tokio::test]
async fn people_who_are_needed_and_names_that_are_asked_about_are_counted() {
    let kept = Kept::start().await;
    for id in ["a", "b", "c"] {
        push(&kept.gateway, id, &everybody(id)).await;
    }
    let unknown = naming("d", &json!({"applicant_email": "nobody@example.com"}), &[]);
    assert_eq!(kept.gateway.put("d", "", &unknown).await.status, 422);
    let metrics = kept.gateway.get("/metrics").await.text;
    for (series, count) in [
        ("resolved_total{app=\"default\",source=\"found\"}", 12),
        ("resolved_total{app=\"default\",source=\"unknown\"}", 1),
        ("looked_up_total{app=\"default\",outcome=\"answered\"}", 5),
    ] {
        let line = format!("gateway_people_{series} {count}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
}

#[tokio::test]
async fn a_flood_of_unknown_people_costs_a_call_for_fifty_and_then_none() {
    let kept = Kept::start().await;
    let line = |line: usize| {
        let id = format!("i{line}");
        let approvers: Vec<_> =
            (0..50).map(|task| json!({"email": format!("nobody-{line}-{task}@example.com")})).collect();
        with(naming(&id, &json!({"applicant_user_id": "alice"}), &approvers), json!({"instance_id": id}))
            .to_string()
    };
    let lines: Vec<_> = (0..60).map(line).collect();
    let answer = import(&kept.gateway, lines.join("\n")).await;
    assert_eq!(delivered_later(&kept, &answer).await["refused"], 60);
    let asked = kept.gateway.feishu.count(CONTACTS).await;
    assert!(asked <= 2 * (60 + 20), "{asked} lookups for 3000 names");
    let again: Vec<_> = lines.iter().map(|line| line.replace("Trip", "Journey")).collect();
    let answer = import(&kept.gateway, again.join("\n")).await;
    assert_eq!(delivered_later(&kept, &answer).await["refused"], 60);
    assert_eq!(kept.gateway.feishu.count(CONTACTS).await, asked);
    let metrics = kept.gateway.get("/metrics").await.text;
    let line = "gateway_people_looked_up_total{app=\"default\",outcome=\"answered\"} 3000";
    assert!(metrics.contains(line), "{metrics}");
}
