//! What became of an accepted document, as the API answers it (design §3.2).

use axum::Extension;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::failure::ledger_failed;
use super::json_response::JsonResponse;
use super::problem::{Code, Outcome, Problem};
use super::responses::{DeliveryStatus, InstanceReceipt};
use super::state::ServedApp;
use super::trouble;
use crate::delivery::durable::{Answer, DeliverError, DurableDelivery, Fate, warn_of_raised_version};
use crate::delivery::{ignored_in_known, warn_of_ignored};
use crate::domain::{Timestamp, Violation, Warnings};
use crate::feishu::translate::IgnoredByUpdate;
use crate::ledger::{AcceptError, Revision};
use crate::support::deadline::Deadline;

/// Everything but what RFC 3986 §2.3 leaves alone.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What the answer says beside the fate of the document.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// What is doubtful about the document.
    pub(super) warnings: Warnings,
    /// Fields of an update that Feishu ignores in what it has.
    pub(super) ignored: IgnoredByUpdate,
    /// Whether the caller asked for an answer before the work is done.
    pub(super) respond_async: bool,
}

/// The answer to an accepted document.
///
/// # Errors
/// The problem for one that Feishu refuses; with the approval code that was probably meant where Feishu does not know it.
pub(super) async fn answered(
    app: &ServedApp,
    delivery: &DurableDelivery,
    answer: Answer,
    told: Told,
    deadline: Deadline,
) -> Result<Response, Problem> {
    let Answer { accepted, fate } = answer;
    let Told { mut warnings, ignored, respond_async } = told;
    if accepted.is_version_raised {
        warn_of_raised_version(&mut warnings);
    }
    match fate {
        Fate::Taken(taken, verification) => {
            let report = Extension(taken.report.clone());
            let id = accepted.record.key.instance_id;
            warn_of_ignored(ignored_in_known(ignored, taken.changes), &mut warnings);
            let receipt = InstanceReceipt::taken(id, taken, verification, warnings);
            Ok((report, JsonResponse(receipt)).into_response())
        }
        Fate::Unchanged(verification, report) => {
            let receipt = InstanceReceipt::unchanged(accepted.record, verification, warnings);
            Ok((Extension(report), JsonResponse(receipt)).into_response())
        }
        Fate::Refused(refused, report) => {
            let problem = trouble::problem(&refused).report(report);
            let given = &accepted.record.approval_code;
            Err(app.definitions().suggest(&app.delivery, deadline, given, problem).await)
        }
        Fate::Waits(record) => {
            let location = location(&record.key.instance_id);
            let status = DeliveryStatus::new(*record, delivery.hold().as_deref()).warning(warnings);
            let mut response = (StatusCode::ACCEPTED, JsonResponse(status)).into_response();
            response.headers_mut().insert(LOCATION, location);
            if respond_async {
                let applied = HeaderName::from_static("preference-applied");
                response.headers_mut().insert(applied, HeaderValue::from_static("respond-async"));
            }
            Ok(response)
        }
    }
}

fn location(instance_id: &str) -> HeaderValue {
    let path = format!("/v1/instances/{}/delivery", utf8_percent_encode(instance_id, SEGMENT));
    // Percent-encoded, so every byte of it may stand in a header.
    HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/v1/deliveries"))
}

/// The problem for a document that was not accepted.
pub(super) fn not_accepted(error: DeliverError) -> Problem {
    match error {
        DeliverError::LedgerLate => Problem::new(Code::LedgerUnavailable)
            .detail("The ledger did not answer in time: whether it took the document is not known.")
            .outcome(Outcome::Unknown),
        DeliverError::Accept(AcceptError::RevisionMismatch { kept }) => revision_mismatch(kept),
        DeliverError::Accept(AcceptError::Stale { latest }) => stale(latest),
        DeliverError::Accept(AcceptError::Rejected(rejection)) => {
            rejection.downcast::<Problem>().unwrap_or_else(|_| Problem::internal(ForeignRejection))
        }
        DeliverError::Accept(AcceptError::Ledger(error)) => ledger_failed(error),
        DeliverError::Accept(AcceptError::ImportClosed) => Problem::internal(NoLine),
    }
}

/// What is refused is a line of an import, and this was none.
#[derive(Debug, thiserror::Error)]
#[error("the import takes no more lines")]
struct NoLine;

/// Whoever makes a document in this layer rejects it with a problem.
#[derive(Debug, thiserror::Error)]
#[error("a document was rejected with something else than a problem")]
struct ForeignRejection;

/// The problem for a condition that does not hold.
pub(super) fn revision_mismatch(kept: Option<Revision>) -> Problem {
    Problem::new(Code::RevisionMismatch).detail(match kept {
        Some(kept) => format!(
            "The kept document has the revision {kept}, which the condition of the request rules out."
        ),
        None => "No document of this instance is kept, and If-Match wants one.".to_owned(),
    })
}

/// The problem for a condition on revisions where no ledger counts any.
pub(super) fn no_revisions() -> Problem {
    Problem::new(Code::LedgerOff).detail(
        "If-Match and If-None-Match name revisions, and this gateway has no ledger that counts any. Nothing was sent; leave \
         them out to push without a condition.",
    )
}

fn stale(latest: Timestamp) -> Problem {
    let violation =
        Violation::body("/updated_at", "stale", "must be later than the version that the instance has")
            .with_hint(format!("leave updated_at out, send one later than {latest}, or use mode=replace"));
    Problem::new(Code::StaleUpdate)
        .detail(format!("The instance has the version {latest} already; an update must be later."))
        .errors(vec![violation])
}
