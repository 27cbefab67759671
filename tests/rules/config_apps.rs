//! Several apps in one configuration.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in its helpers")]

use std::fs;

use approval_gateway::config::{AppConfig, Config, Flag, Purpose, Sources};
use approval_gateway::domain::Region;
use approval_gateway::feishu::Rate;
use tempfile::TempDir;
use test_case::test_case;

const DEFAULT: &str = "[feishu]\napp_id = 'cli_1'\napp_secret = 'hush'\n";
const ERP: &str = "[apps.erp]\napp_id = 'cli_2'\napp_secret = 'hush'\n";

/// Loads a file called `gateway.toml`, with these variables.
fn load_for(purpose: Purpose, text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("gateway.toml");
    fs::write(&path, text).unwrap();
    let sources = Sources { config_file: Some(path.clone()), purpose, ..Sources::default() };
    let config = Config::load(sources.with_environment(variables.iter().copied()));
    config.map_err(|errors| errors.to_string().replace(&path.display().to_string(), "gateway.toml"))
}

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    load_for(Purpose::Serve, text, variables)
}

fn names(config: &Config) -> Vec<&str> {
    config.apps.iter().map(|app| app.name.as_str()).collect()
}

#[test]
fn each_app_has_everything_of_its_own() {
    let text = format!(
        "{DEFAULT}[apps.overseas]\nregion = 'lark'\napp_id = 'cli_2'\napp_secret = 'hush'\ntask_status_api = 'v2'\n\
         default_locale = 'ja-JP'\n[apps.overseas.rate]\nper_second = 5\n"
    );
    let config = load(&text, &[]).unwrap();
    let shown = |app: &AppConfig| (app.region, app.base_url.clone(), app.default_locale.as_str(), app.rate);
    let rate = |per_second| Rate { per_second, per_minute: 1000 };
    assert_eq!(names(&config), ["default", "overseas"]);
    assert_eq!(
        shown(&config.apps[0]),
        (Region::Feishu, "https://open.feishu.cn".to_owned(), "zh-CN", rate(50))
    );
    assert_eq!(
        shown(config.app("overseas").unwrap()),
        (Region::Lark, "https://open.larksuite.com".to_owned(), "ja-JP", rate(5))
    );
    assert_eq!(config.apps[1].credentials.as_ref().unwrap().app_id, "cli_2");
}

#[test]
fn the_environment_sets_what_a_file_can() {
    let variables = [
        ("GATEWAY_APPS__ERP__APP_ID", "cli_2"),
        ("GATEWAY_APPS__ERP__APP_SECRET", "hush"),
        ("GATEWAY_APPS__ERP__RATE__PER_SECOND", "7"),
    ];
    let config = load(DEFAULT, &variables).unwrap();
    assert_eq!(names(&config), ["default", "erp"]);
    assert_eq!(config.apps[1].rate.per_second, 7);
}

#[test]
fn a_hyphen_of_the_file_is_an_underscore_in_variables() {
    let variables = [("GATEWAY_APPS__OA_PROD__REGION", "lark"), ("GATEWAY_APPS__OA_TEST__REGION", "lark")];
    let config = load_for(Purpose::Offline, "[apps.oa-prod]\n", &variables).unwrap();
    let shown: Vec<_> = config.apps.iter().map(|app| (app.name.as_str(), app.region)).collect();
    assert_eq!(shown, [("oa-prod", Region::Lark), ("oa_test", Region::Lark)]);
}

