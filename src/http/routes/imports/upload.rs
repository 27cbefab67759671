//! The answer to an upload: one result a line, in order, while the lines come.
//!
//! Lines are read only as their results are taken, so neither side is ahead of the other by more than a few.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};

use super::line::Acceptor;
use super::lines::{HeldLine, Lines};
use crate::http::failure::ledger_failed;
use crate::http::problem::{Code, Problem};
use crate::http::responses::ImportLineResult;
use crate::ledger::{ImportError, ImportUpdate};

/// Lines that are accepted at one time; they share commits.
const MOST_LINES: usize = 128;

/// Results that are sent at one time, when so many are there.
const MOST_RESULTS: usize = 64;

/// The result of a line, or why the import cannot go on.
type LineAnswer = Result<ImportLineResult, Problem>;

/// An upload that is under way.
struct Upload {
    acceptor: Arc<Acceptor>,
    answers: Pin<Box<dyn Stream<Item = Vec<LineAnswer>> + Send>>,
    is_over: bool,
}

/// Accepts lines, and streams what became of them; what ends the upload early is a problem in the last line.
pub(super) fn answers(acceptor: Acceptor, lines: Lines) -> impl Stream<Item = Bytes> + Send {
    let acceptor = Arc::new(acceptor);
    let each = Arc::clone(&acceptor);
    let answers = lines.stream().map(move |line| {
        let acceptor = Arc::clone(&each);
        async move {
            let HeldLine { line, budget } = line?;
            let answer = acceptor.accept(line).await;
            drop(budget);
            answer
        }
    });
    let answers = Box::pin(answers.buffered(MOST_LINES).ready_chunks(MOST_RESULTS));
    stream::unfold(Upload { acceptor, answers, is_over: false }, |mut upload| async move {
        let batch = upload.batch().await?;
        Some((batch, upload))
    })
}

impl Upload {
    /// The next results as lines; `None` after the last.
    async fn batch(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        let Some(answers) = self.answers.next().await else {
            self.is_over = true;
            let ended =
                update(&self.acceptor, ImportUpdate { has_ended: true, ..ImportUpdate::default() }).await;
            return ended.err().map(|problem| self.line_of(&problem));
        };
        let (mut text, mut invalid, mut problem) = (Vec::new(), 0, None);
        for answer in answers {
            match answer.and_then(|result| result.write_to(&mut text).map(|()| result)) {
                Ok(result) => invalid += u32::from(result.is_invalid()),
                Err(broken) => {
                    problem = Some(broken);
                    break;
                }
            }
        }
        // Before the caller sees them: what it was told counts.
        if invalid > 0
            && let Err(failed) =
                update(&self.acceptor, ImportUpdate { invalid, ..ImportUpdate::default() }).await
        {
            problem = Some(failed);
        }
        if let Some(problem) = problem {
            self.is_over = true;
            text.extend_from_slice(&self.line_of(&problem));
        }
        Some(text.into())
    }

    fn line_of(&self, problem: &Problem) -> Bytes {
        problem.to_line(self.acceptor.requester.request_id.as_deref().unwrap_or_default())
    }
}

/// Notes what is known of the import, and not of one of its documents.
async fn update(acceptor: &Acceptor, update: ImportUpdate) -> Result<(), Problem> {
    let durable = acceptor.delivery.durable().ok_or_else(|| Problem::new(Code::LedgerOff))?;
    match durable.update_import(acceptor.import, update).await {
        Ok(_) => Ok(()),
        Err(ImportError::Ledger(error)) => Err(ledger_failed(error)),
        Err(error) => Err(Problem::internal(error)),
    }
}
