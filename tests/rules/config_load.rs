//! What a configuration is made of, and which place wins.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in its helpers")]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use approval_gateway::config::{Config, Flag, LogFormat, Purpose, Sources};
use approval_gateway::domain::Region;
use approval_gateway::feishu::{Rate, TaskStatusApi};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use test_case::test_case;

const CREDENTIALS: [(&str, &str); 2] =
    [("GATEWAY_FEISHU__APP_ID", "cli_1"), ("GATEWAY_FEISHU__APP_SECRET", "hush")];

fn flag(setting: &str, value: &str) -> Flag {
    Flag { setting: setting.into(), value: value.into(), flag: format!("--set {setting}") }
}

fn with_credentials() -> Sources {
    Sources::default().with_environment(CREDENTIALS)
}

fn config_file(directory: &TempDir, text: &str) -> PathBuf {
    let path = directory.path().join("gateway.toml");
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn credentials_alone_give_every_default() {
    let config = Config::load(with_credentials()).unwrap();
    insta::assert_debug_snapshot!(config, @r#"
    Config {
        listen: 127.0.0.1:8080,
        server: Server {
            header_timeout: 10s,
            idle_timeout: 75s,
            max_connections: 4096,
            drain_delay: 0ns,
            tls: None,
        },
        admin_listen: None,
        callbacks_listen: None,
        auth: Auth {
            keys_file: None,
            keys: None,
            allow_anonymous: true,
        },
        allowed_origins: None,
        mcp: Mcp {
            enabled: true,
            allow_writes: false,
        },
        apps: [
            AppConfig {
                name: AppName(
                    "default",
                ),
                region: Feishu,
                base_url: "https://open.feishu.cn",
                legacy_base_url: "https://www.feishu.cn",
                credentials: Some(
                    Credentials {
                        app_id: "cli_1",
                        ..
                    },
                ),
                store: None,
                task_status_api: V4,
                default_locale: Locale(
                    "zh-CN",
                ),
                rate: Rate {
                    per_second: 50,
                    per_minute: 1000,
                },
                callbacks: None,
                webhooks: None,
                notify_tasks: false,
            },
        ],
        request: Request {
            deadline: 10s,
            max_body_bytes: 4194304,
            capacity_bytes: 134217728,
        },
        ledger: LedgerConfig {
            place: Sqlite(
                "approval-gateway.db",
            ),
            postgres: PostgresDefaults {
                connection: Config {
                    user: None,
                    password: None,
                    dbname: None,
                    options: None,
                    application_name: None,
                    ssl_mode: Prefer,
                    host: [],
                    hostaddr: [],
                    port: [],
                    connect_timeout: None,
                    tcp_user_timeout: None,
                    keepalives: true,
                    keepalives_idle: 7200s,
                    keepalives_interval: None,
                    keepalives_retries: None,
                    target_session_attrs: Any,
                    channel_binding: Prefer,
                    load_balance_hosts: Disable,
                },
                max_connections: 10,
                allow_unsafe: false,
            },
            retention: 7776000s,
            reconcile_interval: Some(
                300s,
            ),
            reconcile_sweep: Some(
                86400s,
            ),
        },
        log: Log {
            format: Json,
            filter: "info",
        },
        otlp_endpoint: None,
        sandbox: Sandbox {
            listen: 127.0.0.1:8081,
        },
    }
    "#);
}

#[test]
fn every_setting_can_come_from_the_file() {
    let directory = TempDir::new().unwrap();
    let text = r#"
        listen = "127.0.0.1:1"
        default_locale = "en-US"
        auth.allow_anonymous = true
        [feishu]
        region = "lark"
        base_url = "http://127.0.0.1:2/"
        legacy_base_url = "http://127.0.0.1:3"
        app_id = "cli_file"
        app_secret = "hush"
        task_status_api = "v2"
        rate = { per_second = 0, per_minute = 7 }
        [request]
        deadline_ms = 1
        max_body_bytes = 1024
        [log]
        format = "text"
        filter = "warn"
        [sandbox]
        listen = "127.0.0.1:4"
    "#;
    let config_file = Some(config_file(&directory, text));
    let config = Config::load(Sources { config_file, ..Sources::default() }).unwrap();
    assert_eq!(config.listen.port(), 1);
    assert_eq!(config.apps[0].default_locale.as_str(), "en-US");
    assert_eq!(config.apps[0].region, Region::Lark);
    assert_eq!(config.apps[0].base_url, "http://127.0.0.1:2");
    assert_eq!(config.apps[0].legacy_base_url, "http://127.0.0.1:3");
    assert_eq!(config.apps[0].credentials.as_ref().unwrap().app_id, "cli_file");
    assert_eq!(config.apps[0].task_status_api, TaskStatusApi::V2);
    assert_eq!(config.apps[0].rate, Rate { per_second: 0, per_minute: 7 });
    assert_eq!(config.request.deadline, Duration::from_millis(1));
    assert_eq!(config.request.max_body_bytes, 1024);
    assert_eq!(config.log.format, LogFormat::Text);
    assert_eq!(config.log.filter, "warn");
    assert_eq!(config.sandbox.listen.port(), 4);
}

#[test_case(false, false => 1; "the file when nothing else speaks")]
#[test_case(true, false => 2; "the environment over the file")]
#[test_case(false, true => 3; "a flag over the file")]
#[test_case(true, true => 3; "a flag over both")]
fn port_comes_from(environment: bool, flags: bool) -> u16 {
    let directory = TempDir::new().unwrap();
    let mut sources = with_credentials();
    sources.config_file = Some(config_file(&directory, "listen = \"127.0.0.1:1\""));
    if environment {
        sources = sources.with_environment([("GATEWAY_LISTEN", "127.0.0.1:2")]);
    }
    if flags {
        sources.flags.push(flag("listen", "127.0.0.1:3"));
    }
    Config::load(sources).unwrap().listen.port()
}

#[test]
fn later_flag_wins() {
    let mut sources = with_credentials();
    sources.flags = vec![flag("feishu.rate.per_second", "1"), flag("feishu.rate.per_second", "2")];
    assert_eq!(Config::load(sources).unwrap().apps[0].rate.per_second, 2);
}

#[test]
fn bad_value_that_is_overridden_is_no_error() {
    let mut sources = with_credentials().with_environment([("GATEWAY_LISTEN", "nonsense")]);
    sources.flags.push(flag("listen", "127.0.0.1:3"));
    assert_eq!(Config::load(sources).unwrap().listen.port(), 3);
}

#[test]
fn environment_can_name_the_file() {
    let directory = TempDir::new().unwrap();
    let path = config_file(&directory, "listen = \"127.0.0.1:9\"");
    let sources = with_credentials().with_environment([("GATEWAY_CONFIG", path)]);
    assert_eq!(Config::load(sources).unwrap().listen.port(), 9);
}

#[test]
fn config_flag_wins_over_the_file_that_the_environment_names() {
    let directory = TempDir::new().unwrap();
    let mut sources = with_credentials().with_environment([("GATEWAY_CONFIG", "/nowhere/to/be.found")]);
    sources.config_file = Some(config_file(&directory, "listen = \"127.0.0.1:9\""));
    assert_eq!(Config::load(sources).unwrap().listen.port(), 9);
}

#[test]
fn empty_variable_counts_as_unset() {
    let variables = [("GATEWAY_LISTEN", ""), ("GATEWAY_CONFIG", ""), ("GATEWAY_UNHEARD_OF", "")];
    let config = Config::load(with_credentials().with_environment(variables)).unwrap();
    assert_eq!(config.listen.port(), 8080);
}

#[test]
fn variables_of_others_are_ignored() {
    let variables = [("LISTEN", "x"), ("MY_GATEWAY_LISTEN", "x"), ("gateway_listen", "x")];
    assert!(Config::load(with_credentials().with_environment(variables)).is_ok());
}

#[test]
fn variables_that_kubernetes_adds_for_a_service_are_ignored() {
    let variables = [("GATEWAY_SERVICE_HOST", "10.0.0.1"), ("GATEWAY_PORT", "tcp://10.0.0.1:80")];
    assert!(Config::load(with_credentials().with_environment(variables)).is_ok());
}

#[test]
fn region_decides_the_addresses() {
    let config =
        Config::load(with_credentials().with_environment([("GATEWAY_FEISHU__REGION", "lark")])).unwrap();
    assert_eq!(config.apps[0].base_url, "https://open.larksuite.com");
    assert_eq!(config.apps[0].legacy_base_url, "https://www.larksuite.com");
}

#[test_case(true => LogFormat::Text; "on a terminal")]
#[test_case(false => LogFormat::Json; "anywhere else")]
fn default_log_format(stderr_is_terminal: bool) -> LogFormat {
    Config::load(Sources { stderr_is_terminal, ..with_credentials() }).unwrap().log.format
}

#[test_case(Purpose::ServeSandbox)]
#[test_case(Purpose::Offline)]
fn no_credentials_are_needed_or_used(purpose: Purpose) {
    let without = Config::load(Sources { purpose, ..Sources::default() }).unwrap();
    assert!(without.apps[0].credentials.is_none());
    let with = Config::load(Sources { purpose, ..with_credentials() }).unwrap();
    assert!(with.apps[0].credentials.is_none());
}

#[test]
fn offline_commands_open_no_file_of_secrets_or_keys() {
    let variables = [
        ("GATEWAY_LISTEN", "0.0.0.0:8080"),
        ("GATEWAY_AUTH__KEYS_FILE", "/nowhere/keys"),
        ("GATEWAY_FEISHU__APP_SECRET_FILE", "/nowhere/secret"),
    ];
    let sources = Sources { purpose: Purpose::Offline, ..Sources::default() }.with_environment(variables);
    assert!(Config::load(sources).is_ok());
}

#[test_case("hush" => "hush"; "nothing to trim")]
#[test_case("hush\n" => "hush"; "a line break")]
#[test_case("hush\r\n" => "hush"; "a line break of Windows")]
#[test_case(" hush \n" => " hush "; "blanks belong to the secret")]
fn secret_from_a_file(content: &str) -> String {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("secret");
    fs::write(&path, content).unwrap();
    let sources = Sources::default()
        .with_environment([("GATEWAY_FEISHU__APP_ID", "cli_1")])
        .with_environment([("GATEWAY_FEISHU__APP_SECRET_FILE", path)]);
    let credentials = Config::load(sources).unwrap().apps.remove(0).credentials.unwrap();
    credentials.app_secret.expose_secret().to_owned()
}

/// How long the gateway goes on serving after the signal to stop.
#[test_case("127.0.0.1:8080", None => Duration::ZERO; "on loopback nobody balances")]
#[test_case("[::1]:8080", None => Duration::ZERO; "on the other loopback, too")]
#[test_case("0.0.0.0:8080", None => Duration::from_secs(5); "elsewhere balancers are told")]
#[test_case("127.0.0.1:8080", Some("250") => Duration::from_millis(250); "as it is set")]
fn drain_delay(listen: &str, set: Option<&str>) -> Duration {
    let mut environment = vec![("GATEWAY_LISTEN", listen), ("GATEWAY_AUTH__ALLOW_ANONYMOUS", "true")];
    environment.extend(set.map(|delay| ("GATEWAY_SERVER__DRAIN_DELAY_MS", delay)));
    let sources = Sources { purpose: Purpose::ServeSandbox, ..Sources::default() };
    Config::load(sources.with_environment(environment)).unwrap().server.drain_delay
}

#[test_case(&["CERT"] => "server.tls.key_file is not set"; "a certificate without its key")]
#[test_case(&["KEY"] => "server.tls.cert_file is not set"; "a key without its certificate")]
#[test_case(&["CLIENT_CA"] => "server.tls.cert_file is not set"; "roots of callers alone")]
#[test_case(&["CERT", "KEY", "CLIENT_CA"] => ""; "all of them")]
fn tls_needs(given: &[&str]) -> String {
    let names: Vec<_> = given.iter().map(|name| format!("GATEWAY_SERVER__TLS__{name}_FILE")).collect();
    let environment: Vec<_> = names.iter().map(|name| (name.as_str(), "file.pem")).collect();
    let sources = Sources { purpose: Purpose::ServeSandbox, ..Sources::default() };
    match Config::load(sources.with_environment(environment)) {
        Ok(_) => String::new(),
        Err(errors) => errors.iter().next().unwrap().to_string().split(';').next().unwrap().to_owned(),
    }
}

const COLLECTOR: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector/otlp/");

#[test_case("", &[] => None; "there is none")]
#[test_case("", &[COLLECTOR] => Some("https://collector/otlp".to_owned()); "the standard variable")]
#[test_case("[otlp]\nendpoint = \"http://file:4318\"", &[COLLECTOR] => Some("http://file:4318".to_owned()); "the file over it")]
#[test_case("", &[COLLECTOR, ("GATEWAY_OTLP__ENDPOINT", "http://ours:4318")] => Some("http://ours:4318".to_owned()); "our variable over it")]
fn trace_collector(text: &str, environment: &[(&str, &str)]) -> Option<String> {
    let directory = TempDir::new().unwrap();
    let config_file = Some(config_file(&directory, text));
    let sources = Sources { config_file, ..with_credentials() };
    Config::load(sources.with_environment(environment.iter().copied())).unwrap().otlp_endpoint
}

#[test]
fn address_of_the_trace_collector_that_is_none_is_an_error_that_names_the_variable() {
    let sources = with_credentials().with_environment([("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")]);
    let error = Config::load(sources).unwrap_err().to_string();
    assert!(
        error.contains("OTEL_EXPORTER_OTLP_ENDPOINT") && error.contains("http://127.0.0.1:4318"),
        "{error}"
    );
}
