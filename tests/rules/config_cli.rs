//! What can be typed, and the settings that it gives.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use approval_gateway::cli::{Cli, Command, KeyCommand, TranslateMode};
use approval_gateway::config::{Config, Purpose, Sources};
use clap::{CommandFactory, Parser};
use test_case::test_case;

fn parse(arguments: &[&str]) -> Result<Command, String> {
    let arguments = ["approval-gateway"].iter().chain(arguments);
    Cli::try_parse_from(arguments).map(|cli| cli.command).map_err(|error| error.to_string())
}

fn sources(arguments: &[&str]) -> Sources {
    match parse(arguments).unwrap() {
        Command::Serve(args) => args.sources(),
        Command::Sandbox(args) => args.sources(),
        Command::Translate(args) => args.sources(),
        Command::Healthcheck(args) => args.sources(),
        Command::Doctor(args) => args.sources(),
        Command::Key { command: KeyCommand::New(args) } => args.sources(),
        Command::Ledger(args) => args.sources(),
        Command::Import(_) | Command::Mcp(_) | Command::Openapi(_) | Command::Version => {
            panic!("version has no settings")
        }
    }
}

#[test]
fn definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test_case(&["serve"] => Purpose::Serve)]
#[test_case(&["serve", "--sandbox"] => Purpose::ServeSandbox)]
#[test_case(&["doctor"] => Purpose::Serve)]
#[test_case(&["doctor", "--sandbox"] => Purpose::ServeSandbox)]
#[test_case(&["sandbox"] => Purpose::Offline)]
#[test_case(&["translate"] => Purpose::Offline)]
#[test_case(&["healthcheck"] => Purpose::Offline)]
#[test_case(&["key", "new", "erp"] => Purpose::Offline)]
fn purpose_of(arguments: &[&str]) -> Purpose {
    sources(arguments).purpose
}

#[test]
fn flags_of_serve_reach_the_configuration() {
    let arguments = [
        "serve",
        "--sandbox",
        "--listen",
        "127.0.0.1:1",
        "--log-format",
        "text",
        "--log-filter",
        "warn",
        "--set",
        "request.deadline_ms=5",
        "--set",
        "log.filter=debug",
    ];
    let config = Config::load(sources(&arguments)).unwrap();
    assert_eq!(config.listen.port(), 1);
    assert_eq!(config.request.deadline.as_millis(), 5);
    assert_eq!(config.log.filter, "warn", "a flag of its own wins over --set");
}

#[test]
fn listen_of_sandbox_is_the_sandboxs_own() {
    let config = Config::load(sources(&["sandbox", "--listen", "127.0.0.1:1"])).unwrap();
    assert_eq!((config.sandbox.listen.port(), config.listen.port()), (1, 8080));
}

#[test]
fn bad_value_names_the_flag_as_typed() {
    let report = Config::load(sources(&["serve", "--sandbox", "--listen", "here"])).unwrap_err().to_string();
    assert!(report.contains("flag --listen must be an IP address and a port"), "{report}");
}

#[test]
fn set_keeps_everything_after_the_first_equals_sign() {
    let config = Config::load(sources(&["translate", "--set", "log.filter=info,hyper=warn"])).unwrap();
    assert_eq!(config.log.filter, "info,hyper=warn");
}

#[test_case(&["translate", "--set", "nonsense"])]
#[test_case(&["translate", "--set", "=x"])]
fn set_without_a_key_and_a_value_is_refused(arguments: &[&str]) {
    let error = parse(arguments).map(|_| ()).unwrap_err();
    assert!(error.contains("expected KEY=VALUE"), "{error}");
}

#[test_case(&["translate"] => (TranslateMode::Replace, false))]
#[test_case(&["translate", "--mode", "update", "--compact"] => (TranslateMode::Update, true))]
fn translation(arguments: &[&str]) -> (TranslateMode, bool) {
    match parse(arguments) {
        Ok(Command::Translate(args)) => (args.mode, args.compact),
        _ => panic!("not a translation"),
    }
}

#[test_case("127.0.0.1:8080", &[] => "http://127.0.0.1:8080/readyz"; "where it listens")]
#[test_case("0.0.0.0:8080", &[] => "http://127.0.0.1:8080/readyz"; "loopback when it listens everywhere")]
#[test_case("[::]:8080", &[] => "http://[::1]:8080/readyz"; "loopback of IPv6 when it listens everywhere")]
#[test_case("127.0.0.1:8080", &["--url", "http://gw/readyz"] => "http://gw/readyz"; "what was typed")]
fn healthcheck_asks(listen: &str, arguments: &[&str]) -> String {
    match parse(&[&["healthcheck"], arguments].concat()) {
        Ok(Command::Healthcheck(args)) => args.target(listen.parse().unwrap(), false),
        _ => panic!("not a health check"),
    }
}

