//! The log target that shows upstream exchanges, of the real program.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use test_case::test_case;

use crate::reads::gateway::Answer;
use crate::reads::stand_in::{
    APP_ID, APP_SECRET, APPROVER, CODE, Instance, NOW, SECRETS, StandIn, TEXTS, World,
};

/// The program, ended when the test is.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks the program with these further arguments, and returns its log.
async fn log_of(arguments: &[&str], uris: &[String]) -> String {
    let mut instance = Instance::new("oa-1", NOW);
    instance.title = TEXTS[0].to_owned();
    let feishu = StandIn::start(World::of([instance])).await;
    let child = Command::new(env!("CARGO_BIN_EXE_approval-gateway"))
        .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json"])
        .args(arguments)
        .env_clear()
        .env("GATEWAY_FEISHU__BASE_URL", &feishu.origin)
        .env("GATEWAY_FEISHU__APP_ID", APP_ID)
        .env("GATEWAY_FEISHU__APP_SECRET", APP_SECRET)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut program = Program(child.unwrap());
    let stdout = program.0.stdout.take().unwrap();
    let listening = tokio::task::spawn_blocking(move || BufReader::new(stdout).lines().next());
    let listening = listening.await.unwrap().unwrap().unwrap();
    let base = listening.strip_prefix("listening on ").unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for uri in uris {
        Answer::of(client.get(format!("{base}{uri}")).send().await.unwrap()).await.ok();
    }
    let mut stderr = program.0.stderr.take().unwrap();
    // Asked to end, it writes the last lines.
    assert!(Command::new("kill").arg(program.0.id().to_string()).status().unwrap().success());
    let reading = tokio::task::spawn_blocking(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).unwrap();
        log
    });
    reading.await.unwrap()
}

fn everything() -> Vec<String> {
    vec![
        format!("/v1/instances?instance_id=oa-1&title={}", TEXTS[0]),
        "/v1/tasks?instance_id=oa-1".to_owned(),
        "/v1/cc?instance_id=oa-1".to_owned(),
        "/v1/instances/oa-1".to_owned(),
        format!("/v1/users/{APPROVER}/tasks?topic=todo"),
        format!("/v1/definitions/{CODE}"),
    ]
}

#[test_case("oa-1"; "an instance")]
#[test_case("oa-1-n1"; "a task")]
#[test_case(CODE; "a definition")]
#[test_case("/open-apis/approval/v4/instances/query"; "an operation")]
#[test_case("/open-apis/approval/v4/external_tasks"; "another operation")]
#[test_case("PENDING"; "a status")]
#[tokio::test(flavor = "multi_thread")]
async fn a_trace_shows_what_is_needed_to_debug(shown: &str) {
    let log = log_of(&["--log-filter", "info,approval_gateway::upstream=trace"], &everything()).await;
    assert!(log.contains(shown), "{shown} is not in\n{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_shows_which_definition_was_asked_for() {
    let log = log_of(
        &["--log-filter", "info,approval_gateway::upstream=trace"],
        &[format!("/v1/definitions/{CODE}")],
    )
    .await;
    assert!(log.contains(CODE), "{CODE} is not in\n{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_shows_no_secret_and_nothing_that_people_wrote() {
    let log = log_of(&["--log-filter", "trace"], &everything()).await;
    assert!(log.contains("upstream exchange"), "{log}");
    let links = ["https://oa.example.org/instance", "https://gateway.example.org"];
    let hidden = [APP_SECRET, "t-g204bq6tN3XWYUEKQJ5V2MRDL7ZAHSPO4CIF81", "copy of oa-1", "BK-oa-1"];
    for hidden in hidden.iter().chain(&SECRETS).chain(&TEXTS).chain(&links) {
        assert!(!log.contains(hidden), "{hidden} is in\n{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_flag_shows_exchanges_without_a_filter() {
    let log = log_of(&["--trace-upstream"], &everything()).await;
    assert!(log.contains("upstream exchange"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn exchanges_are_not_shown_unless_asked_for() {
    let log = log_of(&["--log-filter", "debug"], &everything()).await;
    assert!(!log.contains("upstream exchange"), "{log}");
}
