//! The example file is complete and true.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in its helpers")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use approval_gateway::config::schema::SETTINGS;
use approval_gateway::config::{Config, Purpose, Sources};
use tempfile::TempDir;

const EXAMPLE: &str = include_str!("../../approval-gateway.example.toml");

/// A setting that is commented out begins with `#` and no blank; prose has one.
fn setting_of(line: &str) -> Option<&str> {
    line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
}

fn uncommented() -> String {
    EXAMPLE.lines().map(|line| setting_of(line).unwrap_or(line)).map(|line| format!("{line}\n")).collect()
}

/// Every setting in the file, with its value as the environment would spell it.
fn settings() -> BTreeMap<String, String> {
    fn collect(prefix: &str, table: toml::Table, into: &mut BTreeMap<String, String>) {
        for (key, value) in table {
            let name = format!("{prefix}{key}");
            match value {
                toml::Value::Table(inner) => collect(&format!("{name}."), inner, into),
                toml::Value::String(text) => drop(into.insert(name, text)),
                value => drop(into.insert(name, value.to_string())),
            }
        }
    }
    let mut settings = BTreeMap::new();
    collect("", uncommented().parse().unwrap(), &mut settings);
    settings
}

fn load(text: &str) -> Result<Config, String> {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("gateway.toml");
    fs::write(&path, text).unwrap();
    let sources = Sources { config_file: Some(path), purpose: Purpose::Offline, ..Sources::default() };
    Config::load(sources).map_err(|errors| errors.to_string())
}

#[test]
fn example_loads_as_it_is() {
    load(EXAMPLE).unwrap();
}

#[test]
fn example_loads_with_every_setting_uncommented() {
    load(&uncommented()).unwrap();
}

#[test]
fn example_holds_every_setting_and_no_other() {
    let known: BTreeSet<_> = SETTINGS.iter().map(|setting| setting.name.to_owned()).collect();
    let shown: BTreeSet<_> = settings().into_keys().collect();
    assert_eq!(shown, known);
}

#[test]
fn example_shows_the_defaults() {
    let shown = settings();
    for setting in SETTINGS {
        if let Some(default) = setting.default {
            assert_eq!(shown[setting.name], default, "{}", setting.name);
        }
    }
}

#[test]
fn example_names_the_environment_variable_above_each_setting() {
    let lines: Vec<_> = EXAMPLE.lines().collect();
    for setting in SETTINGS {
        let comment = format!("# {}", setting.environment_variable());
        let line = lines.iter().position(|line| *line == comment).expect(&comment);
        let key = setting.name.rsplit('.').next().unwrap();
        assert!(lines[line + 1].starts_with(&format!("#{key} = ")), "{comment}");
    }
}
