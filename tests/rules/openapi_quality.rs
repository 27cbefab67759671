//! What a reader of the OpenAPI file and the generators of clients count on.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic like the tests themselves")]

use std::collections::BTreeSet;

use approval_gateway::http::openapi::{Version, value};
use serde_json::Value;
use test_case::test_case;

/// Operations that ask for a key; all others are open.
const OPEN: [&str; 4] = ["getProblemType", "getLiveness", "getReadiness", "getVersion"];

fn document() -> Value {
    value(Version::V3_1)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn operations(document: &Value) -> Vec<&Value> {
    members(&document["paths"]).flat_map(|(_, path)| members(path)).map(|(_, operation)| operation).collect()
}

fn id(operation: &Value) -> &str {
    operation["operationId"].as_str().unwrap()
}

/// What a reference leads to; anything else is itself.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => value,
    }
}

/// Every response: operation, status, response.
fn responses(document: &Value) -> Vec<(&str, u16, &Value)> {
    let mut found = Vec::new();
    for operation in operations(document) {
        for (status, response) in members(&operation["responses"]) {
            found.push((id(operation), status.parse().unwrap(), response));
        }
    }
    found
}

fn none(found: impl IntoIterator<Item = String>) {
    assert_eq!(found.into_iter().collect::<Vec<_>>(), Vec::<String>::new());
}

/// An example of its own, or of what it refers to or holds.
fn has_example(document: &Value, shape: &Value) -> bool {
    let shape = if shape.get("examples").is_some() { shape } else { resolved(document, shape) };
    match shape["type"].as_str() {
        _ if shape.get("examples").is_some() => true,
        Some("array") => has_example(document, &shape["items"]),
        // Its members have theirs.
        Some("object") => members(&shape["properties"]).next().is_some(),
        _ => false,
    }
}

#[test]
fn every_parameter_is_described() {
    let document = document();
    for operation in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(
                parameter["description"].as_str().unwrap().len() > 10,
                "{}: {}",
                id(operation),
                parameter["name"]
            );
        }
    }
}

#[test]
fn every_member_has_an_example() {
    let document = document();
    let mut without = Vec::new();
    for (name, schema) in members(&document["components"]["schemas"]) {
        for (member, shape) in members(&schema["properties"]) {
            if !has_example(&document, shape) {
                without.push(format!("{name}.{member}"));
            }
        }
    }
    none(without);
}

#[test]
fn every_word_of_a_vocabulary_is_explained() {
    let document = document();
    let mut silent = Vec::new();
    for (name, schema) in members(&document["components"]["schemas"]) {
        silent.extend(unexplained(name, schema, "enum"));
        for (member, shape) in members(&schema["properties"]) {
            silent.extend(unexplained(&format!("{name}.{member}"), shape, "x-extensible-enum"));
        }
    }
    none(silent);
}

/// Words that the description has no line for.
fn unexplained(name: &str, schema: &Value, keyword: &str) -> Vec<String> {
    let description = schema["description"].as_str().unwrap();
    let words = schema[keyword].as_array().into_iter().flatten();
    let is_explained = |word: &Value| {
        let line = format!("\n- `{}`: ", word.as_str().unwrap());
        description.split(&line).nth(1).is_some_and(|meaning| meaning.len() > 3)
    };
    words.filter(|word| !is_explained(word)).map(|word| format!("{name}: {word}")).collect()
}

/// A cursor is good for one list only, a tag for one document, and a person is named once: whoever filled in an example
/// would be refused.
#[test]
fn every_parameter_but_cursors_and_conditions_has_an_example() {
    let document = document();
    let mut poor = Vec::new();
    for operation in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let made_up_is_refused = ["cursor", "If-Match", "If-None-Match", "open_id"]
                .contains(&parameter["name"].as_str().unwrap());
            if parameter["example"].is_null() != made_up_is_refused {
                poor.push(format!("{}: {}", id(operation), parameter["name"]));
            }
        }
    }
    none(poor);
}

