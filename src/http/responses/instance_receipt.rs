//! What a caller is told about a push that Feishu took: no more than is known.

use super::delivery_status::shown_revision;
use super::stale_instance::StaleInstance;
use super::warning::{DocumentWarning, MOST_WARNINGS, shown_warnings};
use crate::delivery::durable::Taken;
use crate::delivery::{Applied, Pushed, Verification};
use crate::domain::{Mode, Timestamp, Warnings, Word};
use crate::feishu::wire::{EntityRecord, ProcessRecord};
use crate::http::failure::code_of;
use crate::ledger::{DeliveryRecord, DeliveryState};
use crate::schema::shapes::words;
use crate::schema::shown;

shown! {
    /// What is known about a push that Feishu took.
    pub(in crate::http) struct InstanceReceipt {
        /// Your id of the instance.
        instance_id: String { required: true, example: "\"leave-1001\"" },
        /// The definition that it belongs to.
        approval_code: String { required: true, example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// How it was pushed.
        mode: &'static str { required: true, example: "\"replace\"", words: Some(words::<Mode>) },
        /// The version that was sent.
        updated_at: Timestamp { required: true, example: "\"2026-11-20T01:30:00.000Z\"" },
        /// Whether Feishu has it now: `yes` when the check agrees, `no` when it differs or a first update changed
        /// nothing by Feishu's counters, else `unknown`.
        applied: &'static str { required: true, example: "\"yes\"", words: Some(applied_words) },
        /// Counts the accepted changes of the instance; absent without a ledger. It may be higher than that of your own
        /// document, when a newer one was delivered in its place.
        revision: Option<i64> { example: "3" },
        /// How far the delivery has come; absent without a ledger.
        delivery_state: Option<&'static str> { example: "\"delivered\"", words: Some(words::<DeliveryState>) },
        /// `true` when the document was delivered before, so that nothing was sent.
        unchanged: Option<bool> { example: "true" },
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
            applied: applied_word(applied),
            revision: None,
            delivery_state: None,
            unchanged: None,
            changes: changes.map(InstanceChanges::from),
            verification: verification.map(InstanceVerification::from),
            warnings: shown_warnings(warnings),
            log_id,
        }
    }

    /// The receipt of a document that was kept and then taken by Feishu, or of a newer one in its place.
    pub(in crate::http) fn taken(
        instance_id: String,
        taken: Taken,
        verification: Option<Verification>,
        warnings: Warnings,
    ) -> Self {
        let applied = Applied::of(verification.as_ref(), taken.mode, &taken.report, taken.changes);
        Self {
            instance_id,
            approval_code: taken.approval_code,
            mode: taken.mode.as_str(),
            updated_at: taken.attempt.version,
            applied: applied_word(applied),
            revision: Some(shown_revision(taken.attempt.revision)),
            delivery_state: Some(taken.state.as_str()),
            unchanged: None,
            changes: taken.changes.map(InstanceChanges::from),
            verification: verification.map(InstanceVerification::from),
            warnings: shown_warnings(warnings),
            log_id: taken.log_id,
        }
    }

    /// The receipt of a document that was delivered before.
    pub(in crate::http) fn unchanged(
        record: DeliveryRecord,
        verification: Option<Verification>,
        warnings: Warnings,
    ) -> Self {
        let is_confirmed = record.state == Some(DeliveryState::Confirmed);
        let applied = match &verification {
            Some(Verification::InSync) => Applied::Yes,
            Some(Verification::Differs(_)) => Applied::No,
            _ if is_confirmed => Applied::Yes,
            _ => Applied::Unknown,
        };
        Self {
            instance_id: record.key.instance_id,
            approval_code: record.approval_code,
            mode: record.mode.as_str(),
            updated_at: record.version,
            applied: applied_word(applied),
            revision: Some(shown_revision(record.revision)),
            delivery_state: record.state.map(DeliveryState::as_str),
            unchanged: Some(true),
            changes: None,
            verification: verification.map(InstanceVerification::from),
            warnings: shown_warnings(warnings),
            log_id: record.log_id,
        }
    }
}

fn applied_word(applied: Applied) -> &'static str {
    match applied {
        Applied::Yes => "yes",
        Applied::No => "no",
        Applied::Unknown => "unknown",
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
