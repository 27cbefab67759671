//! What is answered: successes by operation, problems by code.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::operations::{Answer, Operation};
use crate::http::problem::catalogue::{Language, ProblemExplanation, explain};
use crate::http::problem::{Code, ProblemDocument};
use crate::http::{
    CcItem, CheckReport, Definition, DefinitionReceipt, InstanceItem, InstanceReceipt, TaskItem,
    TaskStatusItem, UserTaskItem, health,
};
use crate::schema::{Named, Schemas};

/// Adds the schemas of everything that is answered.
pub(super) fn add_schemas(schemas: &mut Schemas) {
    ProblemDocument::add_to(schemas);
    ProblemExplanation::add_to(schemas);
    InstanceReceipt::add_to(schemas);
    CheckReport::add_to(schemas);
    TaskStatusItem::add_to(schemas);
    InstanceItem::add_to(schemas);
    TaskItem::add_to(schemas);
    CcItem::add_to(schemas);
    UserTaskItem::add_to(schemas);
    Definition::add_to(schemas);
    DefinitionReceipt::add_to(schemas);
    health::Health::add_to(schemas);
    health::Version::add_to(schemas);
}

/// Headers that answers carry.
pub(super) fn headers() -> Value {
    json!({
        "X-Request-Id": {
            "description": "Id of the request: the caller's, if it is sane, else a new one.",
            "schema": { "type": "string", "maxLength": 128, "examples": ["01a1fda4-8676-7788-8467-b1db72bd1f8b"] },
        },
        "Retry-After": {
            "description": "Seconds after which sending the same again may help.",
            "schema": { "type": "integer", "format": "int32", "minimum": 1 },
        },
        "Allow": {
            "description": "The methods that the path has.",
            "schema": { "type": "string", "maxLength": 64, "examples": ["GET,HEAD"] },
        },
        "WWW-Authenticate": {
            "description": "How to prove who is calling.",
            "schema": { "type": "string", "maxLength": 128, "examples": ["Bearer"] },
        },
    })
}

/// All responses of an operation.
pub(super) fn of(operation: &Operation, schemas: &mut Schemas) -> Value {
    let mut responses = BTreeMap::from([("200".to_owned(), success(operation, schemas))]);
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in Code::all().filter(|code| can_happen(*code, operation)) {
        by_status.entry(code.status().as_u16()).or_default().push(code);
    }
    responses.extend(by_status.into_iter().map(|(status, codes)| (status.to_string(), problem(&codes))));
    json!(responses)
}

fn success(operation: &Operation, schemas: &mut Schemas) -> Value {
    let (description, schema) = match operation.answer {
        Answer::One(name, description) => (description, reference(name)),
        Answer::FreeForm(name, description) => {
            let schema =
                json!({ "type": "object", "additionalProperties": true, "description": description });
            schemas.insert(name.to_owned(), schema);
            (description, reference(name))
        }
        Answer::Page(item, page) => {
            schemas.insert(page.to_owned(), page_schema(item));
            ("Some of what there is.", reference(page))
        }
    };
    // Streams (`application/x-ndjson`) are in the operation's prose only: a second media type would make every generated
    // client answer a page or a string, and each caller tell them apart.
    let mut success = json!({
        "description": description,
        "headers": { "X-Request-Id": header("X-Request-Id") },
        "content": { "application/json": { "schema": schema } },
    });
    for (id, parameter, value) in operation.links {
        let link = json!({ "operationId": id, "parameters": { *parameter: value }, "description": "Goes on from here." });
        success["links"] = json!({ *id: link });
    }
    success
}

fn page_schema(item: &str) -> Value {
    json!({
        "type": "object",
        "description": "Part of a list.",
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array",
                "maxItems": 200,
                "items": reference(item),
                "description": "What was found; a short page is not the end.",
            },
            "next_cursor": {
                "type": "string",
                "maxLength": 4096,
                "description": "Where to go on; absent on the last page.",
                "examples": ["eyJzIjowLCJrIjoyLCJwIjo1fdcu_PTeHk4RS4SZdwQajZA"],
            },
        },
    })
}

/// Whether an operation can end in this code.
fn can_happen(code: Code, operation: &Operation) -> bool {
    let has_body = operation.request.is_some();
    let is_list = matches!(operation.answer, Answer::Page(..));
    match code {
        Code::MethodNotAllowed | Code::InternalError => true,
        // Of no operation: the request was never read.
        Code::MalformedRequest | Code::UriTooLong | Code::HeadersTooLarge => false,
        Code::NotFound => operation.id == "getProblemType",
        Code::InvalidJson | Code::RequestTimeout | Code::PayloadTooLarge | Code::UnsupportedMediaType => {
            has_body
        }
        Code::ValidationFailed => operation.needs_key || operation.id == "getProblemType",
        Code::IdMismatch | Code::WouldErase => operation.path.starts_with("/v1/instances/") && has_body,
        Code::InvalidCursor => is_list,
        Code::Unauthorized | Code::Forbidden | Code::Overloaded => operation.needs_key,
        Code::Draining => operation.needs_key || operation.id == "getReadiness",
        Code::StaleUpdate => operation.id == "putInstance",
        Code::InstanceNotFound => matches!(operation.id, "getInstance") || is_list,
        Code::DefinitionNotFound | Code::DefinitionDeleted => operation.id == "getDefinition",
        Code::UnknownApprovalCode => {
            operation.calls_feishu && operation.id != "getDefinition" && operation.id != "getInstance"
        }
        Code::UpstreamRejected
        | Code::SyncConflict
        | Code::UpstreamMisconfigured
        | Code::UpstreamRateLimited
        | Code::UpstreamQuotaExhausted
        | Code::UpstreamAuthFailed
        | Code::UpstreamPermissionDenied
        | Code::UpstreamError
        | Code::UpstreamUnavailable
        | Code::UpstreamProtocolError
        | Code::UpstreamTimeout
        | Code::CircuitOpen => operation.calls_feishu,
    }
}

/// The response for all codes of one status.
fn problem(codes: &[Code]) -> Value {
    let explained =
        |code: &Code| format!("- `{}`: {}", code.as_str(), explain(*code, Language::English).meaning);
    let description: Vec<_> = codes.iter().map(explained).collect();
    let examples: BTreeMap<_, _> =
        codes.iter().map(|code| (code.as_str(), json!({ "value": example(*code) }))).collect();
    let mut headers = json!({ "X-Request-Id": header("X-Request-Id") });
    if codes.iter().any(|code| code.retryable()) {
        headers["Retry-After"] = header("Retry-After");
    }
    if codes.contains(&Code::MethodNotAllowed) {
        headers["Allow"] = header("Allow");
    }
    if codes.contains(&Code::Unauthorized) {
        headers["WWW-Authenticate"] = header("WWW-Authenticate");
    }
    json!({
        "description": description.join("\n"),
        "headers": headers,
        "content": { "application/problem+json": { "schema": reference("Problem"), "examples": examples } },
    })
}

/// What such a problem looks like.
fn example(code: Code) -> Value {
    json!({
        "type": code.type_path(),
        "title": code.title(),
        "status": code.status().as_u16(),
        "code": code.as_str(),
        "request_id": "01a1fda4-8693-7083-98e9-234157d645bd",
        "retryable": code.retryable(),
        "outcome": code.default_outcome().as_str(),
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}
