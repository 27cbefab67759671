//! The settings of outgoing events: whole or not at all, only with a ledger, and no secret is shown.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in its helpers")]

use std::fs;

use approval_gateway::config::{Config, Purpose, Sources};
use tempfile::TempDir;
use test_case::test_case;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const URL: (&str, &str) = ("GATEWAY_FEISHU__WEBHOOKS__URL", "https://oa.example.com/events?from=feishu");
const FILE: (&str, &str) = ("GATEWAY_FEISHU__WEBHOOKS__SECRET_FILE", "FILE");

/// Loads with a file of secrets of this content, for which `FILE` stands in the settings.
fn load(content: &str, settings: &[(&str, &str)]) -> Result<Config, String> {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("secrets");
    fs::write(&path, content).unwrap();
    let app = [("GATEWAY_FEISHU__APP_ID", "cli_1"), ("GATEWAY_FEISHU__APP_SECRET", "hush")];
    let settings = app.into_iter().chain(settings.iter().copied());
    let settings =
        settings.map(|(name, value)| (name.to_owned(), value.replace("FILE", path.to_str().unwrap())));
    let sources = Sources { purpose: Purpose::Serve, ..Sources::default() }.with_environment(settings);
    let config = Config::load(sources).map_err(|errors| errors.to_string());
    config.map_err(|error| error.replace(&directory.path().display().to_string(), ""))
}

#[test]
fn an_address_and_secrets_make_webhooks() {
    let config = load(&format!("{SECRET}\n\n  {SECRET} \n"), &[URL, FILE]).unwrap();
    let webhooks = config.apps[0].webhooks.as_ref().unwrap();
    assert_eq!((webhooks.url.as_str(), webhooks.secrets.len()), (URL.1, 2));
    assert!(!format!("{config:?}").contains("MfKQ"), "{config:?}");
}

#[test]
fn each_app_has_its_own() {
    let app = [
        ("GATEWAY_APPS__ERP__REGION", "feishu"),
        ("GATEWAY_APPS__ERP__APP_ID", "cli_2"),
        ("GATEWAY_APPS__ERP__APP_SECRET", "hush"),
        ("GATEWAY_APPS__ERP__WEBHOOKS__URL", "http://erp.internal:9000/"),
        ("GATEWAY_APPS__ERP__WEBHOOKS__SECRET_FILE", "FILE"),
    ];
    let config = load(SECRET, &app).unwrap();
    let urls = config
        .apps
        .iter()
        .map(|app| (app.name.as_str(), app.webhooks.as_ref().map(|webhooks| webhooks.url.to_string())));
    let urls: Vec<_> = urls.collect();
    assert!(urls.contains(&("default", None)), "{urls:?}");
    assert!(urls.contains(&("erp", Some("http://erp.internal:9000/".to_owned()))), "{urls:?}");
}

#[test]
fn without_any_nobody_is_told() {
    assert!(load(SECRET, &[]).unwrap().apps[0].webhooks.is_none());
}

#[test_case(SECRET, &[URL] => "feishu.webhooks.secret_file is not set"; "no secret")]
#[test_case(SECRET, &[FILE] => "feishu.webhooks.url is not set"; "no address")]
#[test_case("hush", &[URL, FILE]
    => "environment variable GATEWAY_FEISHU__WEBHOOKS__SECRET_FILE must be the path of a file with signing secrets"; "no signing secret in the file")]
#[test_case(" \n", &[URL, FILE]
    => "environment variable GATEWAY_FEISHU__WEBHOOKS__SECRET_FILE names /secrets"; "an empty file")]
#[test_case(SECRET, &[URL, ("GATEWAY_FEISHU__WEBHOOKS__SECRET_FILE", "/nowhere")]
    => "environment variable GATEWAY_FEISHU__WEBHOOKS__SECRET_FILE names /nowhere"; "a file that is not there")]
#[test_case(SECRET, &[("GATEWAY_FEISHU__WEBHOOKS__URL", "ftp://oa.example.com"), FILE]
    => "environment variable GATEWAY_FEISHU__WEBHOOKS__URL must be an http or https address"; "another protocol")]
#[test_case(SECRET, &[("GATEWAY_FEISHU__WEBHOOKS__URL", "oa.example.com/events"), FILE]
    => "environment variable GATEWAY_FEISHU__WEBHOOKS__URL must be an http or https address"; "no protocol")]
#[test_case(SECRET, &[("GATEWAY_FEISHU__WEBHOOKS__URL", "https://me:hush@oa.example.com/"), FILE]
    => "environment variable GATEWAY_FEISHU__WEBHOOKS__URL must be an http or https address"; "a password in the address")]
#[test_case(SECRET, &[URL, FILE, ("GATEWAY_LEDGER__URL", "none")]
    => "environment variable GATEWAY_LEDGER__URL must be a ledger: what webhooks.url is told"; "no ledger")]
fn what_is_wrong_is_named(content: &str, settings: &[(&str, &str)]) -> String {
    let error = load(content, settings).unwrap_err();
    assert!(!error.contains("hush"), "{error}");
    let lines: Vec<_> = error.lines().skip(1).collect();
    assert_eq!(lines.len(), 1, "{error}");
    lines[0].trim().split([';', ',']).next().unwrap().to_owned()
}
