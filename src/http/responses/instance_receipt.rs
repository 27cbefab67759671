//! What a caller is told about a push that Feishu took: no more than is known.

use super::stale_instance::StaleInstance;
use super::warning::{DocumentWarning, MOST_WARNINGS, shown_warnings};
use crate::delivery::{Applied, Pushed, Verification};
use crate::domain::{Mode, Timestamp, Word};
use crate::feishu::wire::{EntityRecord, ProcessRecord};
use crate::http::failure::code_of;
use crate::schema::shown;

shown! {
    /// What is known about a push that Feishu took.
    pub(in crate::http) struct InstanceReceipt {
        /// Your id of the instance.
        instance_id: String { required: true, example: "\"leave-1001\"" },
        /// The definition that it belongs to.
        approval_code: String { required: true, example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// How it was pushed.
        mode: &'static str { required: true, example: "\"replace\"", words: Some(modes) },
        /// The version that was sent.
        updated_at: Timestamp { required: true, example: "\"2026-11-20T01:30:00.000Z\"" },
        /// Whether Feishu has it now: `yes` when the check agrees, `no` when it differs or a first update changed
        /// nothing by Feishu's counters, else `unknown`.
        applied: &'static str { required: true, example: "\"yes\"", words: Some(applied_words) },
        /// What Feishu counted, when it did.
        changes: Option<InstanceChanges>,
        /// What the check said, with `verify=true`.
        verification: Option<InstanceVerification>,
        /// What you should look at although the push was taken.
        warnings: Vec<DocumentWarning> { required: true, max_items: MOST_WARNINGS },
        /// Feishu's id of the exchange; quote it to Feishu's support.
        log_id: Option<String> { example: "\"20261121102620673D66C3E5D448AF87\"" },
    }

    /// What Feishu counted, by kind.
    struct InstanceChanges {
        /// The instance itself.
        instance: ChangeCounts { required: true },
        /// Its tasks.
        tasks: ChangeCounts { required: true },
        /// Its copies.
        cc: ChangeCounts { required: true },
    }

    /// How many were touched.
    struct ChangeCounts {
        /// New ones.
        insert: u32 { required: true, example: "1" },
        /// Changed ones.
        update: u32 { required: true, example: "0" },
        /// Deleted ones.
        delete: u32 { required: true, example: "0" },
    }

    /// What the check after a push said. It compares versions of the instance and its tasks, neither copies nor contents.
    struct InstanceVerification {
        /// `in_sync`, `differs`, or `unavailable` when the check itself failed.
        status: &'static str { required: true, example: "\"in_sync\"", words: Some(verification_words) },
        /// What differs.
        stale: Vec<StaleInstance> { required: true, max_items: 1 },
        /// Why the check was unavailable: the code of a problem.
        problem_code: Option<&'static str> { example: "\"upstream_unavailable\"" },
    }
}

fn modes() -> Vec<(&'static str, &'static str)> {
    Mode::ALL.iter().map(|mode| (mode.as_str(), mode.meaning())).collect()
}

/// Every word of `applied`, and what it means.
pub(in crate::http) fn applied_words() -> Vec<(&'static str, &'static str)> {
    vec![
        ("yes", "The check agrees."),
        ("no", "Feishu has something else."),
        ("unknown", "Nothing proves either."),
    ]
}

fn verification_words() -> Vec<(&'static str, &'static str)> {
    vec![
        ("in_sync", "All versions agree."),
        ("differs", "Something differs."),
        ("unavailable", "The check itself failed."),
    ]
}

impl InstanceReceipt {
    pub(in crate::http) fn new(
        instance_id: String,
        approval_code: String,
        mode: Mode,
        pushed: Pushed,
    ) -> Self {
        let Pushed { updated_at, applied, changes, verification, warnings, log_id, report: _ } = pushed;
        Self {
            instance_id,
            approval_code,
            mode: mode.as_str(),
            updated_at,
            applied: match applied {
                Applied::Yes => "yes",
                Applied::No => "no",
                Applied::Unknown => "unknown",
            },
            changes: changes.map(InstanceChanges::from),
            verification: verification.map(InstanceVerification::from),
            warnings: shown_warnings(warnings),
            log_id,
        }
    }
}

impl From<ProcessRecord> for InstanceChanges {
    fn from(ProcessRecord { instance, task, cc }: ProcessRecord) -> Self {
        Self { instance: instance.into(), tasks: task.into(), cc: cc.into() }
    }
}

impl From<EntityRecord> for ChangeCounts {
    fn from(EntityRecord { insert_num, update_num, delete_num }: EntityRecord) -> Self {
        Self { insert: insert_num, update: update_num, delete: delete_num }
    }
}

impl From<Verification> for InstanceVerification {
    fn from(verification: Verification) -> Self {
        let (status, stale, problem_code) = match verification {
            Verification::InSync => ("in_sync", Vec::new(), None),
            Verification::Differs(stale) => {
                ("differs", stale.into_iter().map(StaleInstance::from).collect(), None)
            }
            Verification::Unavailable(error) => {
                ("unavailable", Vec::new(), Some(code_of(&error.failure).as_str()))
            }
        };
        Self { status, stale, problem_code }
    }
}
