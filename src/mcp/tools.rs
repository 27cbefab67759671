//! The tools: what agents see of each, and which operation of the REST API it is.

use std::sync::Arc;

use axum::http::Method;
use rmcp::model::{JsonObject, ToolAnnotations};
use serde_json::{Map, Value, json};

use crate::callers::Scope;

/// A tool, which is one operation of the REST API.
#[derive(Debug)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// The operation that it calls.
    pub operation: &'static str,
    /// Operations that it calls before that.
    pub before: &'static [&'static str],
    /// The operation's method.
    pub method: Method,
    /// The operation's route.
    pub path: &'static str,
    /// What the caller's key must be allowed; nothing for what is open to all.
    pub scope: Option<Scope>,
    /// What it is for.
    pub description: &'static str,
    /// What it takes.
    pub arguments: &'static [Argument],
}

/// An argument of a tool.
#[derive(Debug)]
pub struct Argument {
    /// Its name; that of the operation's parameter.
    pub name: &'static str,
    /// Where it goes.
    pub place: Place,
    /// What it looks like.
    pub shape: Shape,
    /// Whether it must be given.
    pub required: bool,
}

/// Where an argument goes in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Into the path.
    Path,
    /// Into the query.
    Query,
    /// It is the body.
    Body,
    /// It is a member of the body.
    Member,
    /// Nowhere: it is the word for the second of two calls.
    Digest,
}

/// What an argument looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    Text,
    /// A whole number.
    Number,
    /// A list of strings.
    Texts,
    /// An object.
    Object,
    /// A list of objects.
    Objects,
}

impl Tool {
    /// Whether it changes something.
    pub fn writes(&self) -> bool {
        self.scope == Some(Scope::Write)
    }

    /// As clients see it.
    pub fn described(&self) -> rmcp::model::Tool {
        let (reads, writes) = (!self.writes(), self.writes());
        // A second equal call finds everything as it should be.
        let annotations = ToolAnnotations::new().read_only(reads).destructive(writes).idempotent(true);
        rmcp::model::Tool::new(self.name, self.description, Arc::new(self.schema()))
            .with_annotations(annotations)
    }

    fn schema(&self) -> JsonObject {
        let properties: Map<String, Value> = self
            .arguments
            .iter()
            .map(|argument| (argument.name.to_owned(), argument.shape.schema()))
            .collect();
        let required: Vec<_> = self
            .arguments
            .iter()
            .filter(|argument| argument.required)
            .map(|argument| argument.name)
            .collect();
        let mut schema = Map::from_iter([
            ("type".to_owned(), json!("object")),
            ("properties".to_owned(), Value::Object(properties)),
        ]);
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        schema
    }
}

impl Shape {
    fn schema(self) -> Value {
        match self {
            Self::Text => json!({"type": "string"}),
            Self::Number => json!({"type": "integer"}),
            Self::Texts => json!({"type": "array", "items": {"type": "string"}}),
            Self::Object => json!({"type": "object"}),
            Self::Objects => json!({"type": "array", "items": {"type": "object"}}),
        }
    }
}

const fn of(name: &'static str, place: Place, shape: Shape, required: bool) -> Argument {
    Argument { name, place, shape, required }
}

const fn text(name: &'static str) -> Argument {
    of(name, Place::Query, Shape::Text, false)
}

const fn texts(name: &'static str) -> Argument {
    of(name, Place::Query, Shape::Texts, false)
}

const INSTANCE_ID: Argument = of("instance_id", Place::Path, Shape::Text, true);
const DOCUMENT: Argument = of("document", Place::Body, Shape::Object, true);
const DIGEST: Argument = of("digest", Place::Digest, Shape::Text, false);
const LIMIT: Argument = of("limit", Place::Query, Shape::Number, false);

