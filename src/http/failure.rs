//! Failed upstream operations become problems: the second half of design §2.3's table, in one place.

use std::time::Duration;

use super::load_shedder::QuotaExceeded;
use super::problem::{Code, Outcome, Problem, Upstream};
use crate::delivery::people::{NO_USER_ID, UnresolvedPeople};
use crate::delivery::{PushError, StaleUpdate};
use crate::domain::{Location, Violation};
use crate::feishu::translate::{
    OversizedPayload, check_pointer, definition_pointer, instance_pointer, message_pointer, query_pointer,
};
use crate::feishu::{
    Api, CallError, Class, Failure, ListError, Outcome as KnownOutcome, Refusal, ReportedAs,
};
use crate::ledger::LedgerError;

/// Which document Feishu's complaints are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// A flat instance in the body.
    Instance,
    /// A flat definition in the body.
    Definition,
    /// A flat message, or a change of one, in the body.
    Message,
    /// Versions in the body.
    Checks,
    /// Filters in the query.
    Query,
    /// A definition's code in the path.
    DefinitionInPath,
}

impl Subject {
    fn location(self) -> Location {
        match self {
            Self::Instance | Self::Definition | Self::Message | Self::Checks => Location::Body,
            Self::Query => Location::Query,
            Self::DefinitionInPath => Location::Path,
        }
    }

    fn pointer(self, field: &str) -> String {
        match self {
            Self::Instance => instance_pointer(field),
            Self::Definition => definition_pointer(field),
            Self::Message => message_pointer(field),
            Self::Checks => check_pointer(field),
            Self::Query => query_pointer(field),
            Self::DefinitionInPath => "/approval_code".to_owned(),
        }
    }
}

/// Wait that a 429 suggests when Feishu names none.
const USUAL_WAIT: Duration = Duration::from_secs(1);

/// The problem for a push that did not succeed.
pub(super) fn push_failed(error: PushError) -> Problem {
    match error {
        PushError::Stale(stale) => stale_update(stale),
        PushError::Oversized(payload) => oversized(payload),
        PushError::Call(error) => call_failed(error, Subject::Instance),
    }
}

/// The problem for a document of which people are not known.
pub(super) fn people_unresolved(unresolved: UnresolvedPeople) -> Problem {
    match unresolved {
        UnresolvedPeople::Unknown(errors) => {
            let (who, are) = match errors.len() {
                1 => ("1 person".to_owned(), "is"),
                many => (format!("{many} people"), "are"),
            };
            let detail = if errors.iter().any(|error| error.code == NO_USER_ID) {
                format!(
                    "{who} cannot be named by user_id, as others in this document are; errors says who is not to be found, and \
                     whose user_id the app may not see."
                )
            } else {
                format!("{who} {are} not to be found by what the document names them; errors says where.")
            };
            Problem::new(Code::UnknownPerson).detail(detail).errors(errors)
        }
        // Nothing of the document was sent, whatever became of the lookup.
        UnresolvedPeople::Failed(failure) => {
            call_failed(*failure.error, Subject::Instance).outcome(Outcome::NotSent)
        }
    }
}

/// The problem for a document whose payload would be too large.
pub(super) fn oversized(payload: OversizedPayload) -> Problem {
    Problem::validation(payload.into_violations())
}

/// The problem for a payload that does not fit beside those of other requests.
pub(super) fn no_quota_for_payload(_: QuotaExceeded) -> Problem {
    Problem::new(Code::Overloaded).detail(
        "The gateway has too little memory left for the payload. Wait as long as Retry-After says, and have fewer \
         requests under way.",
    )
}

