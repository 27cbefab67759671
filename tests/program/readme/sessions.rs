//! Every session in the documents runs, and is answered as shown.
//!
//! A block marked `sh session` is a session; the `json` block right behind it is its answer. The sessions of one document
//! share a gateway, in order. Lines that begin with `$ curl` in `console` blocks must succeed; their answers may be shortened.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value;
use test_case::test_case;

use super::alike::differences;
use super::markdown::{Block, Document, document, documents};
use crate::feishu::FOR_EVER;
use crate::process::Running;

/// The program with its sandbox, and a shell in front of it.
struct Gateway {
    process: Running,
    directory: tempfile::TempDir,
    /// Takes what is tapped, where the document asks for it.
    _handler: Option<Handler>,
    /// Is told of events, likewise.
    _receiver: Option<Handler>,
}

/// The handler that the documents let readers start.
struct Handler(Child);

impl Drop for Handler {
    fn drop(&mut self) {
        // Has no effect on one that ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the documents say to start it.
const HANDLER: &str = "examples/callbacks/handler.py";

impl Handler {
    /// Starts it, and waits until it listens.
    fn start(gateway: &str, port: u16) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(HANDLER);
        let mut command = Command::new("python3");
        command.arg(script).args([gateway, &port.to_string()]).env("NO_PROXY", "*").stdout(Stdio::null());
        Self::listening(&mut command, port)
    }

    /// The receiver of events, as the document shows it; what it was told is in a file.
    fn receiver(document: &Document, directory: &Path, port: u16) -> Self {
        let blocks = document.blocks();
        let program = blocks.iter().find(|block| block.info == "python").unwrap();
        fs::write(directory.join("receiver.py"), program.text.replace("9001", &port.to_string())).unwrap();
        let told = fs::File::create(directory.join("told.ndjson")).unwrap();
        Self::listening(Command::new("python3").arg("receiver.py").current_dir(directory).stdout(told), port)
    }

    fn listening(command: &mut Command, port: u16) -> Self {
        let handler = Self(command.stderr(Stdio::null()).spawn().unwrap());
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < FOR_EVER, "the handler does not listen");
            std::thread::yield_now();
        }
        handler
    }
}

impl Gateway {
    fn start(document: &Document) -> Self {
        let directory = tempfile::TempDir::new().unwrap();
        let port = free_port();
        let target = format!("http://127.0.0.1:{port}/");
        let arguments = ["serve", "--sandbox", "--listen", "127.0.0.1:0", "--callback-target", &target];
        let secrets = directory.path().join("webhook-secrets.txt");
        fs::write(&secrets, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let receiver_port = free_port();
        let url = format!("http://127.0.0.1:{receiver_port}/");
        let webhooks = [
            ("GATEWAY_FEISHU__WEBHOOKS__URL", &*url),
            ("GATEWAY_FEISHU__WEBHOOKS__SECRET_FILE", secrets.to_str().unwrap()),
        ];
        let has_receiver = document.name == RECEIVER;
        let receiver = has_receiver.then(|| Handler::receiver(document, directory.path(), receiver_port));
        let process = Running::start(&arguments, if has_receiver { &webhooks } else { &[] });
        let handler = document.text.contains(HANDLER).then(|| Handler::start(&process.origin, port));
        Self { process, directory, _handler: handler, _receiver: receiver }
    }

    /// Runs a script as a reader would in a terminal, who sees the gateway at `shown` rather than at a free port.
    fn run(&self, script: &str, shown: &str) -> Output {
        let address = self.process.origin.trim_start_matches("http://");
        let program = Path::new(env!("CARGO_BIN_EXE_approval-gateway")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        Command::new("bash")
            .args(["-euo", "pipefail", "-c", &script.replace(shown, address)])
            .current_dir(&self.directory)
            .env("NO_PROXY", "*")
            .env("PATH", format!("{}:{path}", program.display()))
            .output()
            .unwrap()
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The document that has a receiver of events.
const RECEIVER: &str = "docs/events.md";

/// Where the documents say that the gateway listens.
const SHOWN_ADDRESS: &str = "127.0.0.1:8080";

/// The instance and the approver that docs/sandbox.md asks for.
const SANDBOX_EXAMPLE: &str = r#"curl -sS --fail-with-body -X PUT http://127.0.0.1:8080/v1/instances/oa-417 \
  -H 'Content-Type: application/json' --data-binary '{
    "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85", "status": "pending", "pc_link": "https://oa.example.com/417",
    "applicant_user_id": "applicant", "started_at": "2026-03-14T09:00:00Z", "tasks": [{"task_id": "oa-417-1",
    "user_id": "approver", "status": "pending", "created_at": "2026-03-14T09:00:00Z"}]}'"#;

fn succeeded(output: Output, place: &str) -> String {
    let answer = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{place} failed: {answer}{complaint}");
    answer
}

fn run_sessions(document: &Document) -> usize {
    let gateway = Gateway::start(document);
    let blocks = document.blocks();
    let sessions = blocks.iter().enumerate().filter(|(_, block)| block.info == "sh session");
    let mut run = 0;
    for (index, Block { line, text, .. }) in sessions {
        let place = format!("{}, line {line}", document.name);
        let answer = succeeded(gateway.run(text, SHOWN_ADDRESS), &place);
        let shown = blocks.get(index + 1).filter(|block| block.info == "json");
        let shown = shown.unwrap_or_else(|| panic!("{place}: no answer is shown"));
        let shown: Value = serde_json::from_str(&shown.text).unwrap();
        let real: Value =
            serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{place} answered {answer}"));
        assert_eq!(differences(&shown, &real), Vec::<String>::new(), "{place} answered {answer}");
        run += 1;
    }
    run
}

#[test_case("README.md")]
#[test_case("README.zh-CN.md")]
fn the_readme_is_answered_as_shown(name: &str) {
    assert!(run_sessions(&document(name)) >= 5);
}

#[test]
fn the_other_documents_are_answered_as_shown() {
    let others = documents().into_iter().filter(|document| !document.name.starts_with("README"));
    let run: usize =
        others.filter(|other| other.text.contains("```sh session\n")).map(|other| run_sessions(&other)).sum();
    assert!(run >= 3);
}

#[test]
fn curl_lines_in_consoles_succeed() {
    for document in documents() {
        let consoles = document.blocks().into_iter().filter(|block| block.info == "console");
        let lines: Vec<_> = consoles
            .flat_map(|block| block.text.lines().map(str::to_owned).collect::<Vec<_>>())
            .filter_map(|line| line.strip_prefix("$ curl ").map(str::to_owned))
            .collect();
        if lines.is_empty() {
            continue;
        }
        let gateway = Gateway::start(&document);
        succeeded(gateway.run(SANDBOX_EXAMPLE, SHOWN_ADDRESS), "the instance that the document asks for");
        for line in lines {
            let script = format!("SANDBOX=http://{SHOWN_ADDRESS}\ncurl --fail-with-body {line}");
            succeeded(gateway.run(&script, SHOWN_ADDRESS), &format!("{}: curl {line}", document.name));
        }
    }
}