/// Every tool; those that write come last.
pub static TOOLS: [Tool; 10] = [
    Tool {
        name: "get_instance",
        operation: "getInstance",
        before: &[],
        method: Method::GET,
        path: "/v1/instances/{instance_id}",
        scope: Some(Scope::Read),
        description: "Statuses and versions that Feishu has of an approval instance and its tasks.",
        arguments: &[INSTANCE_ID],
    },
    Tool {
        name: "get_delivery",
        operation: "getDelivery",
        before: &[],
        method: Method::GET,
        path: "/v1/instances/{instance_id}/delivery",
        scope: Some(Scope::Read),
        description: "How far the delivery of an instance to Feishu has come, and why it was not delivered yet.",
        arguments: &[INSTANCE_ID],
    },
    Tool {
        name: "list_deliveries",
        operation: "listDeliveries",
        before: &[],
        method: Method::GET,
        path: "/v1/deliveries",
        scope: Some(Scope::Read),
        description: "Find deliveries, newest first. state: pending, delivered, confirmed, refused, conflict. Times are RFC 3339.",
        arguments: &[
            texts("state"),
            text("approval_code"),
            text("problem"),
            text("accepted_from"),
            text("accepted_to"),
            LIMIT,
            text("cursor"),
        ],
    },
    Tool {
        name: "search_instances",
        operation: "listInstances",
        before: &[],
        method: Method::GET,
        path: "/v1/instances",
        scope: Some(Scope::Read),
        description: "Find instances in Feishu by applicant (user_id), definition or id, at least one of these. Both times or none.",
        arguments: &[
            text("user_id"),
            text("approval_code"),
            text("instance_id"),
            text("title"),
            text("status"),
            text("started_from"),
            text("started_to"),
            LIMIT,
            text("cursor"),
        ],
    },
    Tool {
        name: "search_tasks",
        operation: "listTasks",
        before: &[],
        method: Method::GET,
        path: "/v1/tasks",
        scope: Some(Scope::Read),
        description: "Find tasks in Feishu by approver (user_id), definition or instance, at least one of these.",
        arguments: &[
            text("user_id"),
            text("approval_code"),
            text("instance_id"),
            text("title"),
            texts("status"),
            text("started_from"),
            text("started_to"),
            LIMIT,
            text("cursor"),
        ],
    },
    Tool {
        name: "check_instances",
        operation: "checkInstances",
        before: &[],
        method: Method::POST,
        path: "/v1/instance-checks",
        scope: Some(Scope::Read),
        description: "Compare versions with Feishu's. Each has instance_id, updated_at, tasks: [{task_id, updated_at}].",
        arguments: &[of("instances", Place::Member, Shape::Objects, true)],
    },
    Tool {
        name: "preview_instance",
        operation: "previewInstance",
        before: &[],
        method: Method::POST,
        path: "/v1/instances/{instance_id}/preview",
        scope: Some(Scope::Read),
        description: "The payload that a document would send to Feishu; sends nothing. A document has approval_code, status, title, \
            pc_link, applicant_user_id, started_at, form: [{name, value}], tasks: [{task_id, user_id, status, created_at}]; what is \
            wrong is answered with pointers. mode: replace or update.",
        arguments: &[INSTANCE_ID, DOCUMENT, text("mode")],
    },
    Tool {
        name: "explain_problem",
        operation: "getProblemType",
        before: &[],
        method: Method::GET,
        path: "/v1/problems/{code}",
        scope: None,
        description: "What the code of a problem means, and what to do.",
        arguments: &[of("code", Place::Path, Shape::Text, true)],
    },
    Tool {
        name: "put_instance",
        operation: "putInstance",
        before: &["getCaller", "getDocument", "previewInstance"],
        method: Method::PUT,
        path: "/v1/instances/{instance_id}",
        scope: Some(Scope::Write),
        description: "Show a whole document (see preview_instance) in Feishu, in two calls. Without digest nothing is sent: the answer \
            is what would be, and a digest. Call again with the same arguments and that digest to send it.",
        arguments: &[INSTANCE_ID, DOCUMENT, text("mode"), DIGEST],
    },
    Tool {
        name: "patch_instance",
        operation: "patchInstance",
        before: &["getCaller", "getDocument", "previewInstance"],
        method: Method::PATCH,
        path: "/v1/instances/{instance_id}",
        scope: Some(Scope::Write),
        description: "Change a part of a kept document by a merge patch (tasks and cc are objects by id), in two calls as put_instance.",
        arguments: &[INSTANCE_ID, of("patch", Place::Body, Shape::Object, true), DIGEST],
    },
];