#[test_case("401", |operation| !OPEN.contains(&id(operation)); "who calls is not known")]
#[test_case("403", |operation| !OPEN.contains(&id(operation)); "who calls may not")]
#[test_case("404", |operation| !OPEN[1..].contains(&id(operation)); "nothing is there")]
#[test_case("405", |_| true; "another method")]
#[test_case("500", |_| true; "a bug")]
#[test_case("400", |_| true; "a request that is no HTTP or whose body is no JSON")]
#[test_case("408", |operation| operation.get("requestBody").is_some(); "a body that does not come in time")]
#[test_case("413", |operation| operation.get("requestBody").is_some(); "a body that is too large")]
#[test_case("415", |operation| operation.get("requestBody").is_some(); "a body of another type")]
#[test_case("422", |operation| !OPEN[1..].contains(&id(operation)); "content that breaks a rule")]
#[test_case("503", |operation| !OPEN.contains(&id(operation)) || id(operation) == "getReadiness"; "no more work is taken")]
#[test_case("501", |operation| needs_ledger(operation) || id(operation) == "putInstance"; "no ledger")]
#[test_case("429", calls_feishu; "more calls than Feishu takes")]
#[test_case("502", calls_feishu; "an answer that is none")]
#[test_case("504", calls_feishu; "no answer in time")]
fn status_is_documented_wherever_it_can_happen(status: &str, can_happen: fn(&Value) -> bool) {
    let document = document();
    let wrong = operations(&document).into_iter().filter(|operation| {
        // What cannot happen is not documented: a client would handle it for nothing.
        can_happen(operation) != operation["responses"].get(status).is_some()
    });
    none(wrong.map(|operation| id(operation).to_owned()));
}

/// Operations that need the ledger; without it they are 501.
const KEPT: [&str; 16] = [
    "checkDelivery",
    "createImport",
    "getImport",
    "listImports",
    "updateImport",
    "forgetDocument",
    "getDelivery",
    "getDeliverySummary",
    "getDocument",
    "listDefinitions",
    "listDeliveries",
    "listEvents",
    "listHistory",
    "patchInstance",
    "retryDeliveries",
    "retryEvents",
];

fn needs_ledger(operation: &Value) -> bool {
    KEPT.contains(&id(operation))
}

fn calls_feishu(operation: &Value) -> bool {
    let only_kept = needs_ledger(operation) && !["patchInstance", "checkDelivery"].contains(&id(operation));
    !OPEN.contains(&id(operation)) && id(operation) != "getCaller" && !only_kept
}

#[test]
fn every_response_has_an_example() {
    let document = document();
    let with_content =
        responses(&document).into_iter().filter(|(_, _, response)| response.get("content").is_some());
    let without = with_content.filter(|(_, _, response)| {
        let examples = members(&response["content"]).flat_map(|(_, content)| members(&content["examples"]));
        examples.filter(|(_, example)| !resolved(&document, example)["value"].is_null()).count() == 0
    });
    none(without.map(|(id, status, _)| format!("{id}: {status}")));
}

#[test]
fn every_example_says_what_is_special_about_it() {
    let document = document();
    let contents = responses(&document).into_iter().flat_map(|(id, _, response)| {
        members(&response["content"])
            .flat_map(move |(_, content)| members(&content["examples"]))
            .map(move |found| (id, found))
    });
    let silent =
        contents.filter(|(_, (_, example))| resolved(&document, example)["summary"].as_str().is_none());
    none(silent.map(|(id, (name, _))| format!("{id}: {name}")));
}

/// The description of a response lists its codes; each has an example there.
#[test]
fn every_code_that_a_response_lists_has_an_example_there() {
    let document = document();
    let mut without = Vec::new();
    for (id, status, response) in responses(&document).into_iter().filter(|(_, status, _)| *status >= 400) {
        let lines = response["description"].as_str().unwrap().lines();
        let listed: BTreeSet<_> = lines.map(|line| line.split('`').nth(1).unwrap()).collect();
        let examples = members(&response["content"]["application/problem+json"]["examples"]);
        let shown: BTreeSet<_> = examples
            .map(|(_, example)| &resolved(&document, example)["value"])
            .inspect(|problem| assert_eq!(problem["status"], status, "{id}"))
            .map(|problem| problem["code"].as_str().unwrap())
            .collect();
        if listed != shown {
            without.push(format!("{id} {status}: lists {listed:?} and shows {shown:?}"));
        }
    }
    none(without);
}

