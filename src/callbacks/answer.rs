//! Answers in Feishu's terms: 200 is success, anything above 400 shows its message to whoever pressed the button (contract §8.1).

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::open::Refused;
use crate::domain::own_words;

/// Longest message that is shown, in characters: a toast, not a page.
const LONGEST_MESSAGE: usize = 500;

/// How a callback is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    status: u16,
    message: Option<String>,
}

own_words! {
    /// What became of a callback: the word of metrics, log and history.
    Outcome {
        /// The target took it.
        Accepted = "accepted",
        /// The target refused it.
        Refused = "refused",
        /// The target was not reached, did not answer in time, or answered with a redirect.
        Unreachable = "unreachable",
        /// An equal one was answered before, or is under way.
        Repeated = "repeated",
        /// The task is not open.
        Closed = "closed",
        /// It is somebody else's task.
        NotAssignee = "not_assignee",
        /// Nothing proves that Feishu sent it.
        Unauthorized = "unauthorized",
        /// It cannot be understood.
        Malformed = "malformed",
        /// It is too large, or did not arrive in time.
        TooLarge = "too_large",
        /// There is no such app, or it has no callbacks.
        UnknownApp = "unknown_app",
        /// There are too many at one time.
        Overloaded = "overloaded",
        /// The ledger failed.
        LedgerFailed = "ledger_failed",
        /// It is about nothing that the gateway wants to know.
        Ignored = "ignored",
    }
}

impl From<Refused> for Outcome {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Malformed => Self::Malformed,
            Refused::Unauthorized => Self::Unauthorized,
        }
    }
}

impl Answer {
    /// It was taken.
    pub(super) const SUCCESS: Self = Self { status: 200, message: None };

    /// The target did not answer in time.
    pub(super) fn late() -> Self {
        let message = "审批系统未及时响应，请稍后查看结果或重试。The approval system did not answer in time; \
             please look again in a while.";
        Self { status: 503, message: Some(message.to_owned()) }
    }

    /// The target refused it.
    pub(super) fn refused(message: Option<&str>, status: StatusCode) -> Self {
        let message = message.map(shown).filter(|message| !message.is_empty()).unwrap_or_else(|| {
            let status = status.as_u16();
            format!(
                "审批系统拒绝了此操作（HTTP {status}）。The approval system refused this (HTTP {status})."
            )
        });
        Self { status: 409, message: Some(message) }
    }

    /// What is shown of it.
    pub(super) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Its HTTP status.
    pub(super) fn status(&self) -> u16 {
        self.status
    }
}

impl From<Outcome> for Answer {
    /// The answer that says no more than the outcome.
    fn from(outcome: Outcome) -> Self {
        let (status, message) = match outcome {
            Outcome::Accepted | Outcome::Repeated | Outcome::Ignored => return Self::SUCCESS,
            Outcome::Refused => (409, "审批系统拒绝了此操作。The approval system refused this."),
            Outcome::Closed => (409, "该任务已处理或已失效，请刷新后查看。This task is no longer open."),
            Outcome::NotAssignee => {
                (409, "只有该任务的处理人可以操作。Only the person whose task it is can do this.")
            }
            Outcome::Unreachable => (
                503,
                "审批系统暂时无法访问，请稍后重试。The approval system cannot be reached; please try again later.",
            ),
            Outcome::Overloaded | Outcome::LedgerFailed => {
                (503, "系统繁忙，请稍后重试。The system is busy; please try again later.")
            }
            Outcome::Unauthorized => (401, "unauthorized"),
            Outcome::UnknownApp => (404, "not found"),
            Outcome::Malformed => (400, "malformed"),
            Outcome::TooLarge => (413, "too large"),
        };
        Self { status, message: Some(message.to_owned()) }
    }
}

/// A message on one line, and not too long.
fn shown(message: &str) -> String {
    let words = message.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST_MESSAGE {
        return line;
    }
    line.chars().take(LONGEST_MESSAGE - 1).chain(['…']).collect()
}

/// The body of an answer.
#[derive(Serialize)]
struct Body<'a> {
    code: u16,
    msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    without_prefix: Option<bool>,
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let body = match &self.message {
            None => Body { code: 0, msg: "success", message: None, without_prefix: None },
            Some(message) => {
                Body { code: self.status, msg: message, message: Some(message), without_prefix: Some(true) }
            }
        };
        let mut bytes = serde_json::to_vec(&body).unwrap_or_default();
        bytes.push(b'\n');
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_short_line() {
        assert_eq!(shown(" a\r\n\tb\u{0}c "), "a b c");
        let long = shown(&"额".repeat(LONGEST_MESSAGE + 1));
        assert_eq!((long.chars().count(), long.chars().last()), (LONGEST_MESSAGE, Some('…')));
        assert_eq!(shown(&"a".repeat(LONGEST_MESSAGE)).len(), LONGEST_MESSAGE);
    }
}
