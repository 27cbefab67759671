//! The small commands, and how the command line answers slips.

use std::process::{Command, Stdio};

use test_case::test_case;

use crate::process::run;

#[test_case(&["version"])]
#[test_case(&["--version"])]
fn version_is_one_line(args: &[&str]) {
    let ended = run(args, &[], b"");
    let expected = format!("approval-gateway {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((ended.code, ended.stdout, ended.stderr.as_str()), (Some(0), expected, ""));
}

#[test_case(&[]; "nothing")]
#[test_case(&["srve"]; "a slip in the command")]
#[test_case(&["serve", "--sandbx"]; "a slip in a flag")]
fn command_that_cannot_be_read_exits_with_two_and_explains(args: &[&str]) {
    let ended = run(args, &[], b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("Usage"), "{}", ended.stderr);
}

#[test]
fn help_shows_the_first_command_to_try_and_the_environment() {
    let ended = run(&["--help"], &[], b"");
    assert_eq!(ended.code, Some(0));
    assert!(ended.stdout.contains("approval-gateway serve --sandbox"), "{}", ended.stdout);
    assert!(ended.stdout.contains("GATEWAY_FEISHU__APP_SECRET_FILE"), "{}", ended.stdout);
}

#[test]
fn a_reader_who_has_seen_enough_of_the_openapi_file_is_no_failure() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_approval-gateway"));
    let mut child = command.arg("openapi").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // No pipe holds the whole file, so that the command is still writing whenever this is.
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap().as_str()), (Some(0), ""));
}

#[cfg(not(feature = "mcp"))]
#[test_case(&["mcp"]; "the command")]
#[test_case(&["serve", "--sandbox", "--set", "mcp.allow_writes=true"]; "the setting")]
fn a_program_without_tools_for_agents_says_how_to_build_one_with_them(args: &[&str]) {
    let ended = run(args, &[], b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("cargo build --release --features mcp"), "{}", ended.stderr);
}

#[cfg(not(feature = "mcp"))]
#[tokio::test]
async fn a_gateway_without_tools_for_agents_has_no_route_for_them() {
    let gateway = crate::process::Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &[]);
    let (status, problem) =
        crate::process::answer(gateway.request("POST", "/mcp", &serde_json::json!({}))).await;
    assert_eq!((status, problem["code"].as_str()), (404, Some("not_found")));
    assert!(problem["detail"].as_str().unwrap().contains("--features mcp"), "{problem}");
}
