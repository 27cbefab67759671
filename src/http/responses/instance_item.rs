//! An instance that a search found.

use super::extra::Extra;
use super::instance_identity::InstanceIdentity;
use super::open_word::OpenWord;
use crate::domain::{InstanceStatus, Timestamp};
use crate::feishu::wire::Found;
use crate::schema::shapes::open_words;
use crate::schema::shown;

shown! {
    /// An instance that a search found.
    pub(in crate::http) struct InstanceItem {
        flatten {
            /// Which instance it belongs to.
            identity: InstanceIdentity,
            /// What was pushed beside it.
            extra: Extra,
        }
        /// The applicant.
        applicant_user_id: Option<String> { example: "\"alice\"" },
        /// Where it stands.
        status: Option<&'static str> { example: "\"pending\"", words: Some(open_words::<InstanceStatus>) },
        /// Feishu's word, when `status` is `other`.
        status_raw: Option<String> { example: "\"ARCHIVED\"" },
        /// What people read.
        title: Option<String> { example: "\"年假申请\"" },
        /// When it was asked for.
        started_at: Option<Timestamp> { example: "\"2026-11-20T01:30:00.000Z\"" },
        /// When it ended; absent while it is open.
        ended_at: Option<Timestamp> { example: "\"2026-11-21T02:00:00.000Z\"" },
        /// Feishu's number of it.
        serial_id: Option<String> { example: "\"202611200001\"" },
        /// Where it opens on a computer.
        pc_link: Option<String> { example: "\"https://oa.example.com/leave/1001\"" },
        /// Where it opens on a phone.
        mobile_link: Option<String> { example: "\"https://oa.example.com/m/leave/1001\"" },
    }
}

impl From<Found> for InstanceItem {
    fn from(Found { approval, group, mut instance, task: _, cc: _ }: Found) -> Self {
        let identity = InstanceIdentity::new(approval, group, &mut instance);
        let OpenWord { word: status, raw: status_raw } = OpenWord::of::<InstanceStatus>(&instance.status);
        Self {
            identity,
            applicant_user_id: instance.user_id.0,
            status,
            status_raw,
            title: instance.title.0,
            started_at: instance.start_time.time(),
            ended_at: instance.end_time.time(),
            serial_id: instance.serial_id.0,
            extra: Extra::of(instance.extra),
            pc_link: instance.link.pc_link.0,
            mobile_link: instance.link.mobile_link.0,
        }
    }
}
