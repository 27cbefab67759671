//! A private PostgreSQL, started by the tests themselves, which goes when the test program goes.
//!
//! It runs as a user without rights, and is reached by a socket in a directory of its own. A shell watches it: when
//! the test program ends, however it ends, the shell's input ends, and it stops the server and removes the directory. A
//! server that does not listen any more is killed, and what a shell that was killed has left is removed by the next one.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Where Debian and its like keep the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Starts the server, tells its directory, and stops it when there is nothing more to read.
const WATCH: &str = r#"
set -e
bin=$1 base=$2; shift 2
end() {
  "$bin/pg_ctl" -D "$1/data" -m immediate -t 3 stop >/dev/null 2>&1 || true
  for process in /proc/[0-9]*; do
    # Every process of a server works in the directory of its data.
    [ "$(readlink "$process/cwd")" != "$1/data" ] || kill -KILL "${process#/proc/}" || true
  done 2>/dev/null
  rm -rf "$1"
}
for left in "$base"/ledger-postgres.*; do
  watcher=${left#*/ledger-postgres.}
  [ ! -O "$left" ] || [ -d "/proc/${watcher%.*}" ] || end "$left"
done
dir=$(mktemp -d "$base/ledger-postgres.$$.XXXXXX")
trap 'end "$dir"' EXIT
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1
{ echo "unix_socket_directories = '$dir'"; for setting in "$@"; do echo "$setting"; done; } >>"$dir/data/postgresql.conf"
"$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/server.log" start >/dev/null </dev/null
echo "$dir"
cat >/dev/null
"#;

/// A server that lives as long as this does.
#[derive(Debug)]
pub struct Server {
    bin: PathBuf,
    directory: PathBuf,
    watcher: Mutex<Child>,
    databases: AtomicU32,
}

impl Drop for Server {
    fn drop(&mut self) {
        let watcher = self.watcher.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(watcher.stdin.take());
        let _ = watcher.wait();
    }
}

impl Server {
    /// The server that all tests of this program share; `None`, and visibly so, where PostgreSQL is not installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[])).as_ref()
    }

    /// A server of its own, with further settings.
    pub fn start(settings: &[&str]) -> Option<Self> {
        let Some(bin) = programs() else {
            let may_skip = std::env::var_os("GATEWAY_TESTS_SKIP_NOTHING").is_none();
            assert!(may_skip, "PostgreSQL is not installed (Debian: the package postgresql)");
            println!("SKIPPED: PostgreSQL is not installed (Debian: the package postgresql)");
            return None;
        };
        // In memory, where that can be: what is tested is not this disk.
        let base = ["/dev/shm", "/tmp"].into_iter().find(|base| Path::new(base).is_dir()).unwrap_or(".");
        let defaults = [
            "listen_addresses = ''",
            "max_connections = 300",
            "shared_buffers = 64MB",
            "wal_level = minimal",
            "max_wal_senders = 0",
            // In the directory of the data, so that nothing of a server that was killed is left elsewhere.
            "dynamic_shared_memory_type = mmap",
            "log_line_prefix = '%m [%p] %d '",
        ];
        let mut watcher = as_nobody("bash")
            .args(["-c", WATCH, "watch"])
            .arg(&bin)
            .arg(base)
            .args(defaults)
            .args(settings)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What is sent to the tests from a terminal is not for the shell: it has still to tidy up.
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(watcher.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "PostgreSQL does not start");
        let directory = PathBuf::from(line.trim_end());
        Some(Self { bin, directory, watcher: Mutex::new(watcher), databases: AtomicU32::new(0) })
    }

    /// Makes a database of its own for a test; from a template, if one is named.
    pub fn database(&self, template: Option<&str>) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let template = template.map(|template| format!(" template {template}")).unwrap_or_default();
        self.sql("postgres", &format!("create database {name}{template}"));
        name
    }

    /// The URL of a database, for a user.
    pub fn url_of(&self, user: &str, database: &str) -> String {
        let directory = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres://{user}@{directory}/{database}")
    }

    /// The URL of a database, for its owner.
    pub fn url(&self, database: &str) -> String {
        self.url_of("postgres", database)
    }

    /// The directory of the server's socket and data.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Executes SQL as the owner of everything; gives its rows, one a line.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let output = Command::new(self.bin.join("psql"))
            .arg("-h")
            .arg(&self.directory)
            .args(["-U", "postgres", "-d", database, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql])
            .output()
            .unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Stops or restarts the server: `stop`, `start`, `restart`, with the given mode.
    pub fn control(&self, what: &str, mode: &str) {
        let status = as_nobody(self.bin.join("pg_ctl").to_str().unwrap())
            .arg("-D")
            .arg(self.directory.join("data"))
            .args(["-w", "-t", "60", "-m", mode, "-l"])
            .arg(self.directory.join("server.log"))
            .arg(what)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{what} {mode}");
    }
}

/// The directory of the server's programs.
fn programs() -> Option<PathBuf> {
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    let told = told
        .filter(|output| output.status.success())
        .and_then(|output| Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim_end())));
    let mut installed: Vec<PathBuf> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    installed.sort();
    told.into_iter().chain(installed.into_iter().rev()).find(|bin| bin.join("initdb").exists())
}

/// A command of a user without rights: the server refuses to run as root.
pub fn as_nobody(program: &str) -> Command {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout.trim_ascii() != b"0" {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", program]);
    command
}
