//! A copy that a search found.

use super::extra::Extra;
use super::instance_identity::InstanceIdentity;
use crate::domain::Timestamp;
use crate::feishu::wire::{Found, FoundCc};
use crate::schema::shown;

shown! {
    /// A copy that a search found; Feishu does not return your id of it.
    pub(in crate::http) struct CcItem {
        flatten {
            /// Which instance it belongs to.
            identity: InstanceIdentity,
            /// What was pushed beside it.
            extra: Extra,
        }
        /// The reader.
        user_id: Option<String> { example: "\"carol\"" },
        /// Whether it was read; absent when Feishu says neither.
        read: Option<bool> { example: "false" },
        /// What people read.
        title: Option<String> { example: "\"年假抄送\"" },
        /// When it was sent.
        created_at: Option<Timestamp> { example: "\"2026-11-20T01:30:00.000Z\"" },
        /// Where it opens on a computer.
        pc_link: Option<String> { example: "\"https://oa.example.com/leave/1001\"" },
        /// Where it opens on a phone.
        mobile_link: Option<String> { example: "\"https://oa.example.com/m/leave/1001\"" },
    }
}

impl From<Found> for CcItem {
    fn from(Found { approval, group, mut instance, task: _, cc }: Found) -> Self {
        let FoundCc { user_id, create_time, read_status, title, extra, link } = cc;
        let read = read_status.0.and_then(|word| match word.to_ascii_lowercase().as_str() {
            "read" => Some(true),
            "unread" => Some(false),
            _ => None,
        });
        Self {
            identity: InstanceIdentity::new(approval, group, &mut instance),
            user_id: user_id.0,
            read,
            title: title.0,
            created_at: create_time.time(),
            extra: Extra::of(extra),
            pc_link: link.pc_link.0,
            mobile_link: link.mobile_link.0,
        }
    }
}
