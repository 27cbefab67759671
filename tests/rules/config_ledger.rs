//! Where accepted documents are kept, as the configuration says it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::io::Write as _;

use approval_gateway::config::{Config, Flag, LedgerPlace, Purpose, Sources};
use test_case::test_case;

fn place(purpose: Purpose, environment: &[(&str, &str)]) -> Result<LedgerPlace, String> {
    let credentials = [("GATEWAY_FEISHU__APP_ID", "cli_1"), ("GATEWAY_FEISHU__APP_SECRET", "s")];
    let environment = credentials.iter().chain(environment).copied();
    let sources = Sources { purpose, ..Sources::default() }.with_environment(environment);
    Config::load(sources).map(|config| config.ledger.place).map_err(|errors| errors.to_string())
}

#[test_case("sqlite:/var/lib/gateway.db" => Ok(LedgerPlace::Sqlite("/var/lib/gateway.db".into())))]
#[test_case("none" => Ok(LedgerPlace::Nowhere))]
fn url(url: &str) -> Result<LedgerPlace, String> {
    place(Purpose::Serve, &[("GATEWAY_LEDGER__URL", url)])
}

#[test]
fn without_a_url_it_is_a_file_here_and_with_the_sandbox_a_temporary_one() {
    assert_eq!(place(Purpose::Serve, &[]), Ok(LedgerPlace::Sqlite("approval-gateway.db".into())));
    assert_eq!(place(Purpose::ServeSandbox, &[]), Ok(LedgerPlace::Temporary));
    let given = [("GATEWAY_LEDGER__URL", "sqlite:a.db")];
    assert_eq!(place(Purpose::ServeSandbox, &given), Ok(LedgerPlace::Sqlite("a.db".into())));
}

#[test_case("postgres://gateway:hunter2@db/gateway?sslmode=prefer", "sslmode=disable, require or verify-full"; "postgres")]
#[test_case("memory", "sqlite:PATH, a postgres:// URL, or none"; "the model of the tests")]
#[test_case("sqlite:", "sqlite:PATH, a postgres:// URL, or none"; "no path")]
#[test_case("mysql://hunter2", "sqlite:PATH, a postgres:// URL, or none"; "another database")]
fn what_is_refused_is_not_shown(url: &str, said: &str) {
    let error = self::url(url).unwrap_err();
    assert!(error.contains("GATEWAY_LEDGER__URL") && error.contains(said), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_url_may_stand_in_a_file_of_its_own_but_not_in_both_places() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "sqlite:secret.db").unwrap();
    let path = file.path().to_str().unwrap();
    let from_file = ("GATEWAY_LEDGER__URL_FILE", path);
    assert_eq!(place(Purpose::Serve, &[from_file]), Ok(LedgerPlace::Sqlite("secret.db".into())));
    let both = place(Purpose::Serve, &[from_file, ("GATEWAY_LEDGER__URL", "none")]);
    assert!(both.unwrap_err().contains("exclude each other"));
}

#[test]
fn zero_turns_checks_off() {
    let sources = Sources { purpose: Purpose::ServeSandbox, ..Sources::default() };
    let off = [("GATEWAY_RECONCILE__INTERVAL_S", "0"), ("GATEWAY_RECONCILE__SWEEP_S", "0")];
    let config = Config::load(sources.with_environment(off)).unwrap();
    assert_eq!((config.ledger.reconcile_interval, config.ledger.reconcile_sweep), (None, None));
}

fn password(purpose: Purpose, environment: &[(&str, &str)]) -> Option<Vec<u8>> {
    match place(purpose, environment).unwrap() {
        LedgerPlace::Postgres(database) => database.connection.get_password().map(<[u8]>::to_vec),
        _ => None,
    }
}

#[test]
fn the_password_of_a_database_comes_from_a_file_or_a_variable_of_its_own() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "from a file").unwrap();
    let url = ("GATEWAY_LEDGER__URL", "postgres://gateway@db/gateway");
    let from_file = ("GATEWAY_LEDGER__PASSWORD_FILE", file.path().to_str().unwrap());
    let typed = ("GATEWAY_LEDGER__PASSWORD", "typed");
    for purpose in [Purpose::Serve, Purpose::ServeSandbox, Purpose::Ledger] {
        assert_eq!(password(purpose, &[url, from_file]).unwrap(), b"from a file");
    }
    assert_eq!(password(Purpose::Serve, &[url, typed]).unwrap(), b"typed");
    assert_eq!(password(Purpose::Serve, &[url]), None);
    let both = place(Purpose::Serve, &[url, from_file, typed]);
    assert!(both.unwrap_err().contains("exclude each other"));
}

#[test]
fn whoever_does_not_serve_needs_no_secrets_of_those_who_call_and_are_called() {
    let of_others = [
        ("GATEWAY_AUTH__KEYS_FILE", "/nowhere/keys"),
        ("GATEWAY_FEISHU__WEBHOOKS__URL", "https://oa.example.com/feishu/events"),
        ("GATEWAY_FEISHU__WEBHOOKS__SECRET_FILE", "/nowhere/webhook-secrets"),
        ("GATEWAY_CALLBACKS__LISTEN", "127.0.0.1:8081"),
        ("GATEWAY_FEISHU__CALLBACKS__TARGET_URL", "https://oa.example.com/feishu/actions"),
        ("GATEWAY_FEISHU__CALLBACKS__TOKEN_FILE", "/nowhere/token"),
        ("GATEWAY_FEISHU__CALLBACKS__SECRET_FILE", "/nowhere/callback-secrets"),
    ];
    for purpose in [Purpose::Ledger, Purpose::Offline] {
        assert_eq!(place(purpose, &of_others), Ok(LedgerPlace::Sqlite("approval-gateway.db".into())));
    }
    let error = place(Purpose::Serve, &of_others).unwrap_err();
    for file in ["/nowhere/keys", "/nowhere/webhook-secrets", "/nowhere/token", "/nowhere/callback-secrets"] {
        assert!(error.contains(file), "{error}");
    }
}

#[test]
fn a_password_on_the_command_line_is_refused_and_not_shown() {
    for (setting, value) in [
        ("ledger.url", "postgres://gateway:hunter2@db/gateway?sslmode=verify-full"),
        ("ledger.url", "postgres://gateway@db/gateway?password=hunter2"),
        ("ledger.password", "hunter2"),
    ] {
        let flag =
            Flag { setting: setting.to_owned(), value: value.to_owned(), flag: format!("--set {setting}") };
        let sources = Sources { purpose: Purpose::Ledger, flags: vec![flag], ..Sources::default() };
        let error = Config::load(sources).unwrap_err().to_string();
        assert!(error.contains("GATEWAY_LEDGER__PASSWORD_FILE or GATEWAY_LEDGER__PASSWORD"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
