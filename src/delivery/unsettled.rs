//! What follows a push of which nobody knows whether Feishu took it.

use std::time::Duration;

use tokio_util::task::TaskTracker;

use super::turn::InstanceTurn;
use super::verification::Verification;
use super::version_clock::VersionClock;
use std::sync::Arc;

use crate::domain::{KnownVersions, Timestamp};
use crate::feishu::{CallContext, FeishuClient, VersionState};
use crate::support::deadline::Deadline;

/// Longest that the check may take: the next push of the instance waits for it.
const CHECK_TIME: Duration = Duration::from_secs(5);

/// A push of which nobody knows whether Feishu took it. It keeps its turn, so that nothing newer is overtaken by it.
pub(super) struct Unsettled {
    pub(super) turn: InstanceTurn,
    /// The version clock before the push.
    pub(super) before: VersionClock,
    pub(super) instance_id: String,
    pub(super) version: Timestamp,
    /// That of the push.
    pub(super) context: CallContext,
}

impl Unsettled {
    /// Waits until nothing of the push is under way, and asks Feishu what became of it.
    pub(super) async fn settle(
        self,
        late: TaskTracker,
        held: impl Send + 'static,
        feishu: Arc<FeishuClient>,
    ) {
        let Self { mut turn, before, instance_id, version, context } = self;
        late.wait().await;
        drop(held);
        let sent = KnownVersions { instance_id, updated_at: version, tasks: Vec::new() };
        let (verification, _) =
            Verification::of(sent, &feishu, &context.until(Deadline::after(CHECK_TIME))).await;
        let state = match &verification {
            Verification::InSync => VersionState::Current,
            Verification::Differs(stale) => stale.first().map_or(VersionState::Current, |stale| stale.state),
            Verification::Unavailable(_) => return,
        };
        let is_taken = !matches!(state, VersionState::Missing | VersionState::Behind);
        if !is_taken {
            turn.change(|clock| clock.not_taken(before));
        }
        tracing::info!(is_taken, "a push whose outcome was unknown has been checked");
    }
}
