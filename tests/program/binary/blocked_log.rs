//! A log that cannot be written, or that nobody reads, holds up neither requests nor the end.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::binary::documents::instance;
use crate::feishu::{FOR_EVER, client};

/// Many more than it takes to fill what a pipe and the gateway hold of its log.
const MANY: usize = 20_000;

/// A gateway with much to log; where its log goes is for the test to say.
struct Gateway {
    child: Child,
    origin: String,
    http: reqwest::Client,
}

impl Gateway {
    fn start(command: &mut Command) -> Self {
        let mut child =
            command.env_clear().env("GATEWAY_LEDGER__URL", "none").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let origin = line.trim_end().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, origin, http: client() }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.http.get(format!("{}{path}", self.origin)).timeout(FOR_EVER).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn dropped_lines(&self) -> u64 {
        let (_, text) = self.get("/metrics").await;
        let value = text.lines().find_map(|line| line.strip_prefix("gateway_log_lines_dropped_total "));
        value.unwrap().parse().unwrap()
    }

    /// Sends requests until lines are dropped.
    async fn fill(&self) {
        for nth in 0..MANY {
            assert_eq!(self.get("/v1/problems/internal_error").await.0, 200);
            if nth % 50 == 0 && self.dropped_lines().await > 0 {
                return;
            }
        }
        panic!("{MANY} requests filled nothing");
    }

    /// Asks it to stop, without waiting.
    fn terminate(&self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
    }

    /// Asks it to stop, and waits for its end.
    async fn stop(self) -> (Option<i32>, Child) {
        self.terminate();
        self.ended().await
    }

    async fn ended(mut self) -> (Option<i32>, Child) {
        let mut ended = None;
        let waiting = async {
            while ended.is_none() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                ended = self.child.try_wait().unwrap();
            }
        };
        if tokio::time::timeout(FOR_EVER, waiting).await.is_err() {
            self.child.kill().unwrap();
        }
        (ended.and_then(|status| status.code()), self.child)
    }
}

const ARGUMENTS: [&str; 6] = ["serve", "--sandbox", "--listen", "127.0.0.1:0", "--log-filter", "trace"];

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_reads_holds_up_nothing_and_what_is_lost_is_counted() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_approval-gateway"));
    let gateway = Gateway::start(command.args(ARGUMENTS).stderr(Stdio::piped()));
    gateway.fill().await;
    let put = gateway.http.put(format!("{}/v1/instances/a", gateway.origin));
    let put = put.header("content-type", "application/json").body(instance("a").to_string());
    assert_eq!(put.timeout(FOR_EVER).send().await.unwrap().status(), 200);
    assert_eq!(gateway.get("/livez").await.0, 200);

    let (code, mut ended) = gateway.stop().await;
    assert_eq!(code, Some(0));
    // What the pipe took before it was full are whole lines, but for the last.
    let mut log = String::new();
    ended.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let (whole, _) = log.rsplit_once('\n').unwrap();
    assert!(whole.len() > 32 * 1024, "{}", whole.len());
    assert!(whole.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_a_gateway_whose_log_nobody_reads() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_approval-gateway"));
    command.args(ARGUMENTS).args(["--set", "server.drain_delay_ms=600000"]);
    let gateway = Gateway::start(command.stderr(Stdio::piped()));
    gateway.fill().await;
    gateway.terminate();
    let mut asked = 0;
    while gateway.get("/readyz").await.0 == 200 {
        asked += 1;
        assert!(asked < MANY, "it goes on as if nobody had asked it to stop");
    }
    assert_eq!(gateway.stop().await.0, Some(130));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_log_file_that_may_not_grow_any_more_holds_up_nothing_and_what_is_lost_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let file = std::fs::File::create(&log).unwrap();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "ulimit -f 16; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_approval-gateway")]);
    let gateway = Gateway::start(command.args(ARGUMENTS).stderr(file));
    gateway.fill().await;
    assert_eq!(gateway.get("/livez").await.0, 200);
    assert_eq!(gateway.stop().await.0, Some(0));
    assert!(size(&log) > 0);
}

fn size(file: &Path) -> u64 {
    std::fs::metadata(file).unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_wait_are_written_before_the_end() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_approval-gateway"));
    let mut gateway = Gateway::start(command.args(ARGUMENTS).stderr(Stdio::piped()));
    // More than the pipe takes.
    for _ in 0..1_000 {
        gateway.get("/v1/problems/internal_error").await;
    }
    assert_eq!(gateway.dropped_lines().await, 0);
    let mut stderr = gateway.child.stderr.take().unwrap();
    gateway.terminate();
    let reading = tokio::task::spawn_blocking(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).unwrap();
        log
    });
    assert_eq!(gateway.ended().await.0, Some(0));
    let log = reading.await.unwrap();
    let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!((&last["level"], &last["message"]), (&"INFO".into(), &"stopped".into()), "{last}");
    assert!(log.len() > 128 * 1024, "{}", log.len());
}
