//! What is answered: successes by operation, problems by code.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::examples;
use crate::http::cursor::LONGEST_CURSOR;
use crate::http::operation::{Answer, Operation, links};
use crate::http::problem::Code;
use crate::http::problem::catalogue::{Language, explain};
use crate::http::responses::DeliveryStatus;
use crate::schema::Schemas;

/// Headers that answers carry.
pub(super) fn headers() -> Value {
    json!({
        "X-Request-Id": {
            "description": "Id of the request: the caller's, if it is sane, else a new one.",
            "schema": { "type": "string", "maxLength": 128, "examples": ["01a1fda4-8676-7788-8467-b1db72bd1f8b"] },
        },
        "Retry-After": {
            "description": "Seconds after which sending the same again may help.",
            "schema": { "type": "integer", "format": "int32", "minimum": 1, "examples": [2] },
        },
        "RateLimit": {
            "description": "What is left of Feishu's rate limit for this kind of call, and in how many seconds it is whole again, for each \
                configured window (draft-ietf-httpapi-ratelimit-headers). All callers share it, so it is no promise; absent without limits.",
            "schema": {
                "type": "string",
                "maxLength": 128,
                "pattern": "^\"(second|minute)\";r=[0-9]+;t=[0-9]+(, \"(second|minute)\";r=[0-9]+;t=[0-9]+)*$",
                "examples": ["\"second\";r=49;t=1, \"minute\";r=999;t=60"],
            },
        },
        "RateLimit-Policy": {
            "description": "Feishu's rate limit for this kind of call: how many in how many seconds, for each configured window.",
            "schema": {
                "type": "string",
                "maxLength": 128,
                "pattern": "^\"(second|minute)\";q=[0-9]+;w=[0-9]+(, \"(second|minute)\";q=[0-9]+;w=[0-9]+)*$",
                "examples": ["\"second\";q=50;w=1, \"minute\";q=1000;w=60"],
            },
        },
        "Location": {
            "description": "Where the delivery, or the import, is asked about.",
            "schema": { "type": "string", "maxLength": 8192, "examples": ["/v1/instances/leave-1001/delivery"] },
        },
        "Preference-Applied": {
            "description": "The preference that the answer follows (RFC 7240).",
            "schema": { "type": "string", "maxLength": 64, "examples": ["respond-async"] },
        },
        "ETag": {
            "description": "The revision of the document, as an entity tag (RFC 9110); never used twice.",
            "schema": { "type": "string", "maxLength": 32, "pattern": "^\"[0-9]+\"$", "examples": ["\"3\""] },
        },
        "Allow": {
            "description": "The methods that the path has.",
            "schema": { "type": "string", "maxLength": 64, "examples": ["GET,HEAD"] },
        },
        "WWW-Authenticate": {
            "description": "How to prove who is calling; with 403 also the scope that the key lacks (RFC 6750).",
            "schema": { "type": "string", "maxLength": 128, "examples": ["Bearer", "Bearer error=\"insufficient_scope\", scope=\"write\""] },
        },
    })
}

/// All responses of an operation.
pub(super) fn of(operation: &Operation, exchanges: &examples::Exchanges, schemas: &mut Schemas) -> Value {
    let mut responses = successes(operation, exchanges, schemas);
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in Code::all().filter(|code| can_happen(*code, operation)) {
        by_status.entry(code.status().as_u16()).or_default().push(code);
    }
    let problems = by_status
        .into_iter()
        .map(|(status, codes)| (status.to_string(), problem(operation, &codes, exchanges)));
    responses.extend(problems);
    json!(responses)
}

fn successes(
    operation: &Operation,
    exchanges: &examples::Exchanges,
    schemas: &mut Schemas,
) -> BTreeMap<String, Value> {
    let empty = |description| json!({ "description": description, "headers": { "X-Request-Id": header("X-Request-Id") } });
    if let Answer::Nothing { description } = operation.answer {
        return BTreeMap::from([("204".to_owned(), empty(description))]);
    }
    let mut responses = BTreeMap::from([("200".to_owned(), success(operation, exchanges, schemas))]);
    if operation.may_be_pending {
        responses.insert("202".to_owned(), accepted(exchanges, schemas));
    }
    if let Answer::Tagged { .. } = operation.answer {
        for response in responses.values_mut() {
            response["headers"]["ETag"] = header("ETag");
        }
        let mut known = empty("It is the one that `If-None-Match` names.");
        known["headers"]["ETag"] = header("ETag");
        responses.insert("304".to_owned(), known);
    }
    responses
}

fn success(operation: &Operation, exchanges: &examples::Exchanges, schemas: &mut Schemas) -> Value {
    let (description, schema) = match operation.answer {
        Answer::Nothing { .. } => return Value::Null,
        Answer::Lines { item, name, description } => {
            item(schemas);
            let schema = json!({ "type": "string", "maxLength": i32::MAX, "description": description });
            schemas.insert(name.to_owned(), schema);
            (description, reference(name))
        }
        Answer::One { schema, description } => (description, schema(schemas)),
        Answer::FreeForm { name, description } | Answer::Tagged { name, description } => {
            let schema =
                json!({ "type": "object", "additionalProperties": true, "description": description });
            schemas.insert(name.to_owned(), schema);
            (description, reference(name))
        }
        Answer::Page { item, name } => {
            let item = item(schemas);
            schemas.insert(name.to_owned(), page_schema(&item));
            ("Some of what there is.", reference(name))
        }
    };
    // Streams (`application/x-ndjson`) are in the operation's prose only: a second media type would make every generated
    // client answer a page or a string, and each caller tell them apart.
    let mut success = json!({
        "description": description,
        "headers": { "X-Request-Id": header("X-Request-Id") },
        "content": { "application/json": { "schema": schema, "examples": examples::successes(exchanges, 200) } },
    });
    if let Answer::Lines { .. } = operation.answer {
        let mut content = success["content"]["application/json"].take();
        content["examples"] = examples::successes_of_lines(exchanges).into();
        success["content"] = json!({ "application/x-ndjson": content });
        success["headers"]["Location"] = header("Location");
    }
    if operation.upstream.is_some() {
        add_rate_limit(&mut success["headers"]);
    }
    if !operation.links.is_empty() {
        success["links"] = links::described(operation.links).into();
    }
    success
}

