//! What became of one line of an import.

use super::delivery_status::shown_revision;
use crate::http::problem::{Problem, ProblemDocument};
use crate::ledger::{Accepted, AcceptedAs};
use crate::schema::shown;

shown! {
    /// What became of one line of an import.
    pub(in crate::http) struct ImportLineResult {
        /// The number of the line, from 1; blank ones count.
        line: i64 { required: true, example: "1" },
        /// The instance that it names, if it names one.
        instance_id: Option<String> { example: "\"leave-1001\"" },
        /// What became of it.
        status: &'static str { required: true, example: "\"accepted\"", words: Some(statuses) },
        /// The revision that is kept; absent when it is invalid.
        revision: Option<i64> { example: "3" },
        /// Why it is invalid.
        problem: Option<ProblemDocument>,
    }
}

fn statuses() -> Vec<(&'static str, &'static str)> {
    vec![
        ("accepted", "The document is kept, and will be delivered for this import."),
        ("unchanged", "The same document is kept, and was delivered, or waits already."),
        ("invalid", "It was not accepted; `problem` says why."),
    ]
}

impl ImportLineResult {
    /// The result of a line whose document was accepted.
    pub(in crate::http) fn accepted(line: u64, accepted: Accepted) -> Self {
        let status = match accepted.accepted_as {
            AcceptedAs::Changed | AcceptedAs::TakenOver | AcceptedAs::Again => "accepted",
            AcceptedAs::Unchanged | AcceptedAs::Waiting => "unchanged",
        };
        Self {
            line: shown(line),
            instance_id: Some(accepted.record.key.instance_id),
            status,
            revision: Some(shown_revision(accepted.record.revision)),
            problem: None,
        }
    }

    /// The result of a line that was not accepted.
    pub(in crate::http) fn invalid(
        line: u64,
        instance_id: Option<String>,
        problem: &Problem,
        request_id: &str,
    ) -> Self {
        Self {
            line: shown(line),
            instance_id,
            status: "invalid",
            revision: None,
            problem: Some(problem.to_document(request_id)),
        }
    }
}

impl ImportLineResult {
    /// Whether the line was not accepted.
    pub(in crate::http) fn is_invalid(&self) -> bool {
        self.problem.is_some()
    }

    /// Writes it as a line.
    pub(in crate::http) fn write_to(&self, text: &mut Vec<u8>) -> Result<(), Problem> {
        serde_json::to_writer(&mut *text, self).map_err(Problem::internal)?;
        text.push(b'\n');
        Ok(())
    }
}

fn shown(line: u64) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}
