//! What people read when a configuration is wrong.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in its helpers")]

use std::ffi::OsString;
use std::fs;

use approval_gateway::config::schema::SETTINGS;
use approval_gateway::config::{Config, Flag, Purpose, Sources};
use tempfile::TempDir;
use test_case::test_case;

const CREDENTIALS: [(&str, &str); 2] =
    [("GATEWAY_FEISHU__APP_ID", "cli_1"), ("GATEWAY_FEISHU__APP_SECRET", "hush-hush")];

fn report(sources: Sources) -> String {
    Config::load(sources).unwrap_err().to_string()
}

/// The report without its first line, for a configuration with one variable more than it needs.
fn variable(name: &str, value: &str) -> String {
    let report = report(Sources::default().with_environment(CREDENTIALS).with_environment([(name, value)]));
    report.strip_prefix("1 error in the configuration:\n  ").expect("there is one error").to_owned()
}

/// The report for a configuration file, in which the file is called `gateway.toml`.
fn file(text: &str) -> String {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("gateway.toml");
    fs::write(&path, text).unwrap();
    let sources = Sources { config_file: Some(path.clone()), ..Sources::default() };
    report(sources.with_environment(CREDENTIALS)).replace(&path.display().to_string(), "gateway.toml")
}

fn set(setting: &str, value: &str) -> Sources {
    let flag = Flag { setting: setting.into(), value: value.into(), flag: format!("--set {setting}") };
    Sources { flags: vec![flag], ..Sources::default() }.with_environment(CREDENTIALS)
}

#[test]
fn everything_that_is_wrong_is_reported_at_once() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("gateway.toml");
    fs::write(&path, "colour = 1\n[request]\ndeadline_ms = \"10\"\n").unwrap();
    let mut sources = set("listen", "localhost");
    sources.config_file = Some(path.clone());
    sources.environment.clear();
    let sources =
        sources.with_environment([("GATEWAY_FEISHU__REGION", "moon"), ("GATEWAY_LOG__FILTR", "info")]);
    let report = report(sources).replace(&path.display().to_string(), "gateway.toml");
    insta::assert_snapshot!(report, @r#"
    7 errors in the configuration:
      key colour in gateway.toml is not a known setting
      environment variable GATEWAY_LOG__FILTR is not a known setting; did you mean GATEWAY_LOG__FILTER?
      flag --set listen must be an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080 (host names are not looked up), not "localhost"
      environment variable GATEWAY_FEISHU__REGION must be "feishu" or "lark", not "moon"
      feishu.app_id is not set; set the environment variable GATEWAY_FEISHU__APP_ID; to try the gateway without credentials, start `serve --sandbox`
      feishu.app_secret is not set; set the environment variable GATEWAY_FEISHU__APP_SECRET_FILE or GATEWAY_FEISHU__APP_SECRET; to try the gateway without credentials, start `serve --sandbox`
      key request.deadline_ms in gateway.toml must be a whole number from 1 to 600000, not "10"
    "#);
}

#[test_case("GATEWAY_LISTEN", "localhost:8080")]
#[test_case("GATEWAY_DEFAULT_LOCALE", "zh_cn")]
#[test_case("GATEWAY_AUTH__ALLOW_ANONYMOUS", "yes")]
#[test_case("GATEWAY_FEISHU__REGION", "Lark")]
#[test_case("GATEWAY_FEISHU__BASE_URL", "https://open.feishu.cn/open-apis")]
#[test_case("GATEWAY_FEISHU__APP_ID", "cli 1\n")]
#[test_case("GATEWAY_FEISHU__TASK_STATUS_API", "v3")]
#[test_case("GATEWAY_FEISHU__RATE__PER_SECOND", "1000001")]
#[test_case("GATEWAY_REQUEST__DEADLINE_MS", "0")]
#[test_case("GATEWAY_REQUEST__DEADLINE_MS", "600001")]
#[test_case("GATEWAY_REQUEST__MAX_BODY_BYTES", "1023")]
#[test_case("GATEWAY_REQUEST__MAX_BODY_BYTES", "67108865")]
#[test_case("GATEWAY_LOG__FORMAT", "xml")]
#[test_case("GATEWAY_LOG__FILTER", "a=b=c")]
fn bad_value_names_the_place_and_shows_the_value(name: &str, value: &str) {
    let report = variable(name, value);
    let start = format!("environment variable {name} must be ");
    assert!(report.starts_with(&start), "{report}");
    assert!(report.ends_with(&format!(", not {value:?}")), "{report}");
}

