//! The Helm chart renders what lies beside it as manifests.
//!
//! The templates use a few words of their language only, so a few lines render them here.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use test_case::test_case;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)
}

fn value<'a>(values: &'a Value, name: &str) -> &'a Value {
    let found = name.split('.').skip(1).try_fold(values, |value, part| value.get(part));
    found.unwrap_or_else(|| panic!("values.yaml lacks {name}"))
}

fn is_set(values: &Value, condition: &str) -> bool {
    let (is_wanted, name) = condition.strip_prefix("not ").map_or((true, condition), |name| (false, name));
    (value(values, name) != "") == is_wanted
}

fn shown(values: &Value, expression: &str) -> String {
    let (name, indent) = expression.split_once(" | indent ").unwrap_or((expression, "0"));
    let text = match value(values, name) {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let indent = " ".repeat(indent.parse().unwrap());
    text.lines().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
}

/// A template with its values in it.
fn rendered(template: &str, values: &Value) -> String {
    let mut text = String::new();
    let mut shows = Vec::new();
    for line in template.lines() {
        let action = line.strip_prefix("{{- ").and_then(|action| action.strip_suffix(" }}"));
        match action.map(|action| action.split_once(' ').unwrap_or((action, ""))) {
            Some(("if", condition)) => shows.push(is_set(values, condition)),
            Some(("else", "")) => *shows.last_mut().unwrap() ^= true,
            Some(("end", "")) => drop(shows.pop().unwrap()),
            Some(other) => panic!("{other:?} is not known here"),
            None if shows.iter().all(|shown| *shown) => {
                let mut parts = line.split("{{ ");
                text += parts.next().unwrap();
                for part in parts {
                    let (expression, rest) = part.split_once(" }}").unwrap();
                    text += &shown(values, expression);
                    text += rest;
                }
                text += "\n";
            }
            None => {}
        }
    }
    assert!(shows.is_empty() && !text.contains("{{"), "{text}");
    text
}

/// The documents of a text, by their kinds.
fn documents(text: &str) -> BTreeMap<String, Value> {
    let documents = text.split("\n---\n").map(|document| yaml_serde::from_str::<Value>(document).unwrap());
    let documents = documents.filter(|document| !document.is_null());
    documents
        .map(|document| (document["kind"].as_str().unwrap().to_owned(), without_comments(document)))
        .collect()
}

/// Comments of the configuration inside are no part of it.
fn without_comments(mut document: Value) -> Value {
    if let Some(Value::String(text)) = document.pointer_mut("/data/approval-gateway.toml") {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        *text = lines.collect::<Vec<_>>().join("\n");
    }
    document
}

#[test_case("", "kubernetes/gateway.yaml"; "one gateway")]
#[test_case("postgres://gateway@postgres.example.com:5432/gateway", "kubernetes/replicas/gateway.yaml"; "replicas")]
fn the_chart_renders_the_manifests(url: &str, manifests: &str) {
    let mut values: Value =
        yaml_serde::from_str(&fs::read_to_string(path("helm/values.yaml")).unwrap()).unwrap();
    values["ledger"]["url"] = url.into();
    let values = json!({"Values": values, "Release": {"Name": "approval-gateway"}});
    let mut found = BTreeMap::new();
    for template in fs::read_dir(path("helm/templates")).unwrap() {
        let template = fs::read_to_string(template.unwrap().path()).unwrap();
        found.extend(documents(&rendered(&template, &values)));
    }
    let expected = documents(&fs::read_to_string(path(manifests)).unwrap());
    assert_eq!(found, expected);
}

#[test]
fn the_chart_has_the_version_of_the_program() {
    let chart: Value = yaml_serde::from_str(&fs::read_to_string(path("helm/Chart.yaml")).unwrap()).unwrap();
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn replicas_are_updated_and_disrupted_one_after_another() {
    let documents = documents(&fs::read_to_string(path("kubernetes/replicas/gateway.yaml")).unwrap());
    let deployment = &documents["Deployment"]["spec"];
    assert_eq!(deployment["replicas"], 3);
    assert_eq!(deployment["strategy"]["rollingUpdate"], json!({"maxSurge": 1, "maxUnavailable": 0}));
    assert_eq!(documents["PodDisruptionBudget"]["spec"]["maxUnavailable"], 1);
    assert!(!documents.contains_key("PersistentVolumeClaim"));
    let pod = &deployment["template"]["spec"];
    let apart = &pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][0];
    assert_eq!(apart["labelSelector"], documents["PodDisruptionBudget"]["spec"]["selector"]);
}
