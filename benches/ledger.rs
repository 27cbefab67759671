//! What the ledger on SQLite reaches on this machine's disk: accepted and delivered documents a second, and the CPU of each.
//!
//! `just bench-ledger`; `.ci/bench-ledger` starts it with arguments for parts of what it measures; with `GATEWAY_BENCH_POSTGRES=postgres://…` also what one on that PostgreSQL reaches, in a database that
//! is empty and unused otherwise (its own CPU is not counted). Medians of three runs of two seconds, documents of two kilobytes. The more callers come at once, the more
//! of them share a commit.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use approval_gateway::domain::{AppName, InstanceStatus, Mode};
use approval_gateway::ledger::postgres::{PostgresLedger, PostgresSettings, PostgresTls};
use approval_gateway::ledger::sqlite::SqliteLedger;
use approval_gateway::ledger::{
    Acceptance, Body, ContentHash, DeliveryRecord, DeliveryResult, DocumentSource, Epoch, InstanceKey,
    Ledger, LedgerMetrics, NewDocument, Report,
};
use approval_gateway::metrics::Metrics;
use approval_gateway::support::clock::Clock;
use sha2::{Digest as _, Sha256};

const CALLERS: [usize; 5] = [1, 10, 64, 100, 256];
const RUN: Duration = Duration::from_secs(2);
const RUNS: usize = 3;

/// Ticks of `/proc/self/stat` in a second, on every Linux.
const TICKS: f64 = 100.0;

/// Where the documents go.
#[derive(Clone)]
enum Place {
    Sqlite,
    Postgres(Box<PostgresSettings>),
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["writer", callers] => writer(callers.parse().expect("a number")),
        ["fill", path, count] => fill(Path::new(path), count.parse().expect("a number")),
        _ => tables(),
    }
}

fn tables() {
    table(&Place::Sqlite);
    if let Ok(url) = std::env::var("GATEWAY_BENCH_POSTGRES") {
        println!("\nPostgreSQL");
        table(&Place::Postgres(Box::new(PostgresSettings {
            connection: url.parse().expect("a URL of PostgreSQL"),
            tls: PostgresTls::Off,
            max_connections: 10,
            allow_unsafe: false,
        })));
    }
}

fn table(place: &Place) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!("callers  accepted/s  CPU each  in a commit  delivered/s  CPU each");
    for callers in CALLERS {
        let mut runs: Vec<Figures> = (0..RUNS).map(|_| runtime.block_on(run(place, callers))).collect();
        runs.sort_by(|a, b| a.accept.per_second.total_cmp(&b.accept.per_second));
        let Figures { accept, group, deliver } = &runs[RUNS / 2];
        println!(
            "{callers:7}  {:10.0}  {:5.0} µs  {group:11.1}  {:11.0}  {:5.0} µs",
            accept.per_second, accept.cpu_micros, deliver.per_second, deliver.cpu_micros
        );
    }
}

/// Prints how many documents a second the writer thread takes from so many callers, and nothing else.
fn writer(callers: usize) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut runs: Vec<f64> =
        (0..RUNS).map(|_| runtime.block_on(run(&Place::Sqlite, callers)).accept.per_second).collect();
    runs.sort_by(f64::total_cmp);
    println!("{:.0}", runs[RUNS / 2]);
}

/// Makes a ledger that keeps so many delivered instances.
fn fill(path: &Path, count: usize) {
    const CALLERS: usize = 128;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let measured = LedgerMetrics::new(&Metrics::new());
        let ledger = Arc::new(SqliteLedger::open(path, Clock::System, measured).expect("a ledger"));
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let ledger = Arc::clone(&ledger);
                tokio::spawn(async move {
                    for number in (caller..count).step_by(CALLERS) {
                        let id = format!("kept-{number}");
                        let acceptance =
                            Acceptance::new(InstanceKey::new(AppName::default(), &*id), document(&id));
                        let accepted = ledger.accept(acceptance).await.expect("accepted").record;
                        deliver(&*ledger, accepted).await.expect("its newest document");
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.expect("no panic");
        }
        ledger.close().await;
    });
}

/// Reports a document as delivered, read fresh as the dispatcher does.
async fn deliver(ledger: &dyn Ledger, accepted: DeliveryRecord) -> Option<DeliveryRecord> {
    let kept = ledger.document(&accepted.key).await.expect("read").expect("kept");
    let attempt = kept.record.desired();
    let result = DeliveryResult::Delivered { check_at: None };
    let report = Report { epoch: Some(Epoch::default()), ..Report::new(accepted.key, attempt, result) };
    ledger.report(report).await.expect("reported").map(|reported| reported.record)
}