fn stale_update(stale: StaleUpdate) -> Problem {
    let StaleUpdate { latest, same_version } = stale;
    let detail = if same_version {
        format!("Another document with updated_at {latest} was sent before; Feishu would ignore this one.")
    } else {
        format!("A newer version ({latest}) was sent before; Feishu would ignore this one.")
    };
    let violation =
        Violation::body("/updated_at", "stale", "must be later than the version that was sent before")
            .with_hint(format!("send an updated_at later than {latest}, or use mode=replace"));
    Problem::new(Code::StaleUpdate).detail(detail).errors(vec![violation])
}

/// The problem for an upstream operation that did not succeed.
pub(super) fn call_failed(error: CallError, subject: Subject) -> Problem {
    let code = match (code_of(&error.failure), subject, refusal(&error.failure)) {
        (Code::UnknownApprovalCode, Subject::DefinitionInPath, Some(refusal)) => match refusal.class {
            Class::ApprovalDeleted => Code::DefinitionDeleted,
            _ => Code::DefinitionNotFound,
        },
        (code, _, _) => code,
    };
    let mut problem = Problem::new(code).detail(detail(&error, code)).outcome(outcome(error.outcome));
    if let Some(wait) = wait(&error.failure) {
        problem = problem.retry_after(wait);
    }
    if let Some(refusal) = refusal(&error.failure) {
        problem = problem.errors(violations(refusal, code, subject));
    }
    if let Some(upstream) = upstream(&error) {
        problem = problem.upstream(upstream);
    }
    problem.report(error.report.clone()).cause(error)
}

/// The code that a failed operation is reported as.
pub(super) fn code_of(failure: &Failure) -> Code {
    match failure.reported_as() {
        ReportedAs::AuthFailed => Code::UpstreamAuthFailed,
        ReportedAs::TicketMissing => Code::UpstreamTicketMissing,
        ReportedAs::PermissionDenied => Code::UpstreamPermissionDenied,
        ReportedAs::RateLimited => Code::UpstreamRateLimited,
        ReportedAs::QuotaExhausted => Code::UpstreamQuotaExhausted,
        ReportedAs::SyncConflict => Code::SyncConflict,
        ReportedAs::Misconfigured => Code::UpstreamMisconfigured,
        ReportedAs::Unavailable => Code::UpstreamUnavailable,
        ReportedAs::Rejected => Code::UpstreamRejected,
        // The codes of both operations travel in the body (design §2.3).
        ReportedAs::UnknownApprovalCode => Code::UnknownApprovalCode,
        ReportedAs::InstanceNotFound => Code::InstanceNotFound,
        ReportedAs::UnknownCode => Code::UpstreamError,
        ReportedAs::ProtocolError => Code::UpstreamProtocolError,
        ReportedAs::Timeout => Code::UpstreamTimeout,
        ReportedAs::CircuitOpen => Code::CircuitOpen,
        ReportedAs::Overloaded => Code::Overloaded,
        ReportedAs::Internal => Code::InternalError,
    }
}

fn outcome(known: KnownOutcome) -> Outcome {
    match known {
        KnownOutcome::NotSent => Outcome::NotSent,
        KnownOutcome::Rejected => Outcome::Rejected,
        KnownOutcome::Unknown => Outcome::Unknown,
    }
}