#[test]
fn bad_value_of_a_secret_is_not_shown() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("gateway.toml");
    fs::write(&path, "feishu = { app_id = 'cli_1', app_secret = 987654 }").unwrap();
    let report = report(Sources { config_file: Some(path), ..Sources::default() });
    assert!(report.contains("key feishu.app_secret in "), "{report}");
    assert!(!report.contains("987654"), "{report}");
}

#[test]
fn password_in_an_address_is_not_shown() {
    let report = variable("GATEWAY_FEISHU__BASE_URL", "https://me:pass-word@open.feishu.cn");
    assert!(!report.contains("pass-word"), "{report}");
}

#[test_case("feishu.app_secret = secret-without-quotes"; "a value that is no TOML")]
#[test_case("feishu.app_secret = \"secret-without-quotes"; "a string without end")]
fn broken_file_does_not_show_its_lines(text: &str) {
    let report = file(text);
    assert!(report.contains("gateway.toml, line 1, column "), "{report}");
    assert!(!report.contains("secret-without-quotes"), "{report}");
}

#[test]
fn every_setting_refuses_a_type_that_it_cannot_have() {
    for setting in SETTINGS {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("gateway.toml");
        fs::write(&path, format!("{} = []", setting.name)).unwrap();
        let report = report(Sources { config_file: Some(path), ..Sources::default() });
        let start = format!("\n  key {} in ", setting.name);
        assert!(report.contains(&start) && report.contains(" must be "), "{}: {report}", setting.name);
    }
}

#[test_case("GATEWAY_FEISHU_REGION" => "environment variable GATEWAY_FEISHU_REGION is not a known setting; did you mean GATEWAY_FEISHU__REGION?")]
#[test_case("GATEWAY_LISTN" => "environment variable GATEWAY_LISTN is not a known setting; did you mean GATEWAY_LISTEN?")]
#[test_case("GATEWAY_COLOUR" => "environment variable GATEWAY_COLOUR is not a known setting")]
fn unknown_variable(name: &str) -> String {
    variable(name, "x")
}

#[test_case("feishu.regoin = 'lark'" => "1 error in the configuration:\n  key feishu.regoin in gateway.toml is not a known setting; did you mean feishu.region?"; "misspelt")]
#[test_case("region = 'lark'" => "1 error in the configuration:\n  key region in gateway.toml is not a known setting; did you mean feishu.region?"; "section forgotten")]
#[test_case("'feishu.region' = 'lark'" => "1 error in the configuration:\n  key \"feishu.region\" in gateway.toml is not a known setting; did you mean feishu.region?"; "a dot inside quotes")]
#[test_case("[nonsense]" => "1 error in the configuration:\n  key nonsense in gateway.toml is not a known setting"; "an empty section")]
#[test_case("feishu = 'lark'" => "1 error in the configuration:\n  key feishu in gateway.toml is a section and has no value of its own"; "a section with a value")]
fn unknown_key(text: &str) -> String {
    file(text)
}

