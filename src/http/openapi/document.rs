//! The frame of the OpenAPI file.

use serde_json::{Map, Value, json};

use super::{approval_action, examples, outgoing_events, responses};
use crate::http::operation::{Answer, Method, Operation, links};
use crate::http::problem::{ProblemDocument, codes, outcomes};
use crate::http::responses::applied_words;
use crate::http::routes::operations;
use crate::schema::{Named as _, Schemas, Words};

/// What a reader of the file should know before the first call.
const DESCRIPTION: &str = "\
Shows the approvals of your own systems in Feishu's approval centre. You say in a flat JSON document what an approval *is*; \
the gateway translates it, sends it, and tells you precisely what went wrong when it cannot.

**Conventions.** Times are RFC 3339 with an offset, after 1970-01-01T00:00:00Z, truncated to \
milliseconds, answered in UTC. Unknown members are refused. \
Optional members that are `null` and empty strings count as absent (`department_id` excepted, where the empty string means \
the company's name); a `null` array or translation is refused, and so is an empty query parameter. Path and query have at most \
64 KiB as they are sent, percent-encoded. Answers never hold `null`: what is unknown is absent. Words in answers may \
grow: `other` stands for a word that Feishu has invented since, with Feishu's own word in the member with the suffix `_raw`. \
Lists answer `items` and `next_cursor`, which is absent on the last page; a short page is not the end.

**Errors.** Every 4xx and 5xx is a problem document (RFC 9457). Branch on `code`. `retryable` says whether sending the same \
again may help, `outcome` what may be assumed about Feishu's state.

**What Feishu does not promise.** Feishu answers success for pushes that change nothing. `verify=true` asks its check \
afterwards, which compares versions of the instance and its tasks, neither copies nor contents.";

/// What operations with a recorded stream say of it.
const STREAM: &str = "\n\nWith `Accept: application/x-ndjson` all pages are streamed, one item a line. A stream that Feishu breaks ends with a \
    problem document as its last line. For example:";

/// The whole file, version 3.1.
pub(super) fn document() -> Value {
    let mut schemas = Schemas::new();
    crate::document::add_request_schemas(&mut schemas);
    schemas.insert("InstancePatch".to_owned(), instance_patch());
    schemas.insert("ImportLines".to_owned(), import_lines());
    ProblemDocument::add_to(&mut schemas);
    add_known_words(&mut schemas);
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations() {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.as_str()] = described(&operation, &mut schemas);
    }
    let mut webhooks = approval_action::webhooks(&mut schemas);
    webhooks.extend(outgoing_events::webhooks(&mut schemas));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Approval gateway",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "contact": { "name": "The operator of this gateway" },
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{
            "url": "{scheme}://{address}",
            "description": "A gateway of yours",
            "variables": {
                "scheme": { "default": "http", "enum": ["http", "https"], "description": "https where it has a certificate" },
                "address": { "default": "127.0.0.1:8080", "description": "Host and port it listens on" } },
        }],
        "security": [{ "callerKey": [] }, {}],
        "tags": [
            { "name": "instances", "description": "Push instances, and see what Feishu has of them." },
            { "name": "deliveries", "description": "What the gateway keeps, and how far its delivery has come." },
            { "name": "imports", "description": "Documents by the thousand, delivered behind everything else." },
            { "name": "events", "description": "What your own system is told of deliveries." },
            { "name": "definitions", "description": "Create, update and read definitions." },
            { "name": "messages", "description": "Tell people that something waits or has happened; a push does so only where `notify.tasks` or a task wants it." },
            { "name": "searches", "description": "Find instances, tasks and copies." },
            { "name": "problems", "description": "What errors mean." },
            { "name": "webhooks", "description": "What the gateway sends to you." },
            { "name": "operation", "description": "For whoever runs the gateway; never calls Feishu." },
        ],
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": schemas,
            "examples": examples::of_codes(),
            "headers": responses::headers(),
            "links": links::shared(),
            "securitySchemes": {
                "callerKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The key that the operator gave you. It has scopes: `read` for what only reads, `write` for what \
                        changes something in Feishu, `operate` for retrying deliveries and events, and forgetting documents. Where the gateway serves several apps, it decides on whose behalf \
                        Feishu is called. On loopback without a keys file none is needed.",
                },
            },
        },
    })
}

/// The words that callers branch on, as types of their own: generators make constants of them, while the members stay
/// plain strings, because a client must not break when a word is added.
fn add_known_words(schemas: &mut Schemas) {
    let known: [(&str, &str, Words); 3] = [
        ("KnownProblemCode", "Problem.code", codes),
        ("KnownProblemOutcome", "Problem.outcome", outcomes),
        ("KnownApplied", "InstanceReceipt.applied", applied_words),
    ];
    for (name, member, words) in known {
        let words = words();
        let meanings: String =
            words.iter().map(|(word, meaning)| format!("\n- `{word}`: {meaning}")).collect();
        let words: Vec<_> = words.into_iter().map(|(word, _)| word).collect();
        let schema = json!({
            "type": "string",
            "enum": words,
            "description": format!("The words that `{member}` has today; it may get others.{meanings}"),
            "examples": [words[0]],
        });
        schemas.insert(name.to_owned(), schema);
    }
}

/// A merge patch has members of the document, some of them `null`, and objects where the document has lists: generators
/// know no type for that but an object.
fn instance_patch() -> Value {
    json!({
        "type": "object",
        "additionalProperties": true,
        "description": "A merge patch (RFC 7396) of `InstanceInput`: members that are there replace those of the kept document, `null` \
            removes one. `tasks` and `cc` are objects with ids as names.",
    })
}

/// What the body of a request is declared as.
fn media_type(operation: &Operation) -> &'static str {
    match (&operation.answer, operation.method) {
        (Answer::Lines { .. }, _) => "application/x-ndjson",
        (_, Method::Patch) => "application/merge-patch+json",
        (_, Method::Get | Method::Post | Method::Put | Method::Delete) => "application/json",
    }
}

/// Generators know no type for lines but text.
fn import_lines() -> Value {
    json!({
        "type": "string",
        "maxLength": i32::MAX,
        "description": "One `InstanceInput` a line, each with its `instance_id` and, if need be, `mode` (`replace` or `update`).",
    })
}

fn described(operation: &Operation, schemas: &mut Schemas) -> Value {
    let exchanges = examples::read(operation.examples);
    let mut description = operation.description.to_owned();
    if !matches!(operation.answer, Answer::Lines { .. })
        && let Some(lines) = examples::stream(&exchanges)
    {
        description.push_str(STREAM);
        description.push_str(&format!("\n\n```\n{lines}```"));
    }
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": description,
        "responses": responses::of(operation, &exchanges, schemas),
    });
    let parameters: Vec<_> =
        operation.parameters.iter().map(|parameter| parameter.described(schemas)).collect();
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(schema) = operation.request {
        described["requestBody"] = json!({
            "required": true,
            "content": {
                media_type(operation): {
                    "schema": { "$ref": format!("#/components/schemas/{schema}") },
                    "examples": examples::requests(&exchanges),
                },
            },
        });
    }
    if !operation.needs_key {
        described["security"] = json!([]);
    }
    described
}
