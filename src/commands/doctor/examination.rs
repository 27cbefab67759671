//! One app, step by step: is Feishu reached, do the clocks agree, is there a token, may each API be called?

use std::time::Duration;

use super::advice::{self, Advice, Console};
use super::network;
use super::report::{Finding, State};
use super::ticket::Ticket;
use crate::feishu::{Api, Class, Failure, FeishuClient, Refusal, TransportError};
use crate::support::deadline::Deadline;
use crate::support::error_chain::ErrorChain;

/// How far the clocks may be apart, in seconds; as much as the renewal of tokens allows for.
const MOST_APART: i64 = 60;

/// The code of an address that is not on the app's list (contract §11.1).
const ADDRESS_REFUSED: i64 = 99_991_401;

/// Everything that can be found out about one app.
pub(super) struct Examination<'a> {
    pub(super) feishu: &'a FeishuClient,
    pub(super) base_url: &'a str,
    pub(super) console: Console,
    /// Longest that one call may take.
    pub(super) time_limit: Duration,
    /// Whether the gateway sends cards by itself.
    pub(super) sends_cards: bool,
    /// What is known of its ticket, where it is a store app.
    pub(super) ticket: Option<Ticket>,
}

impl Examination<'_> {
    /// Checks in an order in which each makes sense when those before it were fine.
    pub(super) async fn run(&self) -> Vec<Finding> {
        let mut findings = vec![finding("configuration", State::Ok, "every value can be used".to_owned())];
        let greeted = self.feishu.greet(self.deadline()).await;
        let reached = match &greeted {
            Ok(_) => finding("network", State::Ok, "Feishu answers".to_owned()),
            Err(failure) => self.unreached(failure).await,
        };
        findings.push(reached);
        let Ok(greeting) = greeted else {
            findings.extend(["clock", "credentials", "api"].map(skipped));
            return findings;
        };
        findings.push(clock(greeting.clock_ahead));
        if let Some(ticket) = &self.ticket {
            findings.push(ticket.finding(&self.console));
            if !ticket.is_there() {
                findings.extend(["credentials", "api"].map(skipped));
                return findings;
            }
        }
        if let Err(failure) = self.feishu.prove(self.deadline()).await {
            findings.extend([self.no_token(&failure), skipped("api")]);
            return findings;
        }
        findings.push(finding("credentials", State::Ok, "Feishu gives a tenant token".to_owned()));
        let of_cards = self.sends_cards.then(|| self.feishu.send_message_api());
        for api in self.feishu.probed_apis().into_iter().chain(of_cards) {
            let found = self.finding(api, self.feishu.probe(api, self.deadline()).await);
            findings.push(Finding { subject: Some(api.as_str()), ..found });
        }
        findings
    }

    fn deadline(&self) -> Deadline {
        Deadline::after(self.time_limit)
    }

    async fn unreached(&self, failure: &Failure) -> Finding {
        let advice = match failure {
            Failure::Transport(cause) => {
                network::explain(self.base_url, matches!(cause, TransportError::TimedOut { .. })).await
            }
            Failure::ServerTrouble { .. } => advice::trouble(),
            _ => advice::not_feishu(),
        };
        failed("network", failure, advice)
    }

    fn no_token(&self, failure: &Failure) -> Finding {
        let advice = match failure {
            Failure::NoTicket => advice::ticket_refused(),
            Failure::Refused(refusal) => match refusal.class {
                Class::PermissionDenied => advice::address(&self.console),
                Class::QuotaExhausted => advice::quota(),
                Class::Transient | Class::RateLimited | Class::Busy => advice::trouble(),
                _ if self.ticket.is_some() => advice::store_app(&self.console),
                _ => advice::credentials(&self.console),
            },
            Failure::Protocol { .. } => advice::not_feishu(),
            _ => advice::trouble(),
        };
        failed("credentials", failure, advice)
    }

    fn finding(&self, api: Api, outcome: Result<(), Failure>) -> Finding {
        let failure = match outcome {
            Ok(()) => return allowed(api),
            Err(failure) => failure,
        };
        let Failure::Refused(refusal) = &failure else {
            let advice = match failure {
                Failure::Protocol { .. } => advice::not_feishu(),
                _ => advice::trouble(),
            };
            return failed("api", &failure, advice);
        };
        match refusal.class {
            // Scopes come before rates, and both before the content (contract §11.1).
            Class::ContentRejected
            | Class::ApprovalNotFound
            | Class::ApprovalDeleted
            | Class::InstanceNotFound
            | Class::RateLimited
            | Class::UserMissing
            | Class::Busy => allowed(api),
            Class::PermissionDenied if refusal.code == ADDRESS_REFUSED => {
                failed("api", &failure, advice::address(&self.console))
            }
            // With a token that is fresh, lists answer so when a scope is missing (contract §11.1, 99991663).
            Class::PermissionDenied | Class::TokenRefused => self.missing(api, refusal),
            Class::QuotaExhausted => failed("api", &failure, advice::quota()),
            Class::CredentialsRefused => failed("api", &failure, advice::credentials(&self.console)),
            Class::Misconfigured => failed("api", &failure, advice::tenant()),
            Class::Transient => failed("api", &failure, advice::trouble()),
            // Refusals have no other class.
            _ => failed("api", &failure, advice::unknown_code()),
        }
    }

    fn missing(&self, api: Api, refusal: &Refusal) -> Finding {
        let scopes = match refusal.details.scopes.as_slice() {
            [] => api.scopes().iter().map(|scope| (*scope).to_owned()).collect(),
            told => told.to_vec(),
        };
        let state = match api {
            Api::FindUsers | Api::ReadUsers => State::Optional,
            _ => State::Missing,
        };
        Finding {
            advice: Some(advice::scopes(&self.console, &scopes)),
            ..finding("api", state, format!("{}; {}", purpose(api), told_by(refusal)))
        }
    }
}

