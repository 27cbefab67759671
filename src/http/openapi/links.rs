//! How one operation goes on from the answer of another, for readers and for tools that chain calls.

use serde_json::{Map, Value, json};

/// An operation that goes on from an answer, and where it finds what it needs (runtime expressions of OpenAPI).
pub(super) struct Link {
    to: &'static str,
    /// The parameter, and where its value lies; none when the body says it all.
    parameter: Option<(&'static str, &'static str)>,
    /// The body as JSON text, with expressions for its values.
    body: Option<&'static str>,
}

impl Link {
    const fn to(operation: &'static str, parameter: &'static str, value: &'static str) -> Self {
        Self { to: operation, parameter: Some((parameter, value)), body: None }
    }

    fn described(&self) -> Value {
        let mut described = json!({ "operationId": self.to, "description": "Goes on from here." });
        if let Some((parameter, value)) = self.parameter {
            described["parameters"] = json!({ parameter: value });
        }
        if let Some(body) = self.body.and_then(|body| serde_json::from_str::<Value>(body).ok()) {
            described["requestBody"] = body;
        }
        described
    }
}

/// From a receipt: what Feishu has of the instance, and whether it is what was sent.
pub(super) const FROM_RECEIPT: &[Link] = &[
    Link::to("getInstance", "instance_id", "$response.body#/instance_id"),
    Link::to("listTaskStatuses", "instance_id", "$response.body#/instance_id"),
    Link::to("listInstances", "instance_id", "$response.body#/instance_id"),
    Link {
        to: "checkInstances",
        parameter: None,
        body: Some(
            r#"{"instances":[{"instance_id":"$response.body#/instance_id","updated_at":"$response.body#/updated_at"}]}"#,
        ),
    },
];

/// From a check: the first instance that differs.
pub(super) const FROM_CHECK: &[Link] =
    &[Link::to("getInstance", "instance_id", "$response.body#/stale/0/instance_id")];

/// From the first item of a list.
pub(super) const FROM_LIST: &[Link] =
    &[Link::to("getInstance", "instance_id", "$response.body#/items/0/instance_id")];

/// From a definition's receipt: the definition, and what was pushed for it.
pub(super) const FROM_DEFINITION: &[Link] = &[
    Link::to("getDefinition", "approval_code", "$response.body#/approval_code"),
    Link::to("listInstances", "approval_code", "$response.body#/approval_code"),
];

/// From a problem: what it means.
const FROM_PROBLEM: Link = Link::to("getProblemType", "code", "$response.body#/code");

/// The links by the operation that they lead to.
pub(super) fn described(links: &[Link]) -> Map<String, Value> {
    links.iter().map(|link| (link.to.to_owned(), link.described())).collect()
}

/// Links that many responses share, as `components.links` lists them.
pub(super) fn shared() -> Map<String, Value> {
    described(&[FROM_PROBLEM])
}

/// What a problem refers to.
pub(super) fn from_problem() -> Value {
    json!({ FROM_PROBLEM.to: { "$ref": format!("#/components/links/{}", FROM_PROBLEM.to) } })
}
