//! Lists of Feishu's that lead back to where they have been: no request and no stream may go on for ever.
//!
//! The stand-in ends such a list after a hundred pages, and counts that as a request that no document lists.

use test_case::test_case;

use crate::reads::gateway::Generation::{V2, V4};
use crate::reads::gateway::{Answer, Gateway, Generation};
use crate::reads::stand_in::{Lie, World};

const STATUSES: &str =
    "/v1/task-statuses?task_status=done&approval_code=5E1B7C42-90AD-4F36-B8D3-71C2E64FA905";

const INSTANCES: &str = "/v1/instances?approval_code=5E1B7C42-90AD-4F36-B8D3-71C2E64FA905";

#[test_case(V2, Lie::SameTokenForEver, STATUSES; "a scroll id that never changes")]
#[test_case(V4, Lie::TokensInACircle, STATUSES; "statuses whose pages name each other")]
#[test_case(V4, Lie::TokensInACircle, INSTANCES; "instances whose pages name each other")]
#[tokio::test]
async fn a_stream_of_pages_that_came_before_ends(generation: Generation, lie: Lie, uri: &str) {
    let gateway = Gateway::of(generation, World::of_230_days()).await.lie(lie);
    let answer = Answer::of(gateway.stream(uri).await).await;
    assert_eq!(answer.status, 200);
}