fn finding(check: &'static str, state: State, detail: String) -> Finding {
    Finding { check, subject: None, state, detail, advice: None }
}

fn skipped(check: &'static str) -> Finding {
    finding(check, State::Skipped, "needs what failed above".to_owned())
}

fn allowed(api: Api) -> Finding {
    finding("api", State::Ok, purpose(api).to_owned())
}

fn failed(check: &'static str, failure: &Failure, advice: Advice) -> Finding {
    let detail = match failure {
        Failure::Refused(refusal) => told_by(refusal),
        other => ErrorChain(other).to_string(),
    };
    Finding { advice: Some(advice), ..finding(check, State::Failed, detail) }
}

/// Feishu's own words, with what its support asks for.
fn told_by(refusal: &Refusal) -> String {
    let Refusal { code, message, log_id, .. } = refusal;
    let log_id = log_id.as_ref().map(|log_id| format!(" (log id {log_id})")).unwrap_or_default();
    format!("Feishu answers code {code}: {message}{log_id}")
}

fn clock(ahead: Option<i64>) -> Finding {
    match ahead {
        None => finding("clock", State::Ok, "Feishu's answer has no date to compare with".to_owned()),
        Some(ahead) if ahead.abs() <= MOST_APART => {
            finding("clock", State::Ok, format!("{} s apart from Feishu's", ahead.abs()))
        }
        Some(ahead) => {
            let direction = if ahead > 0 { "behind" } else { "ahead of" };
            let detail = format!("this machine is {} s {direction} Feishu", ahead.abs());
            Finding { advice: Some(advice::clock()), ..finding("clock", State::Failed, detail) }
        }
    }
}

/// What of the gateway needs the API.
fn purpose(api: Api) -> &'static str {
    match api {
        Api::TenantToken | Api::ResendTicket | Api::AppToken | Api::StoreTenantToken => "everything",
        Api::SyncInstance => "push instances",
        Api::CheckInstances => "compare versions, and verify=true",
        Api::UpsertDefinition => "create and change definitions",
        Api::GetDefinition => "read definitions",
        Api::TaskStatuses | Api::LegacyTaskStatuses => "read an instance, and list statuses",
        Api::QueryInstances => "find instances",
        Api::SearchTasks => "find tasks",
        Api::SearchCc => "find copies",
        Api::QueryUserTasks => "see one user's lists",
        Api::SendMessage | Api::LegacySendMessage => "send messages",
        Api::UpdateMessage | Api::LegacyUpdateMessage => "update messages",
        Api::FindUsers => "find people by e-mail and mobile",
        Api::ReadUsers => "find people by union id",
    }
}
