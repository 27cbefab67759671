//! How a failure is put together: what the caller may read, and what only the log keeps.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::{Code, Outcome, Upstream};
use crate::document::MORE_VIOLATIONS;
use crate::domain::Violation;
use crate::feishu::CallReport;

/// A failure on its way to the caller.
///
/// Boxed, because it is the `Err` of nearly every function of this layer and the `Ok` should stay small.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    code: Code,
    detail: Option<String>,
    errors: Vec<Violation>,
    outcome: Outcome,
    retry_after: Option<Duration>,
    upstream: Option<Upstream>,
    report: Option<CallReport>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Shared, because response extensions must be `Clone` and errors are not.
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem with the code's own title, status, outcome and waiting time.
    pub fn new(code: Code) -> Self {
        Self(Box::new(Parts {
            code,
            detail: None,
            errors: Vec::new(),
            outcome: code.default_outcome(),
            retry_after: code.default_retry_after(),
            upstream: None,
            report: None,
            headers: Vec::new(),
            cause: None,
        }))
    }

    /// A 422 `validation_failed` with these violations, `outcome: not_sent`.
    pub fn validation(errors: Vec<Violation>) -> Self {
        let detail = match errors.len() {
            // The reader's own limit, and its note on how many were left out.
            many if errors.last().is_some_and(|last| last.code == MORE_VIOLATIONS) => {
                format!("more than {} things are wrong with the request; errors shows the first", many - 1)
            }
            1 => "1 thing is wrong with the request; errors says what and where".to_owned(),
            many => format!("{many} things are wrong with the request; errors says what and where"),
        };
        Self::new(Code::ValidationFailed).detail(detail).errors(errors)
    }

    /// A 500 `internal_error` whose cause only the log sees.
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(Code::InternalError).cause(cause)
    }

    /// Says what happened this time, for people.
    ///
    /// Not shown for `internal_error`, whose words might come from anywhere.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds what is wrong with which part of the request.
    #[must_use]
    pub fn errors(mut self, errors: Vec<Violation>) -> Self {
        self.0.errors.extend(errors);
        self
    }

    /// Says in the violations of this code what to write instead, in place of what they say now.
    #[must_use]
    pub fn hint(mut self, violation: &str, hint: &str) -> Self {
        for violation in self.0.errors.iter_mut().filter(|known| known.code == violation) {
            violation.hint = Some(hint.to_owned());
        }
        self
    }

    /// Changes the pointers of all violations, such as to those of the document that the caller knows.
    #[must_use]
    pub fn map_pointers(mut self, change: impl Fn(&str) -> String) -> Self {
        for violation in &mut self.0.errors {
            violation.pointer = change(&violation.pointer);
        }
        self
    }

    /// Says what became of Feishu's state, when that is known better than [`Code::default_outcome`] does.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = outcome;
        self
    }

    /// Says how long to wait; ignored for a code that is not retryable.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        if self.0.code.retryable() {
            self.0.retry_after = Some(wait);
        }
        self
    }

    /// Adds the attempts, time and log id of the call, for the access log.
    #[must_use]
    pub fn report(mut self, report: CallReport) -> Self {
        self.0.report = Some(report);
        self
    }

    /// Shows what Feishu answered.
    #[must_use]
    pub fn upstream(mut self, upstream: Upstream) -> Self {
        self.0.upstream = Some(upstream);
        self
    }

    /// Adds a response header, such as `WWW-Authenticate`.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Keeps the cause for the log; it never reaches the body.
    #[must_use]
    pub fn cause(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Arc::new(cause));
        self
    }

    /// The stable word.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The sentence of the body, if it has one.
    pub fn shown_detail(&self) -> Option<&str> {
        if self.0.code == Code::InternalError {
            return Some("The gateway failed; its log has more under this request id.");
        }
        self.0.detail.as_deref()
    }

    /// What is wrong with the request; lets a handler report violations of several parts at once.
    pub fn violations(&self) -> &[Violation] {
        &self.0.errors
    }

    /// What became of Feishu's state.
    pub fn known_outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// Attempts, time and log id of the call, if Feishu was asked.
    pub fn call_report(&self) -> Option<&CallReport> {
        self.0.report.as_ref()
    }

    /// What Feishu answered, if it was asked.
    pub fn upstream_answer(&self) -> Option<&Upstream> {
        self.0.upstream.as_ref()
    }

    /// The value of `Retry-After`: whole seconds, rounded up, at least 1 (design §2.3); `None` when not retryable.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        let wait = self.0.retry_after?;
        Some((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
    }

    /// The headers that were added.
    pub fn extra_headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }

    /// The cause, for the log only.
    pub fn logged_cause(&self) -> Option<&(dyn Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

impl IntoResponse for Problem {
    /// An empty response with the right status that carries the problem to the middleware that writes it.
    fn into_response(self) -> Response {
        let mut response = self.code().status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(0 => Some(1); "at least one second")]
    #[test_case(1000 => Some(1); "a whole second stays")]
    #[test_case(1001 => Some(2); "a begun second counts")]
    #[test_case(59_999 => Some(60); "nearly a minute")]
    fn waiting_time_is_rounded_up(millis: u64) -> Option<u64> {
        Problem::new(Code::Overloaded).retry_after(Duration::from_millis(millis)).retry_after_seconds()
    }

    #[test]
    fn final_problem_names_no_waiting_time() {
        let problem = Problem::new(Code::ValidationFailed).retry_after(Duration::from_secs(9));
        assert_eq!(problem.retry_after_seconds(), None);
    }

    #[test]
    fn internal_error_hides_the_words_it_was_given() {
        let problem = Problem::new(Code::InternalError).detail("password=hunter2");
        assert!(!problem.shown_detail().unwrap_or_default().contains("hunter2"));
    }
}
