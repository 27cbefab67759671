//! The committed OpenAPI files are what the code says.

use std::path::Path;

use approval_gateway::http::openapi::{Format, Version, text, value};
use serde_json::Value;
use test_case::test_case;

#[test_case("openapi.json", Version::V3_1, Format::Json)]
#[test_case("openapi.yaml", Version::V3_1, Format::Yaml)]
#[test_case("openapi-3.0.json", Version::V3_0, Format::Json)]
fn the_committed_file_is_what_the_code_says(name: &str, version: Version, format: Format) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi").join(name);
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == text(version, format), "openapi/{name} is out of date: run `just openapi`");
}

/// Every value with the path that leads to it.
fn walk(value: &Value, path: &str, visit: &mut impl FnMut(&str, &Value)) {
    visit(path, value);
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{path}/{index}"), visit);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                walk(member, &format!("{path}/{name}"), visit);
            }
        }
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for version in [Version::V3_1, Version::V3_0] {
        let document = value(version);
        let mut lost = Vec::new();
        walk(&document, "", &mut |path, value| {
            if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                let target = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
                if !target.is_some_and(Value::is_object) {
                    lost.push(format!("{path}: {reference}"));
                }
            }
        });
        assert_eq!(lost, Vec::<String>::new());
    }
}

#[test]
fn every_member_of_every_schema_is_described() {
    let document = value(Version::V3_1);
    let mut silent = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(!schema["description"].as_str().unwrap_or_default().is_empty(), "{name}");
        for (member, shape) in schema["properties"].as_object().into_iter().flatten() {
            if shape["description"].as_str().unwrap_or_default().is_empty() {
                silent.push(format!("{name}.{member}"));
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn strings_and_arrays_are_bounded() {
    let document = value(Version::V3_1);
    let mut unbounded = Vec::new();
    walk(&document, "", &mut |path, value| {
        let lacks = |kind: &str, bound: &str| value["type"] == kind && value.get(bound).is_none();
        let is_word = value.get("enum").is_some() || value["type"].is_object();
        if !is_word && (lacks("string", "maxLength") || lacks("array", "maxItems")) {
            unbounded.push(path.to_owned());
        }
    });
    assert_eq!(unbounded, Vec::<String>::new());
}

#[test]
fn request_schemas_have_no_unions_and_no_null() {
    let document = value(Version::V3_1);
    walk(&document["components"]["schemas"], "", &mut |path, value| {
        for union in ["anyOf", "oneOf", "if", "not"] {
            assert!(value.get(union).is_none(), "{path}: {union}");
        }
        assert!(!value["type"].is_array(), "{path}: several types");
    });
}

/// Generators in Rust name the type of a bounded string by its schema and member: `Problem.type` is `ProblemType`.
#[test]
fn no_schema_has_the_name_that_a_generator_gives_a_member() {
    let document = value(Version::V3_1);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let pascal = |name: &str| name.split('_').map(capitalised).collect::<String>();
    let clashes: Vec<_> = schemas
        .iter()
        .flat_map(|(name, schema)| {
            schema["properties"].as_object().into_iter().flatten().map(move |member| (name, member))
        })
        .filter(|(_, (_, shape))| shape.get("$ref").is_none())
        .map(|(name, (member, _))| format!("{name}{}", pascal(member)))
        .filter(|name| schemas.contains_key(name))
        .collect();
    assert_eq!(clashes, Vec::<String>::new());
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[test]
fn operation_ids_are_the_frozen_ones() {
    let document = value(Version::V3_1);
    let mut ids: Vec<_> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    assert_eq!(
        ids,
        [
            "checkDelivery",
            "checkInstances",
            "createImport",
            "explainVisibility",
            "forgetDocument",
            "getCaller",
            "getDefinition",
            "getDelivery",
            "getDeliverySummary",
            "getDocument",
            "getImport",
            "getInstance",
            "getLiveness",
            "getProblemType",
            "getReadiness",
            "getVersion",
            "listCc",
            "listDefinitions",
            "listDeliveries",
            "listEvents",
            "listHistory",
            "listImports",
            "listInstances",
            "listTaskStatuses",
            "listTasks",
            "listUserTasks",
            "patchDefinition",
            "patchInstance",
            "previewInstance",
            "putInstance",
            "retryDeliveries",
            "retryEvents",
            "sendMessage",
            "updateImport",
            "updateMessage",
            "upsertDefinition",
        ]
    );
}

/// Generators take a member with a default for one that is always there.
#[test]
fn members_of_requests_have_their_defaults_in_words() {
    let document = value(Version::V3_1);
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (member, shape) in schema["properties"].as_object().into_iter().flatten() {
            assert!(shape.get("default").is_none(), "{name}.{member}");
        }
    }
    let read = &document["components"]["schemas"]["CcInput"]["properties"]["read"];
    assert!(read["description"].as_str().unwrap().ends_with("`false` when absent."));
}

/// Two of them would make a generated client answer either of two types.
#[test]
fn every_response_has_one_media_type() {
    let document = value(Version::V3_1);
    let operations = document["paths"].as_object().unwrap().values();
    for operation in operations.flat_map(|path| path.as_object().unwrap().values()) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let types = response["content"].as_object().map_or(0, serde_json::Map::len);
            let is_empty = ["204", "304"].contains(&status.as_str());
            assert_eq!(types, usize::from(!is_empty), "{}: {status}", operation["operationId"]);
        }
    }
}
