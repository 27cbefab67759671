//! `Accept: application/x-ndjson`: whole lists, one item a line.

use serde_json::json;

use crate::harness::{answer, column};
use crate::reads::pages::{SPAN, shown};
use crate::reads::world::{CODE, Instance, NOW, World, before};

/// Bytes of a title: no socket buffer holds more than a few pages of these.
const BIG: usize = 256 * 1024;

/// So many pages of five are there in [`big_world`].
const BIG_PAGES: usize = 40;

/// Two hundred instances with titles of that size.
fn big_world(bytes: usize) -> World {
    World::of((0..5 * i64::try_from(BIG_PAGES).unwrap()).map(|nth| {
        let mut instance = Instance::new(&format!("oa-{nth:03}"), NOW - nth);
        instance.title = "长".repeat(bytes / 3);
        instance
    }))
}

#[tokio::test]
async fn lines_hold_each_instance_of_230_days_once() {
    let world = World::of_230_days();
    let expected = shown(&world);
    let gateway = before(world).await;

    let lines = gateway.lines(&format!("/v1/instances?approval_code={CODE}&{SPAN}")).await;

    assert_eq!(column(&lines, "instance_id"), expected);
}

#[tokio::test]
async fn lines_hold_the_same_items_as_pages() {
    let gateway = before(World::of_230_days()).await;
    let uri = format!("/v1/tasks?approval_code={CODE}&status=approved&status=done");

    assert_eq!(gateway.lines(&uri).await, gateway.all(&uri, 7).await);
}

#[tokio::test]
async fn lines_go_on_from_a_cursor() {
    let world = World::of_230_days();
    let expected = shown(&world);
    let gateway = before(world).await;
    let uri = format!("/v1/instances?approval_code={CODE}&{SPAN}");

    let (first, next) = gateway.page(&format!("{uri}&limit=3")).await;
    let rest = gateway.lines(&format!("{uri}&cursor={}", next.unwrap())).await;

    assert_eq!(column(&[first, rest].concat(), "instance_id"), expected);
}

#[tokio::test]
async fn a_list_of_nothing_is_a_stream_of_nothing() {
    let gateway = before(World::default()).await;
    assert_eq!(gateway.lines("/v1/instances?user_id=nobody").await, [] as [serde_json::Value; 0]);
}

#[tokio::test]
async fn no_more_is_pulled_once_the_caller_stops_reading() {
    let gateway = before(big_world(BIG)).await;
    // Pages of a stream are as small as those of the cursor that it goes on from.
    let uri = format!("/v1/instances?approval_code={CODE}");
    let (_, next) = gateway.page(&format!("{uri}&limit=1")).await;
    let mut stream = gateway.streaming(&format!("{uri}&cursor={}", next.unwrap())).send().await.unwrap();
    stream.chunk().await.unwrap().unwrap();

    // A gateway that pulls without being read has all the time that these calls take, and again whenever it has pulled.
    let (mut pulled, mut calm) = (0, 0);
    while calm < 100 {
        gateway.get("/v1/instances/oa-000").await.ok();
        let so_far = usize::try_from(gateway.feishu.count("instances_query").await).unwrap();
        calm = if so_far == pulled { calm + 1 } else { 0 };
        pulled = so_far;
    }
    assert!(pulled < BIG_PAGES / 2, "{pulled} pages of {BIG_PAGES} were pulled");
}

#[tokio::test]
async fn a_stream_that_is_read_to_its_end_is_complete_whatever_its_size() {
    let gateway = before(big_world(BIG / 8)).await;
    let lines = gateway.lines(&format!("/v1/instances?approval_code={CODE}")).await;
    assert_eq!(lines.len(), 5 * BIG_PAGES);
}

#[tokio::test]
async fn a_stream_that_feishu_breaks_ends_with_a_problem_line() {
    let world = World::of_230_days();
    let expected = shown(&world);
    let gateway = before(world).await;
    gateway.feishu.fault(json!({"api": "instances_query", "code": 99_991_672, "skip": 3, "times": 0})).await;

    let lines = gateway.lines(&format!("/v1/instances?approval_code={CODE}&{SPAN}")).await;

    let (problem, items) = lines.split_last().unwrap();
    let ids = column(items, "instance_id");
    assert!(!ids.is_empty() && expected.starts_with(&ids), "items before the break, in order: {ids:?}");
    assert_eq!(problem["code"], "upstream_permission_denied");
    assert_eq!(problem["status"], 502);
    assert!(problem["request_id"].is_string(), "{problem}");
}

#[tokio::test]
async fn an_error_before_the_first_page_is_an_ordinary_problem() {
    let gateway = before(World::of_230_days()).await;
    gateway.feishu.fault(json!({"api": "instances_query", "code": 99_991_672, "times": 0})).await;
    let answer = gateway.stream(&format!("/v1/instances?approval_code={CODE}")).await;
    assert_eq!(answer.refusal(), (502, "upstream_permission_denied"));
}

#[tokio::test]
async fn bad_input_is_an_ordinary_problem_for_lines_too() {
    let gateway = before(World::default()).await;
    let answer = gateway.stream("/v1/instances").await;
    assert_eq!(answer.refusal(), (422, "validation_failed"));
}

#[tokio::test]
async fn a_stream_outlives_one_failure_of_feishus() {
    let world = World::of_230_days();
    let expected = shown(&world);
    let gateway = before(world).await;
    gateway
        .feishu
        .fault(json!({"api": "instances_query", "http_status": 500, "code": 1_395_000, "skip": 2}))
        .await;

    let lines = gateway.lines(&format!("/v1/instances?approval_code={CODE}&{SPAN}")).await;

    assert_eq!(column(&lines, "instance_id"), expected);
}

#[tokio::test]
async fn a_stream_that_feishu_leaves_hanging_ends_with_a_problem_line() {
    let gateway = before(World::of_230_days()).await;
    gateway.feishu.fault(json!({"api": "instances_query", "hang": true, "skip": 2, "times": 0})).await;

    let uri = format!("/v1/instances?approval_code={CODE}&{SPAN}");
    let answer = answer(gateway.streaming(&uri).header("X-Request-Timeout-Ms", 1000)).await;

    assert_eq!(answer.status, 200);
    let last: serde_json::Value = serde_json::from_str(answer.text.lines().last().unwrap()).unwrap();
    assert_eq!(last["code"], "upstream_timeout");
}
