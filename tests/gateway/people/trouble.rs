//! When people cannot be looked up: who waits, who does not, and what is said.

use serde_json::json;
use test_case::test_case;

use super::support::{CONTACTS, Refused, errors, everybody, ids, naming, next_process, push, stored};
use crate::durable::support::{Kept, Store};
use crate::harness::documents::{instance, with};
use crate::harness::{Gateway, until};

#[tokio::test]
async fn without_the_scope_only_documents_that_need_a_lookup_wait_and_the_problem_names_it() {
    let kept = Kept::start().await;
    let feishu = &kept.gateway.feishu;
    feishu.switch(json!({"granted_scopes": ["approval:approval"]})).await;
    let waits = kept.gateway.put("a", "", &everybody("a")).await;
    assert_eq!(waits.status, 202, "{}", waits.text);
    let problem = &waits.body["last_problem"];
    assert_eq!(problem["code"], "upstream_permission_denied");
    assert!(problem["detail"].as_str().unwrap().contains("contact:user.id:readonly"), "{problem}");
    push(&kept.gateway, "b", &instance("b")).await;
    assert!(!kept.is_parked());
    // A second one does not ask again.
    let asked = feishu.count(CONTACTS).await;
    assert_eq!(kept.gateway.put("c", "", &everybody("c")).await.status, 202);
    assert_eq!(feishu.count(CONTACTS).await, asked);
    let refused = kept.gateway.preview("a", "", &everybody("a")).await;
    refused.refused(502, "upstream_permission_denied");
    feishu.switch(json!({"granted_scopes": null})).await;
    kept.pass(std::time::Duration::from_secs(61)).await;
    kept.until_delivered_later("a").await;
    kept.until_delivered_later("c").await;
}

#[tokio::test]
async fn pushes_go_on_while_lookups_hang_and_those_of_another_app_are_looked_up() {
    let gateway = Gateway::builder()
        .app("erp")
        .key("one", "")
        .key("two", "app=erp")
        .set("APPS__ERP__RATE__PER_SECOND", 0)
        .set("APPS__ERP__RATE__PER_MINUTE", 0)
        .ledger(std::sync::Arc::new(approval_gateway::ledger::memory::MemoryLedger::new(
            approval_gateway::support::clock::Clock::manual(crate::harness::START),
        )))
        .start()
        .await;
    let (one, two) = (gateway.with_key("one"), gateway.with_key("two"));
    gateway.feishu.fault(json!({"api": CONTACTS, "times": 0, "hang": true})).await;
    for number in 0..200 {
        let id = format!("hanging-{number}");
        let request = one.pushing(&id, "", &everybody(&id)).header("prefer", "respond-async");
        assert_eq!(request.send().await.unwrap().status(), 202);
    }
    gateway.feishu.until_called(CONTACTS, 1).await;
    // Sooner than any lookup is given up.
    let plain = one.put_within(2_500, "plain", &instance("plain")).await;
    assert_eq!(plain.status, 200, "{}", plain.text);
    push(&two, "a", &everybody("a")).await;
    assert_eq!(ids(&stored(gateway.app("erp"), "a").await), ("alice", "ou_3f1c2b"));
    // What hung is delivered when it hangs no more.
    gateway.feishu.control("DELETE", "faults", serde_json::Value::Null).await;
    let answer = one.put("late", "", &everybody("late")).await;
    assert!([200, 202].contains(&answer.status), "{}", answer.text);
}

#[tokio::test]
async fn a_name_that_feishu_refuses_spoils_no_other_one() {
    let kept = Kept::start().await;
    // The first call of each kind of id, with all names in it.
    kept.gateway
        .feishu
        .fault(json!({"api": CONTACTS, "times": 2, "code": 99992402, "http_status": 400}))
        .await;
    let approvers = [json!({"email": "bob@example.com"}), json!({"mobile": "13800138002"})];
    push(&kept.gateway, "a", &naming("a", &json!({"applicant_email": "alice@example.com"}), &approvers))
        .await;
    let stored = stored(&kept.gateway.feishu, "a").await;
    assert_eq!(ids(&stored), ("alice", "ou_3f1c2b"));
    assert_eq!(ids(&stored["task_list"][1]), ("carol", "ou_1d2e3f"));
}