/// A document that is kept, and not delivered yet.
fn accepted(exchanges: &examples::Exchanges, schemas: &mut Schemas) -> Value {
    let headers = ["X-Request-Id", "Location", "Preference-Applied"];
    let headers: BTreeMap<_, _> = headers.into_iter().map(|name| (name, header(name))).collect();
    json!({
        "description": "The document is kept and will be delivered, as often as that has to be tried: there is nothing to repeat. \
            Also the answer to `Prefer: respond-async`. Only with a ledger.",
        "headers": headers,
        "content": { "application/json": {
            "schema": crate::schema::reference::<DeliveryStatus>(schemas),
            "examples": examples::successes(exchanges, 202),
        } },
    })
}

/// Where callers stand in Feishu's rate limit.
fn add_rate_limit(headers: &mut Value) {
    for name in ["RateLimit", "RateLimit-Policy"] {
        headers[name] = header(name);
    }
}

fn page_schema(item: &Value) -> Value {
    json!({
        "type": "object",
        "description": "Part of a list.",
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array",
                "maxItems": 200,
                "items": item,
                "description": "What was found; a short page is not the end.",
            },
            "next_cursor": {
                "type": "string",
                "maxLength": LONGEST_CURSOR,
                "description": "Where to go on; absent on the last page.",
                "examples": ["eyJzIjowLCJrIjoyLCJwIjo1fdcu_PTeHk4RS4SZdwQajZA"],
            },
        },
    })
}

/// Whether an operation can end in this code: what follows from the rest of its declaration, and what it says itself.
fn can_happen(code: Code, operation: &Operation) -> bool {
    let has_body = operation.request.is_some();
    let is_list = matches!(operation.answer, Answer::Page { .. });
    let follows = match code {
        // What is wrong with the head, whatever it asks for.
        Code::MethodNotAllowed | Code::MalformedRequest | Code::InternalError => true,
        // An id that is empty, or a prefix before the path, makes another path.
        Code::NotFound | Code::ValidationFailed => operation.needs_key,
        Code::Unauthorized | Code::Forbidden | Code::Overloaded | Code::Draining => operation.needs_key,
        Code::InvalidJson | Code::PayloadTooLarge | Code::UnsupportedMediaType | Code::RequestTimeout => {
            has_body
        }
        Code::InvalidCursor => is_list,
        Code::InstanceNotFound | Code::UnknownApprovalCode => is_list && operation.upstream.is_some(),
        Code::IdMismatch
        | Code::WouldErase
        | Code::UnknownPerson
        | Code::StaleUpdate
        | Code::DocumentNotFound
        | Code::RevisionMismatch
        | Code::DocumentPending
        | Code::ImportNotFound
        | Code::ImportCanceled
        | Code::LedgerUnavailable
        | Code::LedgerOff
        | Code::DefinitionNotFound
        | Code::DefinitionDeleted => false,
        Code::UpstreamRejected
        | Code::SyncConflict
        | Code::UpstreamMisconfigured
        | Code::UpstreamRateLimited
        | Code::UpstreamQuotaExhausted
        | Code::UpstreamAuthFailed
        | Code::UpstreamTicketMissing
        | Code::UpstreamPermissionDenied
        | Code::UpstreamError
        | Code::UpstreamUnavailable
        | Code::UpstreamProtocolError
        | Code::UpstreamTimeout
        | Code::CircuitOpen => operation.upstream.is_some(),
    };
    follows || operation.problems.contains(&code)
}

/// The response for all codes of one status.
fn problem(operation: &Operation, codes: &[Code], exchanges: &examples::Exchanges) -> Value {
    let explained =
        |code: &Code| format!("- `{}`: {}", code.as_str(), explain(*code, Language::English).meaning);
    let description: Vec<_> = codes.iter().map(explained).collect();
    let examples = examples::problems(operation.id, exchanges, codes);
    let mut headers = json!({ "X-Request-Id": header("X-Request-Id") });
    if codes.iter().any(|code| code.retryable()) {
        headers["Retry-After"] = header("Retry-After");
    }
    if codes.contains(&Code::MethodNotAllowed) {
        headers["Allow"] = header("Allow");
    }
    if codes.iter().any(|code| matches!(code, Code::Unauthorized | Code::Forbidden)) {
        headers["WWW-Authenticate"] = header("WWW-Authenticate");
    }
    // Who is refused before the operation begins is not told.
    let begun = |code: &Code| {
        !matches!(
            code,
            Code::Unauthorized
                | Code::Forbidden
                | Code::MethodNotAllowed
                | Code::NotFound
                | Code::MalformedRequest
        )
    };
    if operation.upstream.is_some() && codes.iter().any(begun) {
        add_rate_limit(&mut headers);
    }
    let mut problem = json!({
        "description": description.join("\n"),
        "headers": headers,
        "content": { "application/problem+json": { "schema": reference("Problem"), "examples": examples } },
    });
    if codes.contains(&Code::ValidationFailed) && operation.needs_key {
        problem["links"] = links::from_problem();
    }
    problem
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}
