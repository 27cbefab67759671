//! Runs the binary and talks to it; the environment of the test never reaches it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use approval_gateway::sandbox::{Options, Sandbox};
use serde_json::Value;

use crate::feishu::{APP_ID, APP_SECRET, FOR_EVER, Feishu, client};

/// A command that ended by itself.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A server that has announced where it listens.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: Option<JoinHandle<()>>,
    /// What is on standard error so far.
    log: Arc<Mutex<Vec<u8>>>,
    /// As announced: `http://127.0.0.1:1234`.
    pub(crate) origin: String,
    http: reqwest::Client,
}

/// The binary, or a program that is given the binary and its arguments to start.
fn command(program: &[&str], args: &[&str], environment: &[(&str, &str)]) -> Command {
    const BINARY: &str = env!("CARGO_BIN_EXE_approval-gateway");
    let all: Vec<_> = program.iter().chain([&BINARY]).chain(args).collect();
    let mut command = Command::new(all[0]);
    command.args(&all[1..]).env_clear();
    // Nothing is left behind. Where a test is about the ledger, it says where that is; with a sandbox it is temporary.
    if !args.contains(&"--sandbox") {
        command.env("GATEWAY_LEDGER__URL", "none");
    }
    command.envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A sandbox in the test's own process, so that it outlives the gateway.
pub(crate) async fn start_feishu() -> Feishu {
    let credentials = Some((APP_ID.to_owned(), APP_SECRET.to_owned()));
    Feishu::serve(&Sandbox::new(Options { credentials, ..Options::default() })).await
}

/// The environment of a gateway in front of it.
pub(crate) fn environment(feishu: &Feishu) -> Vec<(&str, &str)> {
    vec![
        ("GATEWAY_LISTEN", "127.0.0.1:0"),
        ("GATEWAY_FEISHU__BASE_URL", feishu.origin.as_str()),
        ("GATEWAY_FEISHU__APP_ID", APP_ID),
        ("GATEWAY_FEISHU__APP_SECRET", APP_SECRET),
    ]
}

/// Runs a command to its end.
pub(crate) fn run(args: &[&str], environment: &[(&str, &str)], stdin: &[u8]) -> Ended {
    let mut child = command(&[], args, environment).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // A command that refuses its arguments does not read; that is no failure of the test.
    let _ = input.write_all(stdin);
    drop(input);
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn text(log: &Mutex<Vec<u8>>) -> String {
    String::from_utf8(log.lock().unwrap().clone()).unwrap()
}

/// Status and JSON of an answer.
pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.timeout(FOR_EVER).send().await.unwrap();
    let (status, bytes) = (response.status().as_u16(), response.bytes().await.unwrap());
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

impl Running {
    /// Starts a server on a free port and waits for its announcement.
    pub(crate) fn start(args: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::started(command(&[], args, environment)).unwrap_or_else(|ended| panic!("{ended}"))
    }

    /// Starts a server by a program that becomes it, such as one that limits what it may do; what it wrote when it ended instead.
    pub(crate) fn start_by(
        program: &[&str],
        args: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Self, String> {
        Self::started(command(program, args, environment))
    }

    fn started(mut command: Command) -> Result<Self, String> {
        let mut child = command.spawn().unwrap();
        let mut errors = child.stderr.take().unwrap();
        let log = Arc::<Mutex<Vec<u8>>>::default();
        let written = Arc::clone(&log);
        let stderr = std::thread::spawn(move || {
            let mut part = [0; 8192];
            loop {
                match errors.read(&mut part).unwrap() {
                    0 => return,
                    length => written.lock().unwrap().extend_from_slice(&part[..length]),
                }
            }
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let Some(origin) = line.strip_prefix("listening on ").map(|origin| origin.trim_end().to_owned())
        else {
            child.wait().unwrap();
            stderr.join().unwrap();
            return Err(format!("announced {line:?}; {}", text(&log)));
        };
        Ok(Self { child, stdout, stderr: Some(stderr), log, origin, http: client() })
    }

    /// The next line on standard output, without its end.
    pub(crate) fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn port(&self) -> u16 {
        self.origin.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// A request; the body is JSON.
    pub(crate) fn request(&self, method: &str, path: &str, body: &Value) -> reqwest::RequestBuilder {
        let url = format!("http://127.0.0.1:{}{path}", self.port());
        let request = self.http.request(method.parse().unwrap(), url);
        request.header("content-type", "application/json").body(body.to_string())
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.request("GET", path, &Value::Null)).await
    }

    pub(crate) async fn put(&self, id: &str, query: &str, document: &Value) -> (u16, Value) {
        answer(self.request("PUT", &format!("/v1/instances/{id}{query}"), document)).await
    }

    pub(crate) async fn patch(&self, id: &str, patch: &Value) -> (u16, Value) {
        answer(self.request("PATCH", &format!("/v1/instances/{id}"), patch)).await
    }

    /// Sends a signal, such as `-HUP`.
    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits until its log says something.
    pub(crate) async fn until_logged(&self, words: &str) {
        let polling = async {
            while !text(&self.log).contains(words) {
                // The log is read by another thread; a round trip gives it time.
                self.get("/livez").await;
            }
        };
        tokio::time::timeout(FOR_EVER, polling).await.unwrap();
    }

    /// Asks it to stop, without waiting.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Asks it to read its files again, without waiting.
    pub(crate) fn hang_up(&self) {
        self.signal("-HUP");
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it, without waiting: nothing of it is finished.
    pub(crate) fn kill(&self) {
        self.signal("-KILL");
    }

    /// Lets it stand still, as a machine that is suspended does.
    pub(crate) fn suspend(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    /// Waits for its end; what is on standard output after the announcement is in the answer.
    pub(crate) async fn ended(mut self) -> Ended {
        let killer = self.child.id().to_string();
        let waiting = tokio::task::spawn_blocking(move || {
            let mut stdout = String::new();
            self.stdout.read_to_string(&mut stdout).unwrap();
            self.stderr.take().unwrap().join().unwrap();
            Ended { code: self.child.wait().unwrap().code(), stdout, stderr: text(&self.log) }
        });
        let Ok(ended) = tokio::time::timeout(FOR_EVER, waiting).await else {
            // Lets the waiting thread go, without which the runtime would not end.
            Command::new("kill").args(["-KILL", &killer]).status().unwrap();
            panic!("the process did not end");
        };
        ended.unwrap()
    }

    /// Asks it to stop and waits for its end.
    pub(crate) async fn stop(self) -> Ended {
        self.terminate();
        self.ended().await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Has no effect on one that ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file that lives as long as the answer.
pub(crate) fn file(content: &str) -> tempfile::TempPath {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file.into_temp_path()
}
