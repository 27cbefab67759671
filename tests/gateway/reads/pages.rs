//! Cursors over long spans: everything once, newest first, in pages of every size.

use std::collections::HashSet;

use test_case::test_case;

use crate::harness::column;
use crate::reads::world::{CODE, DAY, NOW, World, asked, before};

/// All of [`World::of_230_days`]: the span begins with its oldest instance and ends with its newest.
pub(crate) const SPAN: &str = "started_from=2025-07-27T09:00:00Z&started_to=2026-03-14T09:00:00Z";

/// Ids that searches show, newest first: withdrawn instances are hidden.
pub(crate) fn shown(world: &World) -> Vec<String> {
    let shown = world.instances.iter().filter(|found| found.status != "CANCELED");
    shown.map(|found| found.id.clone()).collect()
}

#[test_case(1)]
#[test_case(2)]
#[test_case(3)]
#[test_case(7)]
#[test_case(50)]
#[test_case(200)]
#[tokio::test]
async fn each_instance_of_230_days_comes_once_newest_first(limit: usize) {
    let world = World::of_230_days();
    let expected = shown(&world);
    let gateway = before(world).await;

    let found = gateway.all(&format!("/v1/instances?approval_code={CODE}&{SPAN}"), limit).await;

    assert_eq!(column(&found, "instance_id"), expected);
}

#[tokio::test]
async fn a_span_of_230_days_is_asked_for_in_disjoint_windows_newest_first() {
    let gateway = before(World::of_230_days()).await;

    gateway.all(&format!("/v1/instances?approval_code={CODE}&{SPAN}"), 200).await;

    let end = |body: &serde_json::Value, name: &str| body[name].as_str().unwrap().parse::<i64>().unwrap();
    let mut windows: Vec<(i64, i64)> = asked(&gateway)
        .await
        .iter()
        .map(|call| &call["body"])
        .map(|body| (end(body, "instance_start_time_from"), end(body, "instance_start_time_to")))
        .collect();
    windows.dedup();
    assert_eq!(windows.len(), 8, "230 days are eight windows");
    assert_eq!((windows[7].0, windows[0].1), (NOW - 230 * DAY, NOW));
    for pair in windows.windows(2) {
        assert_eq!(pair[1].1 + 1, pair[0].0, "windows meet and do not overlap");
    }
}

#[test_case(30 * DAY, 1; "thirty days")]
#[test_case(30 * DAY + 1, 2; "a millisecond more")]
#[tokio::test]
async fn the_longest_window_is_used(millis: i64, windows: usize) {
    let gateway = before(World::default()).await;
    // Midnight thirty days later, or a millisecond after.
    let last = format!("2026-03-31T00:00:00.{:03}Z", millis - 30 * DAY);

    gateway
        .page(&format!("/v1/instances?user_id=u&started_from=2026-03-01T00:00:00Z&started_to={last}"))
        .await;

    assert_eq!(asked(&gateway).await.len(), windows);
}

#[tokio::test]
async fn pages_of_withdrawn_instances_are_not_the_end() {
    let world = World::of_230_days();
    let expected = shown(&world);
    let gateway = before(world).await;

    // Without a window there is one list, and its pages of five meet twelve withdrawn instances in a row.
    let found = gateway.all(&format!("/v1/instances?approval_code={CODE}"), 5).await;

    assert_eq!(column(&found, "instance_id"), expected);
}

#[tokio::test]
async fn the_limit_may_change_between_pages() {
    let world = World::of_230_days();
    let expected = shown(&world);
    let gateway = before(world).await;
    let uri = format!("/v1/instances?approval_code={CODE}&{SPAN}");

    let (mut found, mut next) = gateway.page(&format!("{uri}&limit=3")).await;
    for limit in [1, 200, 2, 50, 7, 5].into_iter().cycle().take(200) {
        let Some(cursor) = next else { break };
        let (items, after) = gateway.page(&format!("{uri}&limit={limit}&cursor={cursor}")).await;
        found.extend(items);
        next = after;
    }

    assert_eq!(next, None, "the list ends");
    assert_eq!(column(&found, "instance_id"), expected);
}

#[tokio::test]
async fn a_cursor_may_be_used_again() {
    let gateway = before(World::of_230_days()).await;
    let uri = format!("/v1/instances?approval_code={CODE}&limit=7");
    let (_, next) = gateway.page(&uri).await;
    let uri = format!("{uri}&cursor={}", next.unwrap());

    let ((first, _), (second, _)) = (gateway.page(&uri).await, gateway.page(&uri).await);

    assert_eq!(column(&first, "instance_id"), column(&second, "instance_id"));
}

#[tokio::test]
async fn tasks_and_copies_come_once_over_230_days_too() {
    let world = World::of_230_days();
    let (tasks, copies) = (shown(&world), world.instances.iter().map(|found| found.id.clone()));
    let copies: Vec<String> = copies.collect();
    let gateway = before(world).await;

    let found_tasks = gateway.all(&format!("/v1/tasks?approval_code={CODE}&{SPAN}"), 7).await;
    let span = SPAN.replace("started", "created");
    let found_copies = gateway.all(&format!("/v1/cc?approval_code={CODE}&{span}"), 7).await;

    assert_eq!(column(&found_tasks, "instance_id"), tasks);
    assert_eq!(column(&found_copies, "instance_id"), copies);
    assert_eq!(column(&found_tasks, "feishu_task_id").into_iter().collect::<HashSet<_>>().len(), tasks.len());
}
