//! Cursors that cannot be used: foreign, forged, stale.

use serde_json::json;
use test_case::test_case;

use crate::harness::{Answer, Gateway};
use crate::reads::world::{APPROVER, CODE, Generation, World, before, feishu, of, reading};

/// A list that has more than one page, and its cursor.
async fn second_page(gateway: &Gateway, uri: &str) -> String {
    let (_, next) = gateway.page(uri).await;
    next.unwrap()
}

fn instances(rest: &str) -> String {
    format!("/v1/instances?approval_code={CODE}&limit=7{rest}")
}

fn assert_refused(answer: &Answer) {
    assert_eq!(answer.refusal(), (422, "invalid_cursor"));
    assert_eq!(answer.violations(), ["query /cursor: invalid_cursor"]);
}

#[test_case(&format!("/v1/tasks?approval_code={CODE}"); "another operation")]
#[test_case(&format!("/v1/cc?approval_code={CODE}"); "a third operation")]
#[test_case(&format!("/v1/instances?approval_code={CODE}&status=approved"); "one filter more")]
#[test_case("/v1/instances?approval_code=other"; "another value")]
#[test_case(&format!("/v1/instances?definition_group={CODE}"); "another name")]
#[test_case(&format!("/v1/instances?approval_code={CODE}&user_id_type=open_id"); "another kind of ids")]
#[test_case("/v1/task-statuses?instance_id=a"; "a list of another kind")]
#[tokio::test]
async fn a_foreign_cursor_is_refused_and_nothing_is_sent(elsewhere: &str) {
    let gateway = before(World::of_230_days()).await;
    let cursor = second_page(&gateway, &instances("")).await;
    let before = gateway.feishu.calls().await.len();

    let answer = gateway.get(&format!("{elsewhere}&cursor={cursor}")).await;

    assert_refused(&answer);
    assert_eq!(gateway.feishu.calls().await.len(), before);
}

#[tokio::test]
async fn a_cursor_of_another_user_is_refused() {
    let gateway = before(World::of_230_days()).await;
    let cursor = second_page(&gateway, &format!("/v1/users/{APPROVER}/tasks?topic=done&limit=7")).await;
    assert_refused(&gateway.get(&format!("/v1/users/other/tasks?topic=done&cursor={cursor}")).await);
}

#[tokio::test]
async fn a_cursor_changed_anywhere_is_refused_and_nothing_is_sent() {
    let gateway = before(World::of_230_days()).await;
    let cursor = second_page(&gateway, &instances("")).await;
    let before = gateway.feishu.calls().await.len();

    for at in 0..cursor.len() {
        let mut changed = cursor.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_refused(&gateway.get(&instances(&format!("&cursor={changed}"))).await);
    }

    assert_eq!(gateway.feishu.calls().await.len(), before);
}

#[tokio::test]
async fn a_cursor_cut_short_is_refused_and_nothing_is_sent() {
    let gateway = before(World::of_230_days()).await;
    let cursor = second_page(&gateway, &instances("")).await;
    let before = gateway.feishu.calls().await.len();

    for length in 1..cursor.len() {
        assert_refused(&gateway.get(&instances(&format!("&cursor={}", &cursor[..length]))).await);
    }

    assert_eq!(gateway.feishu.calls().await.len(), before);
}

#[test_case("x"; "a letter")]
#[test_case("null"; "a word")]
#[test_case("%00"; "a control character")]
#[test_case("..%2F..%2Fetc%2Fpasswd"; "a path")]
#[test_case(&"A".repeat(6000); "six thousand letters")]
#[tokio::test]
async fn nonsense_for_a_cursor_is_refused_and_nothing_is_sent(cursor: &str) {
    let gateway = before(World::of_230_days()).await;
    assert_refused(&gateway.get(&instances(&format!("&cursor={cursor}"))).await);
    assert_eq!(gateway.feishu.calls().await.len(), 0);
}

#[tokio::test]
async fn a_cursor_of_another_app_is_refused_and_nothing_is_sent() {
    let feishu = feishu(World::of_230_days()).await;
    let gateway = reading(&feishu, Generation::V4).app_secret("one secret").start().await;
    let other = reading(&feishu, Generation::V4).app_secret("another secret").start().await;
    let cursor = second_page(&gateway, &instances("")).await;
    let before = gateway.feishu.calls().await.len();

    assert_refused(&other.get(&instances(&format!("&cursor={cursor}"))).await);
    assert_eq!(gateway.feishu.calls().await.len(), before);
}

#[tokio::test]
async fn a_cursor_survives_a_restart() {
    let feishu = feishu(World::of_230_days()).await;
    let before = reading(&feishu, Generation::V4).app_secret("the secret").start().await;
    let (_, next) = before.page(&instances("")).await;
    let uri = instances(&format!("&cursor={}", next.unwrap()));
    let after = reading(&feishu, Generation::V4).app_secret("the secret").start().await;

    assert_eq!(after.page(&uri).await.0, before.page(&uri).await.0);
}

#[tokio::test]
async fn parameters_may_change_their_order_between_pages() {
    let gateway = before(World::of_230_days()).await;
    let cursor = second_page(&gateway, &instances("&locale=zh-CN&status=approved")).await;
    let reordered =
        format!("/v1/instances?cursor={cursor}&status=approved&limit=7&locale=zh-CN&approval_code={CODE}");
    let (items, _) = gateway.page(&reordered).await;
    assert!(!items.is_empty());
}

#[test_case(Generation::V4, "/v1/instances?approval_code=7C468A54-8745-2245-9675-08B7C63E7A85"; "a search")]
#[test_case(Generation::V4, "/v1/users/e7b21c9d/tasks?topic=done"; "a list of a user")]
#[test_case(Generation::V4, "/v1/task-statuses?task_status=done&approval_code=7C468A54-8745-2245-9675-08B7C63E7A85"; "the list of statuses")]
#[test_case(Generation::V2, "/v1/task-statuses?task_status=done&approval_code=7C468A54-8745-2245-9675-08B7C63E7A85"; "the historic list")]
#[tokio::test]
async fn a_cursor_whose_token_feishu_has_forgotten_is_refused(generation: Generation, uri: &str) {
    let gateway = of(generation, World::of_230_days()).await;
    // A multiple of every page size, so that the cursor stands at the beginning of a page.
    let cursor = second_page(&gateway, &format!("{uri}&limit=15")).await;
    gateway.feishu.fault(json!({"code": 1_390_001, "msg": "param is invalid", "times": 0})).await;

    assert_refused(&gateway.get(&format!("{uri}&limit=15&cursor={cursor}")).await);
}
