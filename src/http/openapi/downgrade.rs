//! 3.1 becomes 3.0, for tools that stop there.

use serde_json::{Map, Value, json};

use crate::http::cursor::LONGEST_CURSOR;

/// The same document in the words of 3.0.3.
pub(super) fn to_3_0(mut document: Value) -> Value {
    // 3.0 knows no webhooks.
    if let Some(members) = document.as_object_mut() {
        members.remove("webhooks");
    }
    downgrade(&mut document);
    document["openapi"] = "3.0.3".into();
    if let Some(license) = document["info"]["license"].as_object_mut()
        && let Some(Value::String(identifier)) = license.remove("identifier")
    {
        // 3.0 does not know SPDX identifiers, so that the licence needs another way to be found.
        license.insert("url".to_owned(), format!("https://spdx.org/licenses/{identifier}.html").into());
    }
    offer_plain_json(&mut document);
    answer_with_one_type(&mut document);
    declare_plain_json(&mut document);
    document
}

/// Progenitor takes one type for all successes of an operation. What is 202 there is another answer than what is 200, and
/// a client made of this file gets it as a response that it has to read itself.
fn answer_with_one_type(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        if let Some(responses) = operation["responses"].as_object_mut().filter(|all| all.contains_key("200"))
        {
            responses.remove("202");
        }
    }
}

fn downgrade(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(downgrade),
        Value::Object(members) => {
            members.values_mut().for_each(downgrade);
            single_example(members);
            plain_string(members);
            wrap_reference(members);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// 3.0 knows one `example` of a schema; `examples` of a media type is an object and stays.
fn single_example(members: &mut Map<String, Value>) {
    if let Some(Value::Array(examples)) = members.get_mut("examples") {
        let first = examples.first_mut().map(Value::take);
        members.remove("examples");
        members.extend(first.map(|example| ("example".to_owned(), example)));
    }
}

/// Progenitor, for which this file is made, invents a type for each bounded string: `InstanceInputTitle`, which a caller
/// would have to parse. So limits that no honest text comes near are left to 3.1, and texts are strings here.
fn plain_string(members: &mut Map<String, Value>) {
    let is_generous = |limit: &Value| limit.as_u64().is_some_and(|limit| limit >= LONGEST_CURSOR as u64);
    if members.get("type").is_some_and(|kind| kind == "string")
        && members.get("maxLength").is_some_and(is_generous)
    {
        members.remove("maxLength");
        members.remove("minLength");
    }
}

/// 3.0 ignores what stands beside a reference.
fn wrap_reference(members: &mut Map<String, Value>) {
    if members.len() > 1
        && let Some(reference) = members.remove("$ref")
    {
        members.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    }
}

/// Generators of 3.0 type an error only when it is listed as plain JSON, too.
fn offer_plain_json(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let operations = paths.filter_map(Value::as_object_mut).flat_map(|path| path.values_mut());
    for operation in operations {
        let responses =
            operation["responses"].as_object_mut().into_iter().flat_map(|responses| responses.values_mut());
        for content in responses.filter_map(|response| response.get_mut("content")) {
            if let Some(schema) = content.pointer("/application~1problem+json/schema").cloned() {
                content["application/json"] = json!({ "schema": schema });
            }
        }
    }
}

/// Generators of 3.0 know no other type of JSON bodies; the gateway takes a merge patch as plain JSON, too.
fn declare_plain_json(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let operations = paths.filter_map(Value::as_object_mut).flat_map(|path| path.values_mut());
    let contents =
        operations.filter_map(|operation| operation.get_mut("requestBody")?["content"].as_object_mut());
    for content in contents {
        if let Some(patch) = content.remove("application/merge-patch+json") {
            content.insert("application/json".to_owned(), patch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_3_0_does_not_know_is_said_in_its_words() {
        let document = json!({
            "openapi": "3.1.0",
            "info": { "license": { "name": "x", "identifier": "x" } },
            "paths": {},
            "s": { "$ref": "#/a", "description": "d", "examples": ["one"] },
            "alone": { "$ref": "#/a" },
            "text": { "type": "string", "minLength": 1, "maxLength": 4096 },
            "short": { "type": "string", "minLength": 1, "maxLength": 4095 },
        });
        assert_eq!(
            to_3_0(document),
            json!({
                "openapi": "3.0.3",
                "info": { "license": { "name": "x", "url": "https://spdx.org/licenses/x.html" } },
                "paths": {},
                "s": { "allOf": [{ "$ref": "#/a" }], "description": "d", "example": "one" },
                "alone": { "$ref": "#/a" },
                "text": { "type": "string" },
                "short": { "type": "string", "minLength": 1, "maxLength": 4095 },
            })
        );
    }
}
