//! Versions to compare (design §2.2).

use crate::document::field::{Identifier, List, Time};
use crate::document::read::members;

/// Instances of one request: our own bound, Feishu's is unknown (contract §5).
pub(in crate::document) const MAX_INSTANCES: usize = 1000;

/// Contract §12.3; Lark takes 200, which the rules check.
const MAX_TASKS: usize = 300;

members! {
    /// Versions that Feishu should have.
    struct RawVersions<'a> as InstanceChecksInput {
        /// One entry an instance.
        instances: List<RawVersion<'a>> { required: true, max_items: MAX_INSTANCES },
    }
}

members! {
    /// An instance's version and those of its tasks.
    struct RawVersion<'a> as InstanceVersionInput {
        /// Your id of the instance.
        instance_id: Identifier<'a> { required: true, example: "\"leave-1001\"" },
        /// The version that was sent.
        updated_at: Time { required: true, example: "\"2026-11-20T09:30:00+08:00\"" },
        /// Tasks to compare, too.
        tasks: List<RawTaskVersion<'a>> { max_items: MAX_TASKS },
    }
}

members! {
    /// A task's version.
    struct RawTaskVersion<'a> as TaskVersionInput {
        /// Your id of the task.
        task_id: Identifier<'a> { required: true, example: "\"leave-1001-t1\"" },
        /// The version that was sent.
        updated_at: Time { required: true, example: "\"2026-11-20T09:30:00+08:00\"" },
    }
}
