//! One line of an import: read like the body of a push, and accepted.

use std::sync::Arc;

use bytes::Bytes;

use super::super::instances::{ReadDocument, document};
use crate::delivery::Delivery;
use crate::delivery::durable::{DeliverError, Submission};
use crate::document::{ImportLine, Rules, read_import_line, read_instance};
use crate::feishu::CallContext;
use crate::http::delivered::not_accepted;
use crate::http::extract::RequestLimits;
use crate::http::problem::{Code, Problem};
use crate::http::rejection::refused;
use crate::http::requester::Requester;
use crate::http::responses::ImportLineResult;
use crate::ledger::{AcceptError, ImportId};
use crate::support::deadline::Deadline;
use crate::support::line_reader::{Line, TooLong};

/// What lines are accepted for.
#[derive(Debug)]
pub(super) struct Acceptor {
    pub(super) delivery: Arc<Delivery>,
    pub(super) rules: Rules,
    pub(super) import: ImportId,
    pub(super) requester: Requester,
    pub(super) limits: RequestLimits,
}

impl Acceptor {
    /// What becomes of a line.
    ///
    /// # Errors
    /// When the whole import cannot go on.
    pub(super) async fn accept(&self, line: Line) -> Result<ImportLineResult, Problem> {
        let Line { number, content } = line;
        let invalid = |id, problem: &Problem| {
            let request_id = self.requester.request_id.as_deref().unwrap_or_default();
            Ok(ImportLineResult::invalid(number, id, problem, request_id))
        };
        let content = match content {
            Ok(content) => content,
            Err(TooLong) => {
                let detail =
                    format!("The line is larger than the limit of {} bytes.", self.limits.max_body_bytes);
                return invalid(None, &Problem::new(Code::PayloadTooLarge).detail(detail));
            }
        };
        let (instance_id, document) = self.read(&content);
        let ReadDocument { document, people, told: _ } = match document {
            Ok(document) => document,
            Err(problem) => return invalid(instance_id, &problem),
        };
        // Lines by the thousand wait for nothing but the ledger, which has its own copy.
        drop(content);
        let durable = self.delivery.durable().ok_or_else(|| Problem::new(Code::LedgerOff))?;
        let submission = Submission {
            import: Some(self.import),
            caller: self.requester.caller.clone(),
            request_id: self.requester.request_id.clone(),
            people,
            ..Submission::new(instance_id.clone().unwrap_or_default(), document)
        };
        let context = CallContext::own(Deadline::after(self.limits.deadline));
        match durable.deliver(submission, context, None).await {
            Ok(answer) => Ok(ImportLineResult::accepted(number, answer.accepted)),
            Err(DeliverError::Accept(AcceptError::ImportClosed)) => {
                Err(Problem::new(Code::ImportCanceled)
                    .detail("The import was canceled while its lines came."))
            }
            Err(error @ (DeliverError::LedgerLate | DeliverError::Accept(AcceptError::Ledger(_)))) => {
                Err(not_accepted(error))
            }
            Err(error) => invalid(instance_id, &not_accepted(error)),
        }
    }

    /// The instance that a line names, and its document.
    fn read(&self, content: &Bytes) -> (Option<String>, Result<ReadDocument, Problem>) {
        let ImportLine { instance_id, mode, document: body, violation } = read_import_line(content);
        let wrong: Vec<_> = violation.into_iter().collect();
        let Some(id) = instance_id.filter(|id| !id.is_empty()) else {
            let rejected = read_instance(&body, None, mode.unwrap_or_default(), self.rules).err();
            let problem = rejected
                .map_or_else(|| Problem::validation(Vec::new()), |rejection| refused(rejection, wrong));
            return (None, Err(problem));
        };
        let body = match body {
            std::borrow::Cow::Borrowed(_) => content.clone(),
            std::borrow::Cow::Owned(body) => body.into(),
        };
        let read = document(body, &id, mode, self.rules, None, wrong);
        (Some(id), read)
    }
}
