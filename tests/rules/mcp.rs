//! The tools for agents are operations of the REST API, small, and described as the documents say.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeSet;
use std::fs;

use approval_gateway::callers::Scope;
use approval_gateway::cli::{Cli, Command};
use approval_gateway::http::openapi::{Version, value};
use approval_gateway::mcp::{Place, Shape, TOOLS, Tool};
use clap::Parser as _;
use serde_json::Value;

/// Tokens that all tools together may take of a model's context.
const MOST_TOKENS: usize = 2_000;

/// Operations that no agent may reach, whatever its key.
const NEVER: [&str; 11] = [
    "upsertDefinition",
    "patchDefinition",
    "forgetDocument",
    "retryDeliveries",
    "checkDelivery",
    "createImport",
    "updateImport",
    "retryEvents",
    "sendMessage",
    "updateMessage",
    "getDefinition",
];

/// The operation of an id, with its method and path.
fn operation<'a>(document: &'a Value, id: &str) -> (&'a str, &'a str, &'a Value) {
    let paths = document["paths"].as_object().unwrap();
    let mut all = paths.iter().flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    });
    all.find(|(.., operation)| operation["operationId"] == id)
        .unwrap_or_else(|| panic!("there is no operation {id}"))
}

/// What a schema wants, references followed.
fn kind<'a>(document: &'a Value, schema: &'a Value) -> &'a str {
    match schema["$ref"].as_str() {
        None => schema["type"].as_str().unwrap(),
        Some(target) => kind(document, document.pointer(target.trim_start_matches('#')).unwrap()),
    }
}

#[test]
fn every_tool_is_an_operation_with_its_parameters() {
    let document = value(Version::V3_1);
    for Tool { name, operation: id, before, method, path, scope, arguments, .. } in &TOOLS {
        let (real_method, real_path, described) = operation(&document, id);
        assert_eq!((real_method.to_uppercase(), real_path), (method.to_string(), *path), "{name}");
        let is_open = described["security"].as_array().is_some_and(Vec::is_empty);
        assert_eq!(is_open, scope.is_none(), "{name}");
        for id in *before {
            operation(&document, id);
        }
        let parameters = described["parameters"].as_array().into_iter().flatten();
        let parameters: Vec<_> = parameters.collect();
        for argument in *arguments {
            let place = match argument.place {
                Place::Path => "path",
                Place::Query => "query",
                Place::Body | Place::Member => {
                    assert!(described["requestBody"].is_object(), "{name}: {}", argument.name);
                    continue;
                }
                Place::Digest => continue,
            };
            let found =
                parameters.iter().find(|known| known["in"] == place && known["name"] == argument.name);
            let found = found.unwrap_or_else(|| panic!("{id} has no parameter {}", argument.name));
            let kind = match kind(&document, &found["schema"]) {
                "array" => Shape::Texts,
                "integer" => Shape::Number,
                "string" => Shape::Text,
                other => panic!("{name}: {} is a {other}", argument.name),
            };
            assert_eq!(argument.shape, kind, "{name}: {}", argument.name);
            assert_eq!(argument.required, found["required"] == true, "{name}: {}", argument.name);
        }
        let in_path = parameters.iter().filter(|known| known["in"] == "path").count();
        assert_eq!(
            arguments.iter().filter(|argument| argument.place == Place::Path).count(),
            in_path,
            "{name}"
        );
    }
}

#[test]
fn no_tool_does_what_no_agent_may() {
    let document = value(Version::V3_1);
    let used: BTreeSet<_> =
        TOOLS.iter().flat_map(|tool| tool.before.iter().chain([&tool.operation])).collect();
    for id in NEVER {
        operation(&document, id);
        assert!(!used.contains(&id), "{id}");
    }
    let operates = TOOLS.iter().filter(|tool| tool.scope == Some(Scope::Operate));
    assert_eq!(operates.count(), 0);
    // Whatever changes something takes two calls.
    for tool in TOOLS.iter().filter(|tool| tool.writes()) {
        assert!(tool.arguments.iter().any(|argument| argument.place == Place::Digest), "{}", tool.name);
    }
}

#[test]
fn annotations_say_what_a_tool_does() {
    for tool in &TOOLS {
        let described = serde_json::to_value(tool.described()).unwrap();
        let hints = &described["annotations"];
        assert_eq!(hints["readOnlyHint"], tool.scope != Some(Scope::Write), "{}", tool.name);
        assert_eq!(hints["destructiveHint"], tool.scope == Some(Scope::Write), "{}", tool.name);
        assert_eq!(hints["idempotentHint"], true, "{}", tool.name);
    }
}

