//! What stops the gateway from starting, in words that say what to do.

use serde_json::Value;

use crate::process::{Ended, file, run};

#[test]
fn missing_credentials_are_named_together_with_the_way_out() {
    let ended = run(&["serve", "--log-format", "text"], &[], b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    insta::assert_snapshot!(ended.stderr, @"
    approval-gateway: 2 errors in the configuration:
      feishu.app_id is not set; set the environment variable GATEWAY_FEISHU__APP_ID; to try the gateway without credentials, start `serve --sandbox`
      feishu.app_secret is not set; set the environment variable GATEWAY_FEISHU__APP_SECRET_FILE or GATEWAY_FEISHU__APP_SECRET; to try the gateway without credentials, start `serve --sandbox`
    ");
}

/// The only line on standard error.
fn json_line(ended: &Ended) -> Value {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    serde_json::from_str(&ended.stderr).unwrap()
}

#[test]
fn what_is_wrong_with_the_configuration_is_a_line_of_the_log_where_that_is_json() {
    let environment = [("GATEWAY_LOG__FORMAT", "json"), ("GATEWAY_LOG__FILTER", "warning")];
    let line = json_line(&run(&["serve", "--sandbox"], &environment, b""));
    assert_eq!((&line["level"], &line["message"]), (&"ERROR".into(), &"cannot start".into()));
    insta::assert_snapshot!(line["cause"].as_str().unwrap(), @r#"
    1 error in the configuration:
      environment variable GATEWAY_LOG__FILTER must be a level (error, warn, info, debug, trace, off) or directives such as info,hyper=warn, not "warning"; did you mean warn?
    "#);
}

#[test]
fn a_failure_after_that_is_a_line_of_the_log_whatever_its_filter_says() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line =
        json_line(&run(&["serve", "--sandbox", "--listen", &address, "--log-filter", "off"], &[], b""));
    assert!(line["cause"].as_str().unwrap().starts_with(&format!("cannot listen on {address}")), "{line}");
}

#[test]
fn missing_secret_names_both_variables() {
    let ended = run(&["serve"], &[("GATEWAY_FEISHU__APP_ID", "cli_x")], b"");
    assert_eq!(ended.code, Some(1));
    for variable in ["GATEWAY_FEISHU__APP_SECRET", "GATEWAY_FEISHU__APP_SECRET_FILE"] {
        assert!(ended.stderr.contains(variable), "{}", ended.stderr);
    }
}

#[test]
fn unknown_variable_is_an_error_with_a_suggestion() {
    let environment = [("GATEWAY_LISTN", "127.0.0.1:0"), ("GATEWAY_LOG__FORMAT", "text")];
    let ended = run(&["serve", "--sandbox"], &environment, b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    insta::assert_snapshot!(ended.stderr, @"
    approval-gateway: 1 error in the configuration:
      environment variable GATEWAY_LISTN is not a known setting; did you mean GATEWAY_LISTEN?
    ");
}

#[test]
fn every_error_is_reported_at_once() {
    let environment = [
        ("GATEWAY_FEISHU__REGION", "mars"),
        ("GATEWAY_REQUEST__DEADLINE_MS", "soon"),
        ("GATEWAY_LOG__FORMAT", "xml"),
    ];
    let ended = run(&["serve", "--sandbox"], &environment, b"");
    assert_eq!(ended.code, Some(1));
    for (variable, _) in environment {
        assert!(ended.stderr.contains(variable), "{variable}: {}", ended.stderr);
    }
}

#[test]
fn bad_configuration_never_shows_a_secret() {
    let secret = file("secret-of-a-file\n");
    let environment = [
        ("GATEWAY_FEISHU__APP_ID", "cli_x"),
        ("GATEWAY_FEISHU__APP_SECRET", "secret-of-a-variable"),
        ("GATEWAY_FEISHU__APP_SECRET_FILE", secret.to_str().unwrap()),
    ];
    let ended = run(&["serve"], &environment, b"");
    assert_eq!(ended.code, Some(1));
    assert!(!ended.stderr.contains("secret-of-a"), "{}", ended.stderr);
}

#[test]
fn taken_port_is_an_error_that_names_it() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(&["serve", "--sandbox", "--listen", &address], &[], b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains(&format!("cannot listen on {address}")), "{}", ended.stderr);
}

#[test]
fn an_address_of_another_machine_is_not_called_a_port_that_is_taken() {
    // For documentation only (RFC 5737): no machine has it.
    let ended = run(&["serve", "--sandbox", "--listen", "192.0.2.1:8080"], &NO_KEYS, b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("this machine does not have the address"), "{}", ended.stderr);
}

#[test]
fn a_host_name_to_listen_on_is_refused_as_such() {
    let ended = run(&["serve", "--sandbox", "--listen", "localhost:8080"], &[], b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("host names are not looked up"), "{}", ended.stderr);
}

const NO_KEYS: [(&str, &str); 1] = [("GATEWAY_AUTH__ALLOW_ANONYMOUS", "true")];
