//! The file of what was not taken: one JSON object a line, each with its problem and its document.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde_json::value::RawValue;

use super::answers::{LineResult, LostDelivery, ProblemText, Reject};
use super::source::Source;

/// Without a file, so many are told on standard error.
const MOST_TOLD: usize = 10;

/// Where to put what was not taken.
#[derive(Debug)]
pub(super) struct Rejects {
    file: Option<BufWriter<File>>,
    told: usize,
}

impl Rejects {
    /// Makes the file, or empties it; it is for its owner's eyes only.
    pub(super) fn create(path: Option<&Path>, source: &Source) -> Result<Self, String> {
        let Some(path) = path else { return Ok(Self { file: None, told: 0 }) };
        if source.is_file(path) {
            return Err(format!("{} is the file to import; name another one for --rejects", path.display()));
        }
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
        let file = file.map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        Ok(Self { file: Some(BufWriter::new(file)), told: 0 })
    }

    /// Whether documents are to be kept.
    pub(super) fn wants_documents(&self) -> bool {
        self.file.is_some()
    }

    /// A line that was not accepted, as it was sent.
    pub(super) fn invalid(&mut self, result: &LineResult, line: Option<&[u8]>) -> io::Result<()> {
        let text = line.and_then(|line| std::str::from_utf8(line).ok());
        let document = text.and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
        self.put(&Reject {
            line: Some(result.line),
            instance_id: result.instance_id.as_deref(),
            status: "invalid",
            problem: result.problem.as_ref(),
            document,
            text: text.filter(|_| document.is_none()),
        })
    }

    /// A document that was not taken, or did not stay.
    pub(super) fn not_taken(
        &mut self,
        delivery: &LostDelivery,
        document: Option<&RawValue>,
    ) -> io::Result<()> {
        self.put(&Reject {
            line: None,
            instance_id: Some(&delivery.instance_id),
            status: &delivery.state,
            problem: delivery.last_problem.as_ref(),
            document,
            text: None,
        })
    }

    fn put(&mut self, reject: &Reject<'_>) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            serde_json::to_writer(&mut *file, reject)?;
            return file.write_all(b"\n");
        }
        self.told += 1;
        if self.told > MOST_TOLD {
            return Ok(());
        }
        let place = match (reject.line, reject.instance_id) {
            (Some(line), Some(id)) => format!("line {line} ({id})"),
            (Some(line), None) => format!("line {line}"),
            (None, id) => id.unwrap_or_default().to_owned(),
        };
        let problem = reject.problem.and_then(ProblemText::of);
        let problem = problem.map_or_else(String::new, |problem| format!(": {problem}"));
        writeln!(io::stderr(), "{place} {}{problem}", reject.status)
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.told > MOST_TOLD {
            writeln!(io::stderr(), "and {} more", self.told - MOST_TOLD)?;
        }
        self.file.as_mut().map_or(Ok(()), io::Write::flush)
    }
}
