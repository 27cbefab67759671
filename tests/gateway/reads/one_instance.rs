//! `GET /v1/instances/{instance_id}`.

use test_case::test_case;

use crate::reads::world::{Generation, Instance, NOW, World, before, of};

#[tokio::test]
async fn an_instance_is_shown_with_its_statuses_and_versions() {
    let gateway = before(World::of([Instance::new("oa-1", NOW).status("REJECTED")])).await;
    insta::assert_json_snapshot!(gateway.get("/v1/instances/oa-1").await.ok(), @r#"
    {
      "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
      "approval_id": "7301550094428135452",
      "instance_id": "oa-1",
      "instance_status": "rejected",
      "tasks": [
        {
          "status": "pending",
          "task_id": "oa-1-n1",
          "updated_at": "2026-03-14T09:00:01.000Z"
        }
      ],
      "updated_at": "2026-03-14T09:00:02.000Z"
    }
    "#);
}

#[test_case(Generation::V4; "v4")]
#[test_case(Generation::V2; "v2")]
#[tokio::test]
async fn both_generations_show_the_same(generation: Generation) {
    let world = World::of([Instance::new("oa-1", NOW).status("TERMINATED").task_status("DONE")]);
    let gateway = of(generation, world).await;
    let instance = gateway.get("/v1/instances/oa-1").await.ok();
    insta::allow_duplicates! {
        insta::assert_json_snapshot!(instance, @r#"
        {
          "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
          "approval_id": "7301550094428135452",
          "instance_id": "oa-1",
          "instance_status": "terminated",
          "tasks": [
            {
              "status": "done",
              "task_id": "oa-1-n1",
              "updated_at": "2026-03-14T09:00:01.000Z"
            }
          ],
          "updated_at": "2026-03-14T09:00:02.000Z"
        }
        "#);
    }
}

#[test_case(Generation::V4; "v4")]
#[test_case(Generation::V2; "v2")]
#[tokio::test]
async fn an_instance_that_feishu_does_not_have_is_404(generation: Generation) {
    let gateway = of(generation, World::default()).await;
    assert_eq!(gateway.get("/v1/instances/oa-1").await.refusal(), (404, "instance_not_found"));
}

#[test_case("报销/2026 03", "%E6%8A%A5%E9%94%80%2F2026%2003"; "slash, space and Chinese")]
#[test_case("a+b&c=%?#", "a%2Bb%26c%3D%25%3F%23"; "characters of addresses")]
#[tokio::test]
async fn any_id_can_be_asked_for(id: &str, encoded: &str) {
    let gateway = before(World::of([Instance::new(id, NOW)])).await;
    assert_eq!(gateway.get(&format!("/v1/instances/{encoded}")).await.ok()["instance_id"], id);
}