/// More tokens than any usual tokenizer makes of a text: they take words of up to six letters, and several signs, as one.
fn tokens(text: &str) -> usize {
    let mut count = 0;
    let mut letters = 0;
    for letter in text.chars() {
        if letter.is_ascii_lowercase() && letters % 6 != 0 {
            letters += 1;
            continue;
        }
        letters = usize::from(letter.is_ascii_alphabetic());
        count += usize::from(letter != ' ');
    }
    count
}

#[test]
fn all_tools_together_leave_room_in_a_models_context() {
    let described: Vec<_> = TOOLS.iter().map(Tool::described).collect();
    let text = serde_json::to_string(&described).unwrap();
    let tokens = tokens(&text);
    assert!(tokens < MOST_TOKENS, "{tokens} tokens, {} bytes", text.len());
    assert!(tokens > text.len() / 4, "the count is no estimate any more: {tokens} of {} bytes", text.len());
}

/// The blocks of JSON and TOML in the page, with the heading above each.
fn configurations() -> Vec<(String, String, String)> {
    let page = fs::read_to_string("docs/mcp.md").unwrap();
    let (mut heading, mut block, mut found) = (String::new(), None::<(String, String)>, Vec::new());
    for line in page.lines() {
        match (&mut block, line.strip_prefix("```")) {
            (None, Some(language)) => block = Some((language.to_owned(), String::new())),
            (Some((language, text)), Some(_)) => {
                found.push((heading.clone(), language.clone(), text.clone()));
                block = None;
            }
            (Some((_, text)), None) => *text += &format!("{line}\n"),
            (None, None) if line.starts_with('#') => {
                line.trim_start_matches(['#', ' ']).clone_into(&mut heading);
            }
            (None, None) => {}
        }
    }
    found
}

/// Every object in a configuration that names a server.
fn servers(value: &Value) -> Vec<&Value> {
    let Value::Object(members) = value else { return Vec::new() };
    if members.contains_key("command") || members.contains_key("url") {
        return vec![value];
    }
    members.values().flat_map(servers).collect()
}

#[test]
fn configurations_of_clients_start_the_command_or_name_the_route() {
    let (mut commands, mut addresses) = (0, 0);
    for (heading, language, text) in configurations() {
        let parsed: Value = match language.as_str() {
            "json" => serde_json::from_str(&text).unwrap_or_else(|error| panic!("{heading}: {error}")),
            "toml" => toml::from_str(&text).unwrap_or_else(|error| panic!("{heading}: {error}")),
            _ => continue,
        };
        for server in servers(&parsed) {
            if let Some(url) = server["url"].as_str() {
                assert!(url.ends_with("/mcp"), "{heading}: {url}");
                let key = server["headers"]["Authorization"].as_str();
                let names_a_variable = server["bearer_token_env_var"].is_string();
                assert!(names_a_variable || key.is_some_and(|key| key.starts_with("Bearer ")), "{heading}");
                addresses += 1;
                continue;
            }
            assert!(server["command"].as_str().unwrap().ends_with("approval-gateway"), "{heading}");
            let arguments =
                server["args"].as_array().unwrap().iter().map(|argument| argument.as_str().unwrap());
            let typed = std::iter::once("approval-gateway").chain(arguments);
            match Cli::try_parse_from(typed).map(|cli| cli.command) {
                Ok(Command::Mcp(args)) => assert!(args.key_file.is_some(), "{heading}"),
                Ok(_) => panic!("{heading}: another command"),
                Err(error) => panic!("{heading}: {error}"),
            }
            commands += 1;
        }
    }
    assert!(commands >= 3 && addresses >= 3, "{commands} commands and {addresses} addresses");
}

#[test]
fn the_page_lists_every_tool_with_its_operation() {
    let page = fs::read_to_string("docs/mcp.md").unwrap();
    for tool in &TOOLS {
        let scope = tool.scope.map_or("–".to_owned(), |scope| format!("`{scope}`"));
        let row = format!("| `{}` | `{}` | {scope} |", tool.name, tool.operation);
        assert!(page.contains(&row), "docs/mcp.md lacks the row: {row}");
    }
}