#[test]
fn every_retryable_problem_says_when() {
    let document = document();
    let silent = responses(&document).into_iter().filter(|(_, _, response)| {
        let mut examples = members(&response["content"]["application/problem+json"]["examples"]);
        let retryable =
            examples.any(|(_, example)| resolved(&document, example)["value"]["retryable"] == true);
        retryable != response["headers"].get("Retry-After").is_some()
    });
    none(silent.map(|(id, status, _)| format!("{id}: {status}")));
}

/// Progenitor takes one type for each class of statuses.
#[test]
fn each_class_of_statuses_has_one_schema() {
    let document = value(Version::V3_0);
    for operation in operations(&document) {
        for class in ["2", "4", "5"] {
            let found: BTreeSet<_> = members(&operation["responses"])
                .filter(|(status, _)| status.starts_with(class))
                .flat_map(|(_, response)| members(&response["content"]))
                .map(|(_, content)| content["schema"]["$ref"].as_str().unwrap())
                .collect();
            assert!(found.len() <= 1, "{}: {class}xx: {found:?}", id(operation));
        }
    }
}

/// Generators make one class of both, whose members are then all optional.
#[test]
fn no_schema_serves_both_directions() {
    let document = document();
    let (mut read, mut written) = (BTreeSet::new(), BTreeSet::new());
    for operation in operations(&document) {
        collect(&document, &operation["requestBody"], &mut read);
        collect(&document, &operation["responses"], &mut written);
    }
    let both = read.intersection(&written).cloned();
    assert!(read.len() > 5 && written.len() > 5);
    none(both);
}

fn collect(document: &Value, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(document, item, found)),
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str)
                && name.starts_with("#/components/schemas/")
                && found.insert(name.to_owned())
            {
                collect(document, resolved(document, value), found);
            }
            members.values().for_each(|member| collect(document, member, found));
        }
        _ => {}
    }
}

/// `format: uri` makes Java's clients refuse links that Feishu takes.
#[test]
fn links_are_plain_strings() {
    let text = document().to_string();
    assert!(!text.contains(r#""format":"uri"#));
}

/// Unknown members are refused, and a generator is told so.
#[test]
fn schemas_of_requests_are_closed() {
    let document = document();
    for (name, schema) in
        members(&document["components"]["schemas"]).filter(|(name, _)| name.ends_with("Input"))
    {
        assert_eq!(schema["additionalProperties"], false, "{name}");
    }
}

#[test]
fn every_operation_belongs_to_one_declared_tag() {
    let document = document();
    let declared: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let webhooks = members(&document["webhooks"]).map(|(_, webhook)| &webhook["post"]);
    let used: BTreeSet<_> = operations(&document)
        .into_iter()
        .chain(webhooks)
        .inspect(|operation| assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{}", id(operation)))
        .map(|operation| operation["tags"][0].as_str().unwrap())
        .collect();
    assert_eq!(declared, used);
}

#[test]
fn links_lead_to_operations_and_to_parameters_that_these_have() {
    let document = document();
    let mut wrong = Vec::new();
    for (from, _, response) in responses(&document) {
        for (name, link) in members(&response["links"]) {
            let link = resolved(&document, link);
            let target = operations(&document)
                .into_iter()
                .find(|operation| operation["operationId"] == link["operationId"]);
            let known: Vec<_> = target.unwrap()["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .map(|known| known["name"].as_str().unwrap())
                .collect();
            if members(&link["parameters"]).any(|(parameter, _)| !known.contains(&parameter.as_str())) {
                wrong.push(format!("{from}: {name}"));
            }
        }
    }
    none(wrong);
}

#[test]
fn errors_of_3_0_are_typed_for_generators_that_know_plain_json_only() {
    let document = value(Version::V3_0);
    for (id, status, response) in responses(&document).into_iter().filter(|(_, status, _)| *status >= 400) {
        let content = &response["content"];
        let [problem, json] =
            ["application/problem+json", "application/json"].map(|media| &content[media]["schema"]["$ref"]);
        assert!(problem == "#/components/schemas/Problem" && problem == json, "{id}: {status}");
    }
}

#[test]
fn every_header_has_an_example() {
    let document = document();
    for (name, header) in members(&document["components"]["headers"]) {
        assert!(!header["schema"]["examples"][0].is_null(), "{name}");
    }
}
