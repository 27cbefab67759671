//! Why a delivery failed, as the ledger keeps it.

use serde_json::Value;

use crate::ledger::StoredProblem;
use crate::schema::shown;

shown! {
    /// Why a delivery failed last, or was given up.
    pub(in crate::http) struct DeliveryProblem {
        /// Stable word for programs; `getProblemType` explains those of Feishu's answers.
        code: String { required: true, example: "\"upstream_unavailable\"" },
        /// What happened, for people.
        detail: Option<String> { example: "\"Feishu answered code 1395001.\"" },
        /// What is wrong with which part of the document.
        errors: Option<Vec<DeliveryViolation>> { max_items: 1100 },
        /// What Feishu itself answered, when it was asked.
        upstream: Option<DeliveryUpstream>,
    }

    /// One thing that is wrong with a document.
    struct DeliveryViolation {
        /// JSON Pointer into the document.
        pointer: String { required: true, may_be_empty: true, example: "\"/tasks/0/user_id\"" },
        /// Stable word for programs.
        code: String { required: true, example: "\"upstream_rejected\"" },
        /// One sentence for people.
        detail: String { required: true, example: "\"no such user (Feishu's field task_list[0].user_id)\"" },
        /// What to write instead.
        hint: Option<String> { example: "\"use the approval_code that POST /v1/definitions answered\"" },
    }

    /// What Feishu itself answered.
    struct DeliveryUpstream {
        /// HTTP status of the last answer.
        http_status: Option<i64> { example: "400" },
        /// Feishu's business code.
        code: Option<i64> { example: "1395001" },
        /// Feishu's words; they change without notice.
        message: Option<String> { example: "\"system busy\"" },
        /// Feishu's id of the exchange; quote it to Feishu's support.
        log_id: Option<String> { example: "\"20261121102620673D66C3E5D448AF87\"" },
        /// How often the request was sent.
        attempts: i64 { required: true, example: "3" },
    }
}

impl DeliveryProblem {
    /// Reads a kept problem; of one that an earlier program wrote otherwise, as much as can be read.
    pub(in crate::http) fn read(problem: &StoredProblem) -> Self {
        let mut json: Value = serde_json::from_str(problem.json()).unwrap_or_default();
        let errors = json["errors"].as_array_mut().map(std::mem::take).unwrap_or_default();
        let errors: Vec<_> = errors.into_iter().map(DeliveryViolation::read).collect();
        let upstream = Some(json["upstream"].take()).filter(Value::is_object).map(DeliveryUpstream::read);
        Self {
            code: problem.code().to_owned(),
            detail: text(&mut json, "detail"),
            errors: Some(errors).filter(|errors| !errors.is_empty()),
            upstream,
        }
    }
}

impl DeliveryViolation {
    fn read(mut json: Value) -> Self {
        Self {
            pointer: text(&mut json, "pointer").unwrap_or_default(),
            code: text(&mut json, "code").unwrap_or_default(),
            detail: text(&mut json, "detail").unwrap_or_default(),
            hint: text(&mut json, "hint"),
        }
    }
}

impl DeliveryUpstream {
    fn read(mut json: Value) -> Self {
        Self {
            http_status: json["http_status"].as_i64(),
            code: json["code"].as_i64(),
            message: text(&mut json, "message"),
            log_id: text(&mut json, "log_id"),
            attempts: json["attempts"].as_i64().unwrap_or_default(),
        }
    }
}

fn text(json: &mut Value, name: &str) -> Option<String> {
    match json.get_mut(name).map(Value::take) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}
