//! Errors that Feishu answers, with the code, wording and HTTP status of each (contract §2.5, §4.6, §11.1).

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue};
use serde::Serialize;

use super::trace::Trace;

/// A call that Feishu refuses.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: i64,
    pub(super) msg: Cow<'static, str>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether the body carries `"data": {}` (contract §2.5).
    pub(super) empty_data: bool,
    detail: Detail,
}

/// What the `error` object tells besides the ids.
#[derive(Debug)]
enum Detail {
    /// No `error` object at all.
    None,
    /// Only `log_id` and `troubleshooter`.
    Plain,
    /// A page that explains the code.
    Message(&'static str),
    Fields(Vec<FieldViolation>),
    Scopes {
        app_id: String,
        scopes: &'static [&'static str],
    },
}

/// One entry of `error.field_violations` (contract §11.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct FieldViolation {
    /// Path of the field, as `task_list[0].status`.
    pub(super) field: String,
    /// The value that was sent, empty when there was none.
    pub(super) value: String,
    /// One sentence.
    pub(super) description: String,
}

/// The `error` object of contract §11.2; the live service spells `log_id`, not `logid`.
#[derive(Debug, Serialize)]
pub(super) struct ErrorObject<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    field_violations: &'a [FieldViolation],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    permission_violations: Vec<PermissionViolation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    helps: Vec<Help>,
    log_id: &'a str,
    troubleshooter: String,
}

#[derive(Debug, Serialize)]
struct PermissionViolation<'a> {
    r#type: &'static str,
    subject: &'a str,
}

#[derive(Debug, Serialize)]
struct Help {
    url: String,
    description: String,
}

impl<'a> ErrorObject<'a> {
    /// The object of a refusal, or nothing where Feishu sends none (rate limits, token endpoint).
    pub(super) fn of(refusal: &'a Refusal, trace: &'a Trace) -> Option<Self> {
        let mut object = Self {
            message: None,
            field_violations: &[],
            permission_violations: Vec::new(),
            helps: Vec::new(),
            log_id: &trace.log_id,
            troubleshooter: format!(
                "Troubleshooting suggestions: https://open.feishu.cn/search?from=openapi&log_id={}&code={}&method_id=7301144820053213116",
                trace.log_id, refusal.code
            ),
        };
        match &refusal.detail {
            Detail::None => return None,
            Detail::Plain => {}
            Detail::Message(page) => object.message = Some(refer_to(page)),
            Detail::Fields(violations) => object.field_violations = violations,
            Detail::Scopes { app_id, scopes } => {
                object.message = Some(refer_to("how-to-fix-the-99991672-error"));
                object.permission_violations = scopes
                    .iter()
                    .map(|subject| PermissionViolation { r#type: "action_scope_required", subject })
                    .collect();
                object.helps = vec![Help {
                    url: format!(
                        "https://open.feishu.cn/app/{app_id}/auth?q={}&op_from=openapi&token_type=tenant",
                        scopes.join(",")
                    ),
                    description: format!(
                        "Learn more about scopes and how to add them: [{}]",
                        scopes.join(", ")
                    ),
                }];
            }
        }
        Some(object)
    }
}

fn refer_to(page: &str) -> String {
    format!(
        "Refer to the documentation to fix the error: https://open.feishu.cn/document/uAjLw4CM/ugTN1YjL4UTN24CO1UjN/trouble-shooting/{page}"
    )
}

impl Refusal {
    /// What is wrong, in one line for answers without `field_violations`.
    pub(super) fn summary(&self) -> String {
        match &self.detail {
            Detail::Fields(violations) => {
                let lines: Vec<&str> =
                    violations.iter().map(|violation| violation.description.as_str()).collect();
                lines.join("; ")
            }
            Detail::None | Detail::Plain | Detail::Message(_) | Detail::Scopes { .. } => self.msg.to_string(),
        }
    }

    fn new(code: i64, msg: impl Into<Cow<'static, str>>, detail: Detail) -> Self {
        let status = StatusCode::BAD_REQUEST;
        Self { status, code, msg: msg.into(), headers: Vec::new(), empty_data: false, detail }
    }

    /// A business error: HTTP 400 and a code of its own (contract §4.6).
    pub(super) fn business(code: i64, msg: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code, msg, Detail::Plain)
    }

    /// 1390001; the documents allow a more specific message (contract §3.1).
    pub(super) fn param(msg: impl Into<Cow<'static, str>>) -> Self {
        Self::business(1390001, msg)
    }

    /// 1390002 (contract §3.2).
    pub(super) fn code_not_found() -> Self {
        Self::business(1390002, "approval code not found")
    }

    /// 1390016 (contract §3.2).
    pub(super) fn definition_deleted() -> Self {
        Self::business(1390016, "approval is deleted")
    }

    /// 1395001, the 400 that is worth another try (contract §4.6).
    pub(super) fn try_later() -> Self {
        Self::business(1395001, "There have been some errors. Please try again later")
    }

    /// 1390014 in the wording of early 2023 (contract §4.6).
    pub(super) fn too_often() -> Self {
        Self::business(1390014, "Do not synchronize the same approval instance for a short period of time!")
    }

    /// 99992402 with every violation at once (contract §13.4).
    pub(super) fn fields(violations: Vec<FieldViolation>) -> Self {
        Self::new(99992402, "field validation failed", Detail::Fields(violations))
    }

    /// 9499: the JSON is no JSON, or a field has another JSON type (contract §1.5).
    pub(super) fn wrong_type(field: &str) -> Self {
        Self::business(9499, format!("Invalid parameter type in json: {field}"))
    }

    /// What no document lists, for callers who want to be told.
    pub(super) fn undocumented(what: &str) -> Self {
        Self::param(format!("param is invalid: no document lists {what}"))
    }

    /// A token endpoint's error: HTTP 200 and no `error` object (contract §2.5).
    pub(super) fn token(code: i64, msg: &'static str) -> Self {
        Self { status: StatusCode::OK, empty_data: code == 10003, ..Self::new(code, msg, Detail::None) }
    }

    /// An error of the bot's endpoints: 60001 under HTTP 200 (contract §10, trap 14).
    pub(super) fn message(msg: impl Into<Cow<'static, str>>) -> Self {
        Self { status: StatusCode::OK, ..Self::new(60001, msg, Detail::None) }
    }

    /// A token that is missing, malformed or dead (contract §13.3).
    pub(super) fn access(status: StatusCode, code: i64, msg: &'static str) -> Self {
        let detail =
            if code == 99991663 { Detail::Message("how-to-fix-99991663-error") } else { Detail::Plain };
        Self { status, ..Self::new(code, msg, detail) }
    }

    /// 99991672, naming the scopes of which one is missing (contract §13.3).
    pub(super) fn scope_missing(status: StatusCode, app_id: String, scopes: &'static [&'static str]) -> Self {
        let msg = format!("Access denied. One of the following scopes is required: [{}]", scopes.join(", "));
        Self { status, ..Self::new(99991672, msg, Detail::Scopes { app_id, scopes }) }
    }

    /// 99991400 with both headers and no `error` object (contract §11.4).
    pub(super) fn rate_limited(status: StatusCode, limit: u32, reset_seconds: u64) -> Self {
        let headers = vec![
            (HeaderName::from_static("x-ogw-ratelimit-limit"), HeaderValue::from(limit)),
            (HeaderName::from_static("x-ogw-ratelimit-reset"), HeaderValue::from(reset_seconds)),
        ];
        Self { status, headers, ..Self::new(99991400, "request trigger frequency limit", Detail::None) }
    }
}
