//! What the gateway answers, as far as the command needs it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A line of the answer to an upload.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ResultLine {
    /// What became of a line.
    Result(LineResult),
    /// Why the import ends early.
    Problem(ProblemText),
}

/// What became of a line.
#[derive(Debug, Deserialize)]
pub(super) struct LineResult {
    pub(super) line: u64,
    pub(super) instance_id: Option<String>,
    pub(super) status: String,
    pub(super) problem: Option<serde_json::Value>,
}

/// What became of the lines.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Read {
    pub(super) accepted: u64,
    pub(super) unchanged: u64,
    pub(super) invalid: u64,
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, unchanged, invalid } = self;
        let lines = accepted + unchanged + invalid;
        write!(f, "{lines} lines read: {accepted} accepted, {unchanged} unchanged, {invalid} invalid")
    }
}

/// A problem in words.
#[derive(Debug, Deserialize)]
pub(super) struct ProblemText {
    code: String,
    detail: Option<String>,
    #[serde(default)]
    errors: Vec<ErrorText>,
}

#[derive(Debug, Deserialize)]
struct ErrorText {
    pointer: String,
    detail: String,
    hint: Option<String>,
}

impl ProblemText {
    /// The words of a whole problem document.
    pub(super) fn of(problem: &serde_json::Value) -> Option<Self> {
        Self::deserialize(problem).ok()
    }
}

impl fmt::Display for ProblemText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        for ErrorText { pointer, detail, hint } in &self.errors {
            write!(f, "; {pointer} {detail}")?;
            if let Some(hint) = hint {
                write!(f, " ({hint})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ProblemText {}

/// How an import stands.
#[derive(Debug, Deserialize)]
pub(super) struct ImportStanding {
    pub(super) import_id: String,
    pub(super) created_at: String,
    pub(super) state: String,
    pub(super) accepted: u64,
    pub(super) superseded: u64,
    pub(super) delivered: u64,
    pub(super) refused: u64,
    pub(super) canceled: u64,
    pub(super) pending: u64,
}

impl ImportStanding {
    /// Whether every accepted document, or a newer one in its place, was delivered.
    pub(super) fn is_delivered(&self) -> bool {
        self.pending == 0 && self.refused == 0 && self.canceled == 0
    }
}

impl fmt::Display for ImportStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { import_id, delivered, refused, superseded, canceled, pending, .. } = self;
        write!(f, "import {import_id}: {delivered} delivered, {refused} refused")?;
        for (number, word) in [(superseded, "superseded"), (canceled, "canceled"), (pending, "pending")] {
            if *number > 0 {
                write!(f, ", {number} {word}")?;
            }
        }
        if self.state == "running" { Ok(()) } else { write!(f, " ({})", self.state) }
    }
}

/// A delivery that Feishu refused, or that is in conflict with somebody else's newer version.
#[derive(Debug, Deserialize)]
pub(super) struct LostDelivery {
    pub(super) instance_id: String,
    pub(super) state: String,
    pub(super) last_problem: Option<serde_json::Value>,
}

/// A line of the file of rejects.
#[derive(Debug, Serialize)]
pub(super) struct Reject<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) instance_id: Option<&'a str>,
    pub(super) status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<&'a serde_json::Value>,
    /// The document, to be mended and sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) document: Option<&'a RawValue>,
    /// The line, where it is no JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<&'a str>,
}
