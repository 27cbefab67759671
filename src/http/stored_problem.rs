//! Problems that were kept, as answers again: for callers who wait here while another replica delivers.

use serde_json::Value;

use super::problem::{Code, Problem, Upstream};
use crate::domain::Violation;
use crate::ledger::StoredProblem;

/// The problem that [`describe`](super::trouble::describe) has kept.
pub(super) fn restored(kept: &StoredProblem) -> Problem {
    // Codes that no answer has are those of conflicts (see `trouble`).
    let code = kept.code().parse().unwrap_or(Code::SyncConflict);
    let json: Value = serde_json::from_str(kept.json()).unwrap_or_default();
    let mut problem = Problem::new(code);
    if let Some(detail) = json["detail"].as_str() {
        problem = problem.detail(detail);
    }
    let errors = json["errors"].as_array().into_iter().flatten();
    problem = problem.errors(errors.map(|error| violation(error, code)).collect());
    match &json["upstream"] {
        Value::Object(_) => problem.upstream(upstream(&json["upstream"])),
        _ => problem,
    }
}

fn violation(json: &Value, code: Code) -> Violation {
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    // Those of Feishu's refusals are codes of problems, too.
    let own = json["code"].as_str().and_then(|own| own.parse().ok()).unwrap_or(code);
    let violation = Violation::body(text("pointer"), own.as_str(), text("detail"));
    Violation { hint: json["hint"].as_str().map(str::to_owned), ..violation }
}

fn upstream(json: &Value) -> Upstream {
    let text = |name: &str| json[name].as_str().map(str::to_owned);
    Upstream {
        http_status: json["http_status"].as_u64().and_then(|status| status.try_into().ok()),
        code: json["code"].as_i64(),
        message: text("message"),
        log_id: text("log_id"),
        attempts: json["attempts"].as_u64().and_then(|attempts| attempts.try_into().ok()).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::trouble::describe;
    use super::*;
    use crate::delivery::durable::{DOES_NOT_STICK, Trouble};

    #[test]
    fn a_refusal_reads_as_it_did_for_whoever_pushed() {
        let violation = Violation::body("/user_id", Code::UpstreamRejected.as_str(), "no such user");
        let upstream = Upstream {
            http_status: Some(400),
            code: Some(99_992_402),
            message: Some("no".to_owned()),
            log_id: Some("log".to_owned()),
            attempts: 1,
        };
        let problem = Problem::new(Code::UpstreamRejected)
            .detail("Feishu answered code 99992402.")
            .errors(vec![violation.with_hint("use another one")])
            .upstream(upstream);
        let kept = StoredProblem::new("upstream_rejected", String::from_utf8_lossy(&problem.to_line("")));
        assert_eq!(restored(&kept).to_line("id"), problem.to_line("id"));
        assert_eq!(describe(&Trouble::Stored(kept.clone())), kept);
    }

    #[test]
    fn what_no_answer_has_a_code_for_is_a_conflict() {
        let kept = StoredProblem::new(DOES_NOT_STICK, r#"{"detail": "gone again"}"#);
        let problem = restored(&kept);
        assert_eq!((problem.code(), problem.shown_detail()), (Code::SyncConflict, Some("gone again")));
    }
}
