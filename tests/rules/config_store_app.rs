//! The settings of store apps: a tenant for each entry, and proof of the events for one of them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in its helpers")]

use std::fs;

use approval_gateway::config::{Config, Purpose, Sources};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use test_case::test_case;

/// Loads a file called `gateway.toml` beside files of secrets called TOKEN, KEY and EMPTY.
fn load_for(purpose: Purpose, text: &str) -> Result<Config, String> {
    let directory = TempDir::new().unwrap();
    let file = |name: &str, content: &str| {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let mut text = text.to_owned();
    for (name, content) in [("TOKEN", "v-token\nv-old\n"), ("KEY", "e-key\n"), ("EMPTY", "\n")] {
        text = text.replace(name, &file(name, content));
    }
    let path = file("gateway.toml", &text);
    let sources = Sources { config_file: Some(path.into()), purpose, ..Sources::default() };
    let config = Config::load(sources).map_err(|errors| errors.to_string());
    config.map_err(|error| error.replace(&format!("{}/", directory.path().display()), ""))
}

fn load(text: &str) -> Result<Config, String> {
    load_for(Purpose::Serve, text)
}

const LISTEN: &str = "callbacks.listen = '127.0.0.1:8082'\n";
const STORE: &str = "[feishu]\napp_id = 'cli_1'\napp_secret = 'hush'\nkind = 'store'\ntenant_key = 'a'\n";
const EVENTS: &str = "events = { token_file = 'TOKEN', encrypt_key_file = 'KEY' }\n";
const SECOND: &str = "[apps.b]\napp_id = 'cli_1'\napp_secret = 'hush'\nkind = 'store'\n";

#[test]
fn everything_that_is_needed_makes_a_store_app() {
    let config = load(&format!("{LISTEN}{STORE}{EVENTS}")).unwrap();
    let store = config.apps[0].store.as_ref().unwrap();
    let events = store.events.as_ref().unwrap();
    let tokens: Vec<_> = events.tokens.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!((&*store.tenant_key, tokens, events.encrypt_keys.len()), ("a", vec!["v-token", "v-old"], 1));
    assert!(config.apps[0].callbacks.is_none() && config.callbacks_listen.is_some());
    let shown = format!("{config:?}");
    assert!(!shown.contains("v-token") && !shown.contains("e-key"), "{shown}");
}

#[test]
fn entries_of_one_app_share_its_events_and_have_a_tenant_each() {
    let config = load(&format!("{LISTEN}{STORE}{EVENTS}{SECOND}tenant_key = 'b'\n")).unwrap();
    let shown: Vec<_> = config.apps.iter().map(|app| app.store.as_ref().unwrap()).collect();
    assert_eq!((&*shown[1].tenant_key, shown[1].events.is_some()), ("b", false));
}

#[test]
fn what_the_document_shows_is_a_store_app_with_two_tenants() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/store-apps.md")).unwrap();
    let example = text.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let files = [("feishu-app-secret", "KEY"), ("event-token", "TOKEN"), ("event-key", "KEY")];
    let example = files.into_iter().fold(example.to_owned(), |example, (shown, file)| {
        example.replace(&format!("/run/secrets/{shown}"), file)
    });
    let config = load(&example).unwrap();
    let tenants: Vec<_> = config.apps.iter().map(|app| &*app.store.as_ref().unwrap().tenant_key).collect();
    assert_eq!(tenants, ["2ed263bf32cf1651", "736588c9260f175d"]);
}

#[test]
fn beside_a_sandbox_the_kind_is_enough() {
    let config = load_for(Purpose::ServeSandbox, "feishu.kind = 'store'").unwrap();
    let store = config.apps[0].store.as_ref().unwrap();
    assert!(store.events.is_some() && !store.tenant_key.is_empty());
    assert!(load_for(Purpose::ServeSandbox, "").unwrap().apps[0].store.is_none());
}

#[test_case(&format!("{LISTEN}{STORE}") => "feishu.events.token_file is not set"; "no proof of events")]
#[test_case(&format!("{STORE}{EVENTS}") => "callbacks.listen is not set"; "no listener")]
#[test_case(&format!("{LISTEN}{STORE}events.encrypt_key_file = 'KEY'\n") => "feishu.events.token_file is not set"; "a key alone")]
#[test_case(&format!("{LISTEN}{STORE}events.token_file = 'EMPTY'\n") => "key feishu.events.token_file in gateway.toml names EMPTY"; "an empty file")]
#[test_case(&format!("{LISTEN}{STORE}events.token_file = '/nowhere'\n") => "key feishu.events.token_file in gateway.toml names /nowhere"; "no such file")]
#[test_case(&format!("{LISTEN}{}{EVENTS}", STORE.replace("tenant_key = 'a'\n", "")) => "feishu.tenant_key is not set"; "no tenant")]
#[test_case(&format!("{LISTEN}{}{EVENTS}", STORE.replace("'a'", "'a b'")) => "key feishu.tenant_key in gateway.toml must be text without blanks or line breaks"; "a blank in the tenant")]
#[test_case(&STORE.replace("'store'", "'isv'") => "key feishu.kind in gateway.toml must be \"custom\" or \"store\""; "another kind")]
#[test_case(&STORE.replace("kind = 'store'\n", "") => "key feishu.tenant_key in gateway.toml must be left out"; "a tenant of a custom app")]
#[test_case(&STORE.replace("kind = 'store'\ntenant_key = 'a'\n", "events.token_file = 'TOKEN'\n") => "key feishu.events.token_file in gateway.toml must be left out"; "events of a custom app")]
#[test_case(&format!("{LISTEN}{STORE}{EVENTS}{SECOND}tenant_key = 'a'\n") => "key feishu.app_id in gateway.toml and key apps.b.app_id in gateway.toml name the same app of the same Feishu"; "one tenant twice")]
#[test_case(&format!("{LISTEN}{STORE}{EVENTS}{}", SECOND.replace("kind = 'store'\n", "")) => "key feishu.app_id in gateway.toml and key apps.b.app_id in gateway.toml name the same app of the same Feishu"; "two kinds of one app")]
#[test_case(&format!("{LISTEN}{STORE}{EVENTS}{}tenant_key = 'b'\n", SECOND.replace("cli_1", "cli_2")) => "apps.b.events.token_file is not set"; "events of another app")]
fn what_is_wrong_is_named(text: &str) -> String {
    let error = load(text).unwrap_err();
    let lines: Vec<_> = error.lines().skip(1).collect();
    assert_eq!(lines.len(), 1, "{error}");
    lines[0].trim().split([';', ',']).next().unwrap().to_owned()
}