/// Figures of one run.
struct Figures {
    accept: Rate,
    /// Commands that shared a commit, in the mean.
    group: f64,
    deliver: Rate,
}

struct Rate {
    per_second: f64,
    cpu_micros: f64,
}

async fn run(place: &Place, callers: usize) -> Figures {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let metrics = Metrics::new();
    let path = directory.path().join("ledger.db");
    let measured = LedgerMetrics::new(&metrics);
    let ledger: Arc<dyn Ledger> = match place {
        Place::Sqlite => Arc::new(SqliteLedger::open(&path, Clock::System, measured).expect("a ledger")),
        Place::Postgres(settings) => {
            Arc::new(PostgresLedger::open(settings, Clock::System, measured).await.expect("a ledger"))
        }
    };
    // Other instances than those of the runs before.
    let run = fastrand::u32(..);
    let mut accepted = Vec::new();
    let accept = measure(callers, |caller, until| {
        let ledger = Arc::clone(&ledger);
        async move {
            let mut accepted = Vec::new();
            while Instant::now() < until {
                let id = format!("{run}-{caller}-{}", accepted.len());
                let acceptance = Acceptance::new(InstanceKey::new(AppName::default(), &*id), document(&id));
                accepted.push(ledger.accept(acceptance).await.expect("accepted").record);
            }
            accepted
        }
    })
    .await;
    let group = mean_group(&metrics);
    accepted.extend(accept.1);
    let queue = Arc::new(std::sync::Mutex::new(accepted));
    let deliver = measure(callers, |_, until| {
        let (ledger, queue) = (Arc::clone(&ledger), Arc::clone(&queue));
        async move {
            let mut delivered = Vec::new();
            while Instant::now() < until {
                let Some(record) = queue.lock().expect("no panic").pop() else { break };
                delivered.extend(deliver(&*ledger, record).await);
            }
            delivered
        }
    })
    .await;
    ledger.close().await;
    Figures { accept: accept.0, group, deliver: deliver.0 }
}

/// Lets so many callers work at once.
async fn measure<T, F>(callers: usize, work: impl Fn(usize, Instant) -> F) -> (Rate, Vec<T>)
where
    T: Send + 'static,
    F: Future<Output = Vec<T>> + Send + 'static,
{
    let (started, cpu) = (Instant::now(), cpu_seconds());
    let tasks: Vec<_> = (0..callers).map(|caller| tokio::spawn(work(caller, started + RUN))).collect();
    let mut done = Vec::new();
    for task in tasks {
        done.extend(task.await.expect("no panic"));
    }
    let count = done.len().max(1) as f64;
    let per_second = count / started.elapsed().as_secs_f64();
    (Rate { per_second, cpu_micros: (cpu_seconds() - cpu) * 1e6 / count }, done)
}

/// A document of two kilobytes, half of which is the same in all.
fn document(id: &str) -> DocumentSource {
    let rows: Vec<String> = (0..8)
        .map(|row| {
            let value = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
            format!("{{\"name\":\"field number {row}\",\"value\":\"{value} and some text that is always the same\"}}")
        })
        .collect();
    let links = "https://oa.example.com/approvals/".repeat(25);
    let json = format!("{{\"instance_id\":\"{id}\",\"links\":\"{links}\",\"form\":[{}]}}", rows.join(","));
    DocumentSource::Given(NewDocument {
        approval_code: "7C468A54-8745-2245-9675-08B7C63E7A85".to_owned(),
        status: InstanceStatus::Pending,
        hash: ContentHash(Sha256::digest(&json).into()),
        body: Body::new(json.as_bytes()),
        tasks: Vec::new(),
        version: None,
        mode: Mode::Replace,
        is_mode_given: false,
    })
}

fn mean_group(metrics: &Metrics) -> f64 {
    let text = metrics.text().expect("metrics");
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("a metric");
        line.trim().parse::<f64>().expect("a number")
    };
    value("gateway_ledger_group_size_sum ") / value("gateway_ledger_group_size_count ")
}

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(") ").next().expect("a name").split(' ').collect();
    let ticks: f64 = fields[11..13].iter().map(|ticks| ticks.parse::<f64>().expect("a number")).sum();
    ticks / TICKS
}
