//! How one operation goes on from the answer of another, for readers and for tools that chain calls.

use serde_json::{Map, Value, json};

/// An operation that goes on from an answer, with the parameter that it needs and where its value lies (a runtime
/// expression). Links with bodies are legal, but openapi-generator refuses a file that has one.
pub(in crate::http) struct Link {
    to: &'static str,
    parameter: &'static str,
    value: &'static str,
}

impl Link {
    const fn to(to: &'static str, parameter: &'static str, value: &'static str) -> Self {
        Self { to, parameter, value }
    }

    fn described(&self) -> Value {
        let Self { to, parameter, value } = self;
        json!({ "operationId": to, "parameters": { *parameter: value }, "description": "Goes on from here." })
    }
}

/// From the answer to a push: what Feishu has of the instance, and what people find.
pub(in crate::http) const FROM_RECEIPT: &[Link] = &[
    Link::to("getInstance", "instance_id", "$response.body#/instance_id"),
    Link::to("listTaskStatuses", "instance_id", "$response.body#/instance_id"),
    Link::to("listInstances", "instance_id", "$response.body#/instance_id"),
];

/// From an explanation: how the delivery stands, and what happened.
pub(in crate::http) const FROM_VISIBILITY: &[Link] = &[
    Link::to("getDelivery", "instance_id", "$response.body#/instance_id"),
    Link::to("listHistory", "instance_id", "$response.body#/instance_id"),
];

/// From a delivery: what is kept, and what happened.
pub(in crate::http) const FROM_DELIVERY: &[Link] = &[
    Link::to("getDocument", "instance_id", "$response.body#/instance_id"),
    Link::to("listHistory", "instance_id", "$response.body#/instance_id"),
];

/// From the first delivery of a list.
pub(in crate::http) const FROM_DELIVERIES: &[Link] =
    &[Link::to("getDelivery", "instance_id", "$response.body#/items/0/instance_id")];

/// From the first event of a list: how its delivery stands.
pub(in crate::http) const FROM_EVENTS: &[Link] =
    &[Link::to("getDelivery", "instance_id", "$response.body#/items/0/instance_id")];

/// From a check: the first instance that differs.
pub(in crate::http) const FROM_CHECK: &[Link] =
    &[Link::to("getInstance", "instance_id", "$response.body#/stale/0/instance_id")];

/// From the first item of a list.
pub(in crate::http) const FROM_LIST: &[Link] =
    &[Link::to("getInstance", "instance_id", "$response.body#/items/0/instance_id")];

/// From the answer about a definition: the definition, and what was pushed for it.
pub(in crate::http) const FROM_DEFINITION: &[Link] = &[
    Link::to("getDefinition", "approval_code", "$response.body#/approval_code"),
    Link::to("listInstances", "approval_code", "$response.body#/approval_code"),
];

/// From a message: what becomes of its card.
pub(in crate::http) const FROM_MESSAGE: &[Link] =
    &[Link::to("updateMessage", "message_id", "$response.body#/message_id")];

/// From an import: what it does next.
pub(in crate::http) const FROM_IMPORT: &[Link] =
    &[Link::to("getImport", "import_id", "$response.body#/import_id")];

/// From the first import of a list.
pub(in crate::http) const FROM_IMPORTS: &[Link] =
    &[Link::to("getImport", "import_id", "$response.body#/items/0/import_id")];

/// From the first definition of a list.
pub(in crate::http) const FROM_DEFINITIONS: &[Link] =
    &[Link::to("getDefinition", "approval_code", "$response.body#/items/0/approval_code")];

/// From a problem: what it means.
const FROM_PROBLEM: Link = Link::to("getProblemType", "code", "$response.body#/code");

/// The links by the operation that they lead to.
pub(in crate::http) fn described(links: &[Link]) -> Map<String, Value> {
    links.iter().map(|link| (link.to.to_owned(), link.described())).collect()
}

/// Links that many responses share, as `components.links` lists them.
pub(in crate::http) fn shared() -> Map<String, Value> {
    described(&[FROM_PROBLEM])
}

/// What a problem refers to.
pub(in crate::http) fn from_problem() -> Value {
    json!({ FROM_PROBLEM.to: { "$ref": format!("#/components/links/{}", FROM_PROBLEM.to) } })
}