#[test]
fn without_the_section_feishu_there_is_no_default_app() {
    let anonymous = load(ERP, &[]).unwrap_err();
    insta::assert_snapshot!(anonymous, @r"
    1 error in the configuration:
      calls without a key go to the app default, and there is none: set GATEWAY_AUTH__KEYS_FILE, or give the app erp the section feishu in place of its own
    ");
    let directory = TempDir::new().unwrap();
    let keys = directory.path().join("keys");
    fs::write(&keys, format!("oa {} app=erp\n", "0".repeat(64))).unwrap();
    let config = load(ERP, &[("GATEWAY_AUTH__KEYS_FILE", keys.to_str().unwrap())]).unwrap();
    assert_eq!(names(&config), ["erp"]);
}

#[test]
fn an_app_of_the_sandbox_needs_nothing_but_a_name() {
    let config =
        load_for(Purpose::ServeSandbox, "feishu.region = 'lark'\n[apps.a]\n[apps.b]\n", &[]).unwrap();
    assert_eq!(names(&config), ["default", "a", "b"]);
}

#[test]
fn everything_wrong_with_any_app_is_reported_at_once() {
    let text = format!(
        "{DEFAULT}[apps.ERP]\nregion = 'lark'\nrate.per_second = 1\n[apps.default]\nregion = 'lark'\n[apps.a]\nregoin = 'lark'\n\
         base_url = 'x'\n[apps]\nb = 1\n"
    );
    let report = load(&text, &[("GATEWAY_APPS__C__COLOR", "red"), ("GATEWAY_APPS__D__REGOIN", "lark")]);
    insta::assert_snapshot!(report.unwrap_err(), @r#"
    9 errors in the configuration:
      key apps.ERP.rate.per_second in gateway.toml names no app: an app's name has 1 to 32 lower-case letters, digits, '-' and '_', begins with a letter and does not end with '_' or hold two of them in a row
      key apps.a.regoin in gateway.toml is not a known setting; did you mean apps.a.region?
      key apps.b in gateway.toml is a section and has no value of its own
      key apps.default.region in gateway.toml is no section: the settings of the app default stand in the section feishu
      environment variable GATEWAY_APPS__C__COLOR is not a known setting
      environment variable GATEWAY_APPS__D__REGOIN is not a known setting; did you mean GATEWAY_APPS__D__REGION?
      key apps.a.base_url in gateway.toml must be an http or https origin without a path, such as https://open.feishu.cn, not "x"
      apps.a.app_id is not set; set the environment variable GATEWAY_APPS__A__APP_ID; to try the gateway without credentials, start `serve --sandbox`
      apps.a.app_secret is not set; set the environment variable GATEWAY_APPS__A__APP_SECRET_FILE or GATEWAY_APPS__A__APP_SECRET; to try the gateway without credentials, start `serve --sandbox`
    "#);
}

#[test_case("cli_1", "" => true; "the same id at the same place")]
#[test_case("cli_2", "" => false; "another id")]
#[test_case("cli_1", "region = 'lark'" => false; "the same id at another place")]
fn twins_are_refused(app_id: &str, more: &str) -> bool {
    let text = format!("{DEFAULT}[apps.erp]\napp_id = '{app_id}'\napp_secret = 'hush'\n{more}\n");
    load(&text, &[]).is_err_and(|report| report.contains("name the same app"))
}

#[test]
fn twins_are_named_with_their_places() {
    let variables = [("GATEWAY_APPS__ERP__APP_ID", "cli_1"), ("GATEWAY_APPS__ERP__APP_SECRET", "other")];
    insta::assert_snapshot!(load(DEFAULT, &variables).unwrap_err(), @r"
    1 error in the configuration:
      key feishu.app_id in gateway.toml and environment variable GATEWAY_APPS__ERP__APP_ID name the same app of the same Feishu; give it one section only
    ");
}

#[test]
fn the_common_locale_must_suit_every_app_that_has_none_of_its_own() {
    let lark = "[apps.a]\nregion = 'lark'\n[apps.b]\nregion = 'lark'\n";
    let variables = [("GATEWAY_DEFAULT_LOCALE", "de-DE"), ("GATEWAY_FEISHU__REGION", "feishu")];
    insta::assert_snapshot!(load_for(Purpose::Offline, lark, &variables).unwrap_err(), @r#"
    1 error in the configuration:
      environment variable GATEWAY_DEFAULT_LOCALE must be "zh-CN", "en-US" or "ja-JP", not "de-DE"
    "#);
    let own = "[apps.a]\nregion = 'lark'\ndefault_locale = 'en-US'\n";
    let config = load_for(Purpose::Offline, own, &variables).unwrap();
    assert_eq!(config.apps[0].default_locale.as_str(), "de-DE");
    assert_eq!(config.apps[1].default_locale.as_str(), "en-US");
}

#[test]
fn the_secret_of_any_app_is_refused_on_the_command_line() {
    let flag = Flag {
        setting: "apps.erp.app_secret".to_owned(),
        value: "do-not-show".to_owned(),
        flag: "--set apps.erp.app_secret".to_owned(),
    };
    let sources = Sources { flags: vec![flag], purpose: Purpose::Offline, ..Sources::default() };
    insta::assert_snapshot!(Config::load(sources).unwrap_err(), @r"
    1 error in the configuration:
      flag --set apps.erp.app_secret puts a secret on the command line, where every user of this machine can read it; set the environment variable GATEWAY_APPS__ERP__APP_SECRET_FILE or GATEWAY_APPS__ERP__APP_SECRET instead
    ");
}
