//! Declaration of operations: each is declared once, beside its handler.
//!
//! The router, the OpenAPI file and the rate-limit headers follow from the declaration.

pub(super) mod links;
pub(super) mod parameters;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use serde_json::Value;

use self::links::Link;
use self::parameters::Parameter;
use super::problem::Code;
use crate::feishu::{Api, FeishuClient};
use crate::schema::{Named, Schemas, reference};

/// Declaration of one operation.
pub(super) struct Operation {
    /// Frozen: generated clients carry it.
    pub(super) id: &'static str,
    pub(super) method: Method,
    /// The route's template.
    pub(super) path: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    pub(super) parameters: Vec<Parameter>,
    /// Name of the body's schema.
    pub(super) request: Option<&'static str>,
    pub(super) answer: Answer,
    /// Whether a success may also be 202, with the delivery of a document that is kept.
    pub(super) may_be_pending: bool,
    /// Problems that only this operation and few others end in; what follows from the rest of the declaration is not
    /// repeated here.
    pub(super) problems: &'static [Code],
    /// The API of Feishu that it is about; a check after a push is not what the push is about.
    pub(super) upstream: Option<UpstreamApi>,
    pub(super) needs_key: bool,
    /// Operations that go on from the answer.
    pub(super) links: &'static [Link],
    /// Recorded exchanges, as JSON text; a test has each of them with the real gateway.
    pub(super) examples: &'static str,
}

/// The API of Feishu that an operation calls; for some it depends on the configuration of the app.
pub(super) type UpstreamApi = fn(&FeishuClient) -> Api;

/// Methods that operations have. `HEAD` works wherever `GET` does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As OpenAPI spells it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }

    fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// What a success answers.
pub(super) enum Answer {
    /// An object with a schema.
    One { schema: fn(&mut Schemas) -> Value, description: &'static str },
    /// A page of items with a schema.
    Page { item: fn(&mut Schemas) -> Value, name: &'static str },
    /// A JSON object of Feishu's, under a name so that generators do not make one up.
    FreeForm { name: &'static str, description: &'static str },
    /// A JSON object of the caller's own, with an `ETag`; whoever has it already is told so without it.
    Tagged { name: &'static str, description: &'static str },
    /// Lines of JSON, each with a schema, for a request of lines.
    Lines { item: fn(&mut Schemas) -> Value, name: &'static str, description: &'static str },
    /// That it is done.
    Nothing { description: &'static str },
}

impl Answer {
    /// An object.
    pub(super) fn one<T: Named>(description: &'static str) -> Self {
        Self::One { schema: reference::<T>, description }
    }

    /// Lines of JSON; all of them together get this name.
    pub(super) fn lines<T: Named>(name: &'static str, description: &'static str) -> Self {
        Self::Lines { item: reference::<T>, name, description }
    }

    /// A page of items; the page's schema gets this name.
    pub(super) fn page<T: Named>(name: &'static str) -> Self {
        Self::Page { item: reference::<T>, name }
    }
}

impl Operation {
    /// What operations on the ledger have in common.
    pub(super) fn of_ledger(tag: &'static str) -> Self {
        Self {
            id: "",
            method: Method::Get,
            path: "",
            tag,
            summary: "",
            description: "",
            parameters: Vec::new(),
            request: None,
            answer: Answer::Nothing { description: "" },
            may_be_pending: false,
            problems: &[Code::LedgerUnavailable, Code::LedgerOff],
            upstream: None,
            needs_key: true,
            links: &[],
            examples: "{}",
        }
    }

    /// The route of the operation.
    pub(super) fn handled_by<H, T, S>(self, handler: H) -> Route<S>
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        let handler = on(self.method.filter(), handler);
        Route { operation: self, handler }
    }
}

/// An operation with what answers it.
pub(super) struct Route<S> {
    pub(super) operation: Operation,
    pub(super) handler: MethodRouter<S>,
}

/// A router of these routes.
pub(super) fn router<S: Clone + Send + Sync + 'static>(
    routes: impl IntoIterator<Item = Route<S>>,
) -> Router<S> {
    routes
        .into_iter()
        .fold(Router::new(), |router, Route { operation, handler }| router.route(operation.path, handler))
}