#[test]
fn unknown_key_of_a_flag_names_the_flag() {
    insta::assert_snapshot!(report(set("feishu.regon", "lark")), @r"
    1 error in the configuration:
      flag --set feishu.regon is not a known setting; did you mean feishu.region?
    ");
}

#[test]
fn secret_on_the_command_line_is_refused_and_not_shown() {
    insta::assert_snapshot!(report(set("feishu.app_secret", "do-not-show")), @r"
    1 error in the configuration:
      flag --set feishu.app_secret puts a secret on the command line, where every user of this machine can read it; set the environment variable GATEWAY_FEISHU__APP_SECRET_FILE or GATEWAY_FEISHU__APP_SECRET instead
    ");
}

#[test]
fn missing_credentials_say_what_to_set_and_how_to_go_without() {
    insta::assert_snapshot!(report(Sources::default()), @r"
    2 errors in the configuration:
      feishu.app_id is not set; set the environment variable GATEWAY_FEISHU__APP_ID; to try the gateway without credentials, start `serve --sandbox`
      feishu.app_secret is not set; set the environment variable GATEWAY_FEISHU__APP_SECRET_FILE or GATEWAY_FEISHU__APP_SECRET; to try the gateway without credentials, start `serve --sandbox`
    ");
}

#[test]
fn secret_given_twice_is_an_error() {
    let report = variable("GATEWAY_FEISHU__APP_SECRET_FILE", "/run/secret");
    insta::assert_snapshot!(report, @r"
    environment variable GATEWAY_FEISHU__APP_SECRET and environment variable GATEWAY_FEISHU__APP_SECRET_FILE exclude each other; give only one of them
    ");
}

#[test]
fn secret_file_that_is_missing_is_an_error_with_its_cause() {
    let sources = Sources::default().with_environment([
        ("GATEWAY_FEISHU__APP_ID", "cli_1"),
        ("GATEWAY_FEISHU__APP_SECRET_FILE", "/nowhere/secret"),
    ]);
    insta::assert_snapshot!(report(sources), @r"
    1 error in the configuration:
      environment variable GATEWAY_FEISHU__APP_SECRET_FILE names /nowhere/secret, which cannot be read: No such file or directory (os error 2)
    ");
}

#[test]
fn secret_file_that_is_empty_is_an_error() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("secret");
    fs::write(&path, "\n").unwrap();
    let sources = Sources::default()
        .with_environment([("GATEWAY_FEISHU__APP_ID", "cli_1")])
        .with_environment([("GATEWAY_FEISHU__APP_SECRET_FILE", &path)]);
    let report = report(sources);
    assert!(report.ends_with("secret, which is empty"), "{report}");
}

#[test]
fn missing_configuration_file_names_the_flag() {
    let sources = Sources { config_file: Some("/nowhere/gateway.toml".into()), ..Sources::default() };
    insta::assert_snapshot!(report(sources.with_environment(CREDENTIALS)), @r"
    1 error in the configuration:
      the configuration file /nowhere/gateway.toml, named by flag --config, cannot be read: No such file or directory (os error 2)
    ");
}

#[test]
fn missing_configuration_file_names_the_variable() {
    let report = variable("GATEWAY_CONFIG", "/nowhere/gateway.toml");
    insta::assert_snapshot!(report, @r"
    the configuration file /nowhere/gateway.toml, named by environment variable GATEWAY_CONFIG, cannot be read: No such file or directory (os error 2)
    ");
}

#[test]
fn locale_that_only_feishu_knows_is_refused_for_lark() {
    let sources = Sources::default()
        .with_environment([("GATEWAY_FEISHU__REGION", "lark"), ("GATEWAY_DEFAULT_LOCALE", "de-DE")]);
    let report = report(sources.with_environment(CREDENTIALS));
    insta::assert_snapshot!(report, @r#"
    1 error in the configuration:
      environment variable GATEWAY_DEFAULT_LOCALE must be "zh-CN", "en-US" or "ja-JP", not "de-DE"
    "#);
}

#[cfg(unix)]
#[test]
fn variable_that_is_not_utf8_is_an_error() {
    use std::os::unix::ffi::OsStringExt;
    let value = OsString::from_vec(vec![0xff]);
    let sources = Sources { purpose: Purpose::Offline, ..Sources::default() }
        .with_environment([(OsString::from("GATEWAY_LISTEN"), value)]);
    insta::assert_snapshot!(report(sources), @r"
    1 error in the configuration:
      environment variable GATEWAY_LISTEN must be valid UTF-8
    ");
}
