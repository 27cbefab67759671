//! Where accepted documents are kept, as the configuration says it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::io::Write as _;

use approval_gateway::config::{Config, LedgerPlace, Purpose, Sources};
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

#[test_case("postgres://gateway:hunter2@db/gateway", "not supported yet"; "postgres")]
#[test_case("memory", "sqlite:PATH or none"; "the model of the tests")]
#[test_case("sqlite:", "sqlite:PATH or none"; "no path")]
#[test_case("mysql://hunter2", "sqlite:PATH or none"; "another database")]
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