/// What happened, and what the caller or the operator can do about it.
fn detail(error: &CallError, code: Code) -> String {
    let while_getting = if matches!(error.failure, Failure::NoToken { .. }) {
        " while asking for a tenant token"
    } else {
        ""
    };
    let what = match innermost(&error.failure) {
        Failure::Refused(refusal) | Failure::DeadToken(refusal) => {
            format!("Feishu answered code {}{while_getting}", refusal.code)
        }
        Failure::Transport(cause) => format!("{}{while_getting}", capitalised(&cause.to_string())),
        other => format!("{}{while_getting}", capitalised(&other.to_string())),
    };
    let advice = match code {
        Code::UpstreamAuthFailed => {
            "; the operator must check the app's id and secret and that the app is enabled"
        }
        Code::UpstreamTicketMissing => {
            "; Feishu was asked to push one to the gateway's address for events, which the operator must expose to it"
        }
        Code::UpstreamPermissionDenied if has_code(error, ADDRESS_REFUSED) => {
            "; the operator must put the gateway's address on the app's list of allowed addresses"
        }
        Code::UpstreamPermissionDenied if matches!(error.api, Api::FindUsers | Api::ReadUsers) => {
            "; the operator must grant in Feishu's developer console contact:user.id:readonly for e-mail addresses and mobiles, \
             contact:contact.base:readonly for union ids"
        }
        Code::UpstreamPermissionDenied => {
            "; the operator must grant what is missing in Feishu's developer console"
        }
        Code::UpstreamMisconfigured => "; the operator must check that the app belongs to this tenant",
        Code::UpstreamQuotaExhausted => {
            "; the app's calls for this month are used up, and the operator must buy more"
        }
        Code::SyncConflict => "; the same instance is being written elsewhere, try again later",
        Code::UpstreamRejected if has_code(error, USER_OF_ANOTHER_TENANT) => {
            "; a user id belongs to another tenant than the app, usually because the key or the app is the wrong one"
        }
        Code::UpstreamRejected => "; correct what upstream.message and errors name",
        Code::UpstreamError => "; look up upstream.code, or quote upstream.log_id to Feishu's support",
        Code::UpstreamRateLimited => "; wait as long as Retry-After says, and spread the load",
        Code::DefinitionNotFound => "; use the approval_code that POST /v1/definitions answered",
        Code::DefinitionDeleted => "; create another definition",
        _ => "",
    };
    let what = match error.api {
        Api::FindUsers | Api::ReadUsers => format!("People could not be looked up: {what}"),
        _ => what,
    };
    let scopes = refusal(&error.failure).map(|refusal| refusal.details.scopes.join(", ")).unwrap_or_default();
    let missing =
        if scopes.is_empty() { String::new() } else { format!("; one of these scopes is enough: {scopes}") };
    // Not the last attempt, which was refused.
    let is_refused =
        refusal(&error.failure).is_some_and(|refusal| refusal.class.outcome() == KnownOutcome::Rejected);
    let earlier = if is_refused && error.outcome == KnownOutcome::Unknown {
        "; an earlier attempt, whose fate is unknown, may have been applied"
    } else {
        ""
    };
    format!("{what}{advice}{missing}{earlier}.")
}

/// Contract §11.1: the app takes calls from listed addresses only.
const ADDRESS_REFUSED: i64 = 99_991_401;

/// Contract §11.1: a user id of another tenant.
const USER_OF_ANOTHER_TENANT: i64 = 99_992_364;

