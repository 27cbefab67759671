//! `POST /v1/instance-checks`.

use serde_json::{Value, json};
use test_case::test_case;

use crate::reads::lie::{Lie, lie};
use crate::reads::world::{Instance, NOW, World, asked, before};

const CHECK: &str = "/v1/instance-checks";

/// RFC 3339 for a moment of 2026-03-14 near nine o'clock.
fn at(millis: i64) -> String {
    let past_nine = millis - NOW;
    assert!((0..60_000).contains(&past_nine), "within the first minute");
    format!("2026-03-14T09:00:{:02}.{:03}Z", past_nine / 1000, past_nine % 1000)
}

/// The versions that the sandbox has, moved by some milliseconds.
fn versions(id: &str, instance: i64, task: i64) -> Value {
    let Instance { updated, tasks, .. } = Instance::new(id, NOW);
    json!({
        "instance_id": id,
        "updated_at": at(updated + instance),
        "tasks": [{"task_id": tasks[0].id, "updated_at": at(tasks[0].updated + task)}],
    })
}

async fn check(world: World, instances: Vec<Value>) -> Value {
    before(world).await.post(CHECK, &json!({"instances": instances})).await.ok()
}

#[tokio::test]
async fn what_agrees_is_not_listed() {
    let report = check(World::of([Instance::new("oa-1", NOW)]), vec![versions("oa-1", 0, 0)]).await;
    assert_eq!(report, json!({"in_sync": true, "stale": []}));
}

#[tokio::test]
async fn an_instance_that_feishu_does_not_have_is_missing() {
    let report = check(World::default(), vec![versions("oa-1", 0, 0)]).await;
    assert_eq!(
        report,
        json!({"in_sync": false, "stale": [{"instance_id": "oa-1", "state": "missing", "tasks": []}]})
    );
}

#[tokio::test]
async fn feishus_older_version_is_behind_and_its_newer_one_ahead() {
    let world = World::of([Instance::new("oa-1", NOW), Instance::new("oa-2", NOW)]);
    let report = check(world, vec![versions("oa-1", 5, 0), versions("oa-2", -5, 0)]).await;
    insta::assert_json_snapshot!(report, @r#"
    {
      "in_sync": false,
      "stale": [
        {
          "feishu_updated_at": "2026-03-14T09:00:02.000Z",
          "instance_id": "oa-1",
          "state": "behind",
          "tasks": []
        },
        {
          "feishu_updated_at": "2026-03-14T09:00:02.000Z",
          "instance_id": "oa-2",
          "state": "ahead",
          "tasks": []
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn an_instance_is_current_when_only_its_tasks_differ() {
    let mut asked = versions("oa-1", 0, 7);
    asked["tasks"].as_array_mut().unwrap().push(json!({"task_id": "unknown", "updated_at": at(NOW)}));
    let report = check(World::of([Instance::new("oa-1", NOW)]), vec![asked]).await;
    insta::assert_json_snapshot!(report, @r#"
    {
      "in_sync": false,
      "stale": [
        {
          "feishu_updated_at": "2026-03-14T09:00:02.000Z",
          "instance_id": "oa-1",
          "state": "current",
          "tasks": [
            {
              "feishu_updated_at": "2026-03-14T09:00:01.000Z",
              "state": "behind",
              "task_id": "oa-1-n1"
            },
            {
              "state": "missing",
              "task_id": "unknown"
            }
          ]
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn an_instance_may_be_asked_about_without_tasks() {
    let asked = json!({"instance_id": "oa-1", "updated_at": at(NOW + 2000)});
    let report = check(World::of([Instance::new("oa-1", NOW)]), vec![asked]).await;
    assert_eq!(report["in_sync"], true);
}

#[tokio::test]
async fn a_hundred_and_thirty_instances_are_split_and_joined() {
    let ids: Vec<String> = (0..130).map(|nth| format!("oa-{nth:03}")).collect();
    let gateway = before(World::of(ids.iter().map(|id| Instance::new(id, NOW)))).await;
    // Every tenth is a version that Feishu does not have yet.
    let versions = ids.iter().enumerate().map(|(nth, id)| versions(id, i64::from(nth % 10 == 0), 0));

    let report = gateway.post(CHECK, &json!({"instances": versions.collect::<Vec<_>>()})).await.ok();

    let mut stale: Vec<&str> = report["stale"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["instance_id"].as_str().unwrap())
        .collect();
    stale.sort_unstable();
    assert_eq!(stale, ids.iter().step_by(10).collect::<Vec<_>>());
    let sizes =
        asked(&gateway).await.into_iter().map(|call| call["body"]["instances"].as_array().unwrap().len());
    let sizes: Vec<_> = sizes.collect();
    assert!(sizes.iter().all(|size| *size <= 100) && sizes.iter().sum::<usize>() == 130, "{sizes:?}");
}

/// Or somebody would believe that Feishu has everything.
#[test_case(Lie::Html; "html")]
#[test_case(Lie::WrongTypes; "a list for an object")]
#[test_case(Lie::TextsForLists; "a text for a list")]
#[test_case(Lie::NoData; "no data")]
#[tokio::test]
async fn an_answer_that_makes_no_sense_does_not_mean_in_sync(how: Lie) {
    let gateway = before(World::default()).await;
    lie(&gateway, how).await;
    let answer = gateway.post(CHECK, &json!({"instances": [versions("oa-1", 0, 0)]})).await;
    assert_eq!(answer.refusal(), (502, "upstream_protocol_error"));
}

#[tokio::test]
async fn bad_versions_are_refused_with_their_pointers_and_nothing_is_sent() {
    let gateway = before(World::default()).await;
    let asked = json!({"instances": [
        {"instance_id": "", "updated_at": 5, "task": []},
        {"instance_id": "a", "updated_at": at(NOW), "tasks": [{"task_id": "t"}]},
    ]});

    let answer = gateway.post(CHECK, &asked).await;

    assert_eq!(answer.refusal(), (422, "validation_failed"));
    let mut violations = answer.violations();
    violations.sort();
    assert_eq!(
        violations,
        [
            "body /instances/0/instance_id: required",
            "body /instances/0/task: unknown_field",
            "body /instances/0/updated_at: type",
            "body /instances/1/tasks/0/updated_at: required",
        ]
    );
    assert_eq!(gateway.feishu.calls().await, [] as [Value; 0]);
}
