//! Lists of Feishu's that lead back to where they have been: no request and no stream may go on for ever.

use test_case::test_case;

use crate::reads::lie::{Lie, lie};
use crate::reads::world::Generation::{V2, V4};
use crate::reads::world::{Generation, World, asked, of};

/// Far fewer than the pages of a list without end.
const FEW: usize = 100;

const STATUSES: &str =
    "/v1/task-statuses?task_status=done&approval_code=7C468A54-8745-2245-9675-08B7C63E7A85";

const INSTANCES: &str = "/v1/instances?approval_code=7C468A54-8745-2245-9675-08B7C63E7A85";

#[test_case(V2, Lie::SameToken, STATUSES; "a scroll id that never changes")]
#[test_case(V4, Lie::Circle, STATUSES; "statuses whose pages name each other")]
#[test_case(V4, Lie::Circle, INSTANCES; "instances whose pages name each other")]
#[tokio::test]
async fn a_stream_of_pages_that_came_before_ends(generation: Generation, how: Lie, uri: &str) {
    let gateway = of(generation, World::of_230_days()).await;
    lie(&gateway, how).await;
    assert_eq!(gateway.stream(uri).await.status, 200);
    assert!(asked(&gateway).await.len() < FEW);
}