#[test]
fn help_lists_the_environment() {
    insta::assert_snapshot!(Cli::command().render_long_help(), @r#"
    A gateway that makes Feishu's approval centre show the approvals of your own systems

    Usage: approval-gateway <COMMAND>

    Commands:
      serve        Serve the REST API in front of Feishu, or of the sandbox
      sandbox      Serve only the sandbox, a simulated Feishu for tests
      translate    Turn a flat instance (JSON on standard input) into Feishu's payload, without calling anybody
      doctor       Check configuration, network, clock, credentials and scopes, and say what to click for what is missing
      openapi      Print the OpenAPI file of the REST API
      healthcheck  Ask a running gateway whether it is ready; the exit status is 0 when it is, else 1
      import       Send a file of documents, one a line, to a running gateway, and wait until they are delivered
      ledger       Look after the database in which accepted documents are kept
      mcp          Give agents tools on standard input and output (Model Context Protocol) that ask a running gateway
      key          Make keys for callers
      version      Print the version
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Examples:
      approval-gateway serve --sandbox                 try everything, without credentials
      approval-gateway serve --config gateway.toml     serve for real
      approval-gateway translate < instance.json       see what Feishu would be sent

    Environment (over the configuration file, under flags; defaults in brackets):
      GATEWAY_CONFIG                               the configuration file, unless --config names one
      GATEWAY_LISTEN                               address and port; port 0 picks a free one [127.0.0.1:8080]
      GATEWAY_DEFAULT_LOCALE                       locale of documents that name none [zh-CN]
      GATEWAY_SERVER__HEADER_TIMEOUT_MS            milliseconds for a TLS handshake, and then for the first request's head [10000]
      GATEWAY_SERVER__IDLE_TIMEOUT_MS              milliseconds from an answer to the next request's head, or without taking a byte of an answer [75000]
      GATEWAY_SERVER__MAX_CONNECTIONS              connections served at once, as far as the limit of open files allows [4096]
      GATEWAY_SERVER__DRAIN_DELAY_MS               milliseconds to go on serving after the signal to stop; by default 5000, on loopback 0
      GATEWAY_SERVER__TLS__CERT_FILE               certificate (PEM, with its chain); turns TLS on
      GATEWAY_SERVER__TLS__KEY_FILE                private key of the certificate (PEM)
      GATEWAY_SERVER__TLS__CLIENT_CA_FILE          roots (PEM) of the certificates that callers must then show
      GATEWAY_ADMIN__LISTEN                        address and port of /livez, /readyz, /metrics and /version (plain HTTP); by default they are on the API's
      GATEWAY_CALLBACKS__LISTEN                    address and port on which Feishu's callbacks come in, and nothing else; by default there are none
      GATEWAY_AUTH__KEYS_FILE                      file of caller keys, one "name sha256-hex [app=NAME] [scope=read,write,operate]" a line
      GATEWAY_AUTH__ALLOW_ANONYMOUS                true serves calls without a key; by default only on loopback without a keys file
      GATEWAY_FEISHU__REGION                       feishu or lark; decides addresses, limits and locales [feishu]
      GATEWAY_FEISHU__BASE_URL                     origin of the Open API; by default the region's
      GATEWAY_FEISHU__LEGACY_BASE_URL              origin of the historic v2 list; by default the region's
      GATEWAY_FEISHU__APP_ID                       the app's id, from Feishu's developer console
      GATEWAY_FEISHU__APP_SECRET                   the app's secret; better kept in a file of its own
      GATEWAY_FEISHU__APP_SECRET_FILE              file that holds the app's secret and nothing else
      GATEWAY_FEISHU__KIND                         custom for an app of your own company, store for one of Feishu's store [custom]
      GATEWAY_FEISHU__TENANT_KEY                   Feishu's key of the tenant that the store app serves here
      GATEWAY_FEISHU__EVENTS__TOKEN_FILE           file with the verification token of the store app's events; of several, one a line, all are taken
      GATEWAY_FEISHU__EVENTS__ENCRYPT_KEY_FILE     file with the key that those events are encrypted and signed with, likewise; without it they are plain
      GATEWAY_FEISHU__TASK_STATUS_API              v4, or v2 for the historic list [v4]
      GATEWAY_FEISHU__DEFAULT_LOCALE               locale of the app's documents that name none; by default that of all apps
      GATEWAY_FEISHU__RATE__PER_SECOND             calls a second to each API of the app; 0 = no pacing [50]
      GATEWAY_FEISHU__RATE__PER_MINUTE             calls a minute to each API of the app; 0 = no pacing [1000]
      GATEWAY_FEISHU__CALLBACKS__PUBLIC_URL        origin under which Feishu reaches callbacks.listen; definitions with quick_approval need it
      GATEWAY_FEISHU__CALLBACKS__TARGET_URL        address of your own system, which is told what people tap
      GATEWAY_FEISHU__CALLBACKS__TARGET_FORMAT     gateway, or feishu for the body that Feishu sent, decrypted [gateway]
      GATEWAY_FEISHU__CALLBACKS__TOKEN_FILE        file with the callback token; of several, one a line, definitions get the first and all are taken
      GATEWAY_FEISHU__CALLBACKS__ENCRYPT_KEY_FILE  file with the key that callbacks are encrypted with, likewise; without it they are plain
      GATEWAY_FEISHU__CALLBACKS__SECRET_FILE       file with the secrets (whsec_…) that relayed actions are signed with, one a line; all of them sign
      GATEWAY_FEISHU__WEBHOOKS__URL                address of your own system, which is told what becomes of deliveries; nobody is told without it
      GATEWAY_FEISHU__WEBHOOKS__SECRET_FILE        file with the secrets (whsec_…) that such events are signed with, one a line; all of them sign
      GATEWAY_FEISHU__NOTIFY__TASKS                true sends a card to whoever has a task that waits, unless the task says otherwise (notify); needs the ledger [false]
      GATEWAY_REQUEST__DEADLINE_MS                 milliseconds that one request may take, retries included [10000]
      GATEWAY_REQUEST__MAX_BODY_BYTES              bytes of the largest body accepted [4194304]
      GATEWAY_REQUEST__CAPACITY_BYTES              bytes that all requests may hold together: bodies, payloads, answers [134217728]
      GATEWAY_CORS__ALLOWED_ORIGINS                origins of web pages that may call (CORS), separated by commas, or *; none by default
      GATEWAY_MCP__ENABLED                         whether agents find tools at /mcp, with the same keys as all callers, where the program was built with them (feature mcp) [true]
      GATEWAY_MCP__ALLOW_WRITES                    true gives agents whose keys have the scope write tools that push documents, in two calls each [false]
      GATEWAY_LEDGER__URL                          where accepted documents are kept: sqlite:PATH, postgres://USER@HOST/DATABASE, or none; with serve --sandbox by default a temporary file [sqlite:approval-gateway.db]
      GATEWAY_LEDGER__URL_FILE                     file that holds the ledger's URL, where that is a secret
      GATEWAY_LEDGER__PASSWORD                     password of the ledger's PostgreSQL user; better kept in a file of its own
      GATEWAY_LEDGER__PASSWORD_FILE                file that holds the password of the ledger's PostgreSQL user and nothing else
      GATEWAY_LEDGER__MAX_CONNECTIONS              connections of this gateway to the ledger's PostgreSQL at once [10]
      GATEWAY_LEDGER__ALLOW_UNSAFE                 true takes a PostgreSQL with fsync or synchronous_commit off, which forgets accepted documents when it crashes [false]
      GATEWAY_LEDGER__RETENTION_DAYS               days for which documents of finished approvals are kept [90]
      GATEWAY_RECONCILE__INTERVAL_S                seconds: what was delivered is checked after a tenth of them, after them, and after twelve times that; 0 = off [300]
      GATEWAY_RECONCILE__SWEEP_S                   seconds between further checks while an approval is not finished; 0 = off [86400]
      GATEWAY_LOG__FORMAT                          text or json; by default text on a terminal, else json
      GATEWAY_LOG__FILTER                          level, or comma-separated target=level directives [info]
      GATEWAY_OTLP__ENDPOINT                       address of a trace collector (OTLP over HTTP); by default OTEL_EXPORTER_OTLP_ENDPOINT, else none
      GATEWAY_SANDBOX__LISTEN                      address and port of the sandbox, a simulated Feishu [127.0.0.1:8081]
      GATEWAY_APPS__NAME__…                        for a further app, NAME, what GATEWAY_FEISHU__… is for the first
    "#);
}