fn has_code(error: &CallError, code: i64) -> bool {
    refusal(&error.failure).is_some_and(|refusal| refusal.code == code)
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The failure behind a missing token.
fn innermost(failure: &Failure) -> &Failure {
    match failure {
        Failure::NoToken { cause: inner, .. } => innermost(inner),
        other => other,
    }
}

fn refusal(failure: &Failure) -> Option<&Refusal> {
    match innermost(failure) {
        Failure::Refused(refusal) | Failure::DeadToken(refusal) => Some(refusal),
        _ => None,
    }
}

fn wait(failure: &Failure) -> Option<Duration> {
    if let Failure::RateExhausted { wait } | Failure::CircuitOpen { wait } = failure {
        return Some(*wait);
    }
    match refusal(failure)? {
        Refusal { class: Class::RateLimited, reset, .. } => Some(reset.unwrap_or(USUAL_WAIT)),
        _ => None,
    }
}

/// Feishu's complaints, translated back into the caller's own document.
fn violations(refusal: &Refusal, code: Code, subject: Subject) -> Vec<Violation> {
    let mut violations: Vec<_> = refusal
        .details
        .field_violations
        .iter()
        .map(|found| {
            let said = if found.description.is_empty() { "is refused by Feishu" } else { &found.description };
            let detail = format!("{} (Feishu's field {})", said, found.field);
            Violation::at(subject.location(), subject.pointer(&found.field), "upstream_rejected", detail)
        })
        .collect();
    if matches!(code, Code::UnknownApprovalCode | Code::DefinitionNotFound | Code::DefinitionDeleted) {
        let what = match refusal.class {
            Class::ApprovalDeleted => "names a definition that was deleted",
            _ => "is not known to Feishu",
        };
        let violation = Violation::at(
            subject.location(),
            subject.pointer("approval_code"),
            "unknown_approval_code",
            what,
        );
        violations.push(match (subject, refusal.class) {
            (Subject::Definition, _) => violation,
            (_, Class::ApprovalDeleted) => {
                violation.with_hint("create another definition with POST /v1/definitions, and use its approval_code")
            }
            _ => violation.with_hint(
                "this may be a definition_key; what is needed is the approval_code that POST /v1/definitions answered",
            ),
        });
    }
    violations
}

fn upstream(error: &CallError) -> Option<Upstream> {
    let attempts = error.report.attempts;
    match innermost(&error.failure) {
        Failure::Refused(refusal) | Failure::DeadToken(refusal) => Some(Upstream {
            http_status: Some(refusal.http_status),
            code: Some(refusal.code),
            message: Some(refusal.message.clone()).filter(|message| !message.is_empty()),
            log_id: refusal.log_id.clone(),
            attempts,
        }),
        Failure::ServerTrouble { http_status, log_id } | Failure::Protocol { http_status, log_id, .. } => {
            Some(Upstream {
                http_status: Some(*http_status),
                log_id: log_id.clone(),
                attempts,
                ..Upstream::default()
            })
        }
        Failure::Transport(_) => Some(Upstream { attempts, ..Upstream::default() }),
        Failure::NoToken { .. }
        | Failure::NoTicket
        | Failure::DeadlineInQueue(_)
        | Failure::RateExhausted { .. }
        | Failure::CircuitOpen { .. } => None,
    }
}

/// The problem for a ledger that could not do what it was asked for.
pub(super) fn ledger_failed(error: LedgerError) -> Problem {
    let detail = match &error {
        LedgerError::Full(_) => "The ledger is full; nothing was accepted.",
        LedgerError::Busy(_) => "The ledger is busy; nothing was accepted.",
        LedgerError::Unavailable(_) => "The ledger cannot be reached; nothing was accepted.",
        LedgerError::Unknown(_) => {
            "The ledger failed in the commit: whether it took the document is not known."
        }
        LedgerError::Unreadable { .. } => "The ledger holds something that this gateway cannot read.",
        LedgerError::Failed(_) | LedgerError::Fatal(_) | LedgerError::Closed => "The ledger cannot be used.",
    };
    let outcome = if matches!(error, LedgerError::Unknown(_)) { Outcome::Unknown } else { Outcome::NotSent };
    Problem::new(Code::LedgerUnavailable).detail(detail).outcome(outcome).cause(error)
}

/// The problem for a list that could not be read.
pub(super) fn list_failed(error: ListError) -> Problem {
    match error {
        ListError::StalePosition(None) => invalid_cursor(STALE),
        ListError::StalePosition(Some(cause)) => {
            invalid_cursor(STALE).report(cause.report.clone()).cause(cause)
        }
        ListError::Call(error) => call_failed(error, Subject::Query),
    }
}

/// The problem for a cursor of another list.
pub(super) fn foreign_cursor() -> Problem {
    invalid_cursor("was not made for this operation with these filters; start again without it")
}

const STALE: &str = "is not valid any more; start again without it";

fn invalid_cursor(detail: &'static str) -> Problem {
    let violation = Violation::at(Location::Query, "/cursor", "invalid_cursor", detail);
    Problem::new(Code::InvalidCursor).detail(format!("The cursor {detail}.")).errors(vec![violation])
}
