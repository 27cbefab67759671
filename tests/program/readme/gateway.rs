//! The built program with its sandbox, and a shell in front of it.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// A running gateway with a fresh sandbox; it ends with the value.
pub(crate) struct Gateway {
    process: Child,
    address: String,
    directory: TempDir,
}

impl Gateway {
    pub(crate) fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_approval-gateway"));
        command.args(["serve", "--sandbox", "--listen", "127.0.0.1:0"]);
        // Nothing that configures the machine's own gateway may decide the outcome.
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GATEWAY_")) {
            command.env_remove(name);
        }
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap_or_default().to_owned();
        let gateway = Self { process, address, directory: TempDir::new().unwrap() };
        assert!(!gateway.address.is_empty(), "the first line of output was {line:?}");
        gateway
    }

    /// Runs a script as a reader would in a terminal, who sees the gateway at `shown` rather than at a free port.
    pub(crate) fn run(&self, script: &str, shown: &str) -> Output {
        Command::new("bash")
            .args(["-euo", "pipefail", "-c", &script.replace(shown, &self.address)])
            .current_dir(&self.directory)
            .env("NO_PROXY", "*")
            .output()
            .expect("bash runs the documents' sessions, and is missing")
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended by itself, and then nothing is left to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