#[test_case("/data/user_list/0/email", "somebody@example.com" => 422; "an answer about somebody else")]
#[test_case("/data/user_list/0/email", "ALICE@example.com" => 200; "an address in other letters")]
#[test_case("/data/user_list/0/user_id", "" => 422; "an id that is none")]
#[tokio::test]
async fn answers_are_matched_by_the_name_that_was_asked(pointer: &str, value: &str) -> u16 {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": CONTACTS, "times": 0, "set": {pointer: value}})).await;
    let document = naming("a", &json!({"applicant_email": "alice@example.com"}), &[]);
    kept.gateway.put("a", "", &document).await.status
}

#[test_case(json!({"body_raw": "{\"code\":0,\"data\":{}}", "content_type": "application/json"}); "an answer without a list")]
#[test_case(json!({"http_status": 503}); "server trouble")]
#[tokio::test]
async fn a_lookup_that_fails_is_made_again(fault: serde_json::Value) {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(with(json!({"api": CONTACTS, "times": 0}), fault)).await;
    let waits = kept.gateway.put_within(1_000, "a", &everybody("a")).await;
    assert_eq!(waits.status, 202, "{}", waits.text);
    let state = kept.gateway.get("/v1/instances/a/delivery").await.ok();
    assert_eq!(state["state"], "pending");
    kept.gateway.feishu.control("DELETE", "faults", serde_json::Value::Null).await;
    until(|| async {
        kept.pass(std::time::Duration::from_secs(10)).await;
        kept.record("a").await.sent.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_line_of_an_import_that_names_nobody_is_refused_and_the_others_are_delivered() {
    let kept = Kept::start().await;
    let line = |id: &str, email: &str| {
        with(naming(id, &json!({"applicant_email": email}), &[]), json!({"instance_id": id})).to_string()
    };
    let lines =
        [line("a", "alice@example.com"), line("b", "nobody@example.com"), line("c", "bob@example.com")];
    let answer = crate::imports::support::import(&kept.gateway, lines.join("\n")).await;
    let standing = crate::imports::support::delivered(&kept, &answer).await;
    assert_eq!((&standing["delivered"], &standing["refused"]), (&json!(2), &json!(1)), "{standing}");
    let problem = kept.gateway.get("/v1/instances/b/delivery").await.ok();
    assert_eq!(errors(&problem["last_problem"]), ["/applicant_email unknown_person"]);
}

#[tokio::test]
async fn whom_half_of_a_refused_batch_finds_is_known_while_the_other_half_hangs() {
    let kept = Kept::start().await;
    let feishu = &kept.gateway.feishu;
    // The call for both, for each kind of id.
    feishu.fault(json!({"api": CONTACTS, "times": 2, "code": 99992402, "http_status": 400})).await;
    // And that for the second half.
    feishu.fault(json!({"api": CONTACTS, "times": 0, "skip": 2, "hang": true})).await;
    let both =
        naming("a", &json!({"applicant_email": "alice@example.com"}), &[json!({"email": "bob@example.com"})]);
    let waits = kept.gateway.pushing("a", "", &both).header("prefer", "respond-async").send().await.unwrap();
    assert_eq!(waits.status(), 202);
    feishu.until_called(CONTACTS, 6).await;
    let (alice, bob) = ("alice@example.com", "bob@example.com");
    let mut found = Vec::new();
    for email in [alice, bob] {
        let document = naming(email, &json!({"applicant_email": email}), &[]);
        found.push(kept.gateway.put_within(3_000, email, &document).await.status);
    }
    found.sort_unstable();
    assert_eq!(found, [200, 202]);
}

#[tokio::test]
async fn a_document_whose_people_are_remembered_waits_for_its_next_attempt_after_a_lookup_that_only_takes_long()
 {
    let kept = Kept::on(Store::Sqlite, |builder| builder).await;
    let document = naming("a", &json!({"applicant_email": "alice@example.com"}), &[]);
    push(&kept.gateway, "a", &document).await;
    let next = next_process(&kept).await;
    // The attempt waits less long for it than the lookup itself does: nobody knows yet that lookups fail.
    next.feishu.fault(json!({"api": CONTACTS, "times": 0, "hang": true})).await;
    let later = with(document, json!({"title": "Later"}));
    let accepted = next.pushing("a", "", &later).header("prefer", "respond-async").send().await.unwrap();
    assert_eq!(accepted.status(), 202);
    until(|| async { kept.record("a").await.attempts > 0 }).await;
    let delivery = next.get("/v1/instances/a/delivery").await.ok();
    assert_eq!(
        (&delivery["state"], &delivery["last_problem"]["code"]),
        (&json!("pending"), &json!("upstream_timeout"))
    );
}
