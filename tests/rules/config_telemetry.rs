//! The log is set up once for a process, so this has a process of its own.

use approval_gateway::config::{Log, LogFormat};
use approval_gateway::telemetry;

#[test]
fn second_set_up_is_an_error_and_not_a_panic() {
    let log = Log { format: LogFormat::Json, filter: "off".to_owned() };
    let _log = telemetry::init(&log).unwrap();
    assert_eq!(telemetry::init(&log).unwrap_err().to_string(), "the log is set up already");
}
