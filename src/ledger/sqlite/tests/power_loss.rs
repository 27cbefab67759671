//! Loss of power: every state of the disk that the recorded writes and syncs allow is opened, and must hold what was
//! acknowledged.
//!
//! Between two syncs of a file any of its writes may be on disk or not, and the last one half. What must not happen is that
//! the database cannot be opened, or lacks what somebody was told is stored.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use super::child::{run, strace, text};
use super::{Place, content, open};
use crate::ledger::Ledger as _;
use crate::ledger::sqlite::check;

/// Sectors that a disk writes whole.
const SECTOR: usize = 512;

/// What the trace holds, in its order.
enum Step {
    Write { file: String, offset: usize, bytes: Vec<u8> },
    Truncate { file: String, length: usize },
    Sync(String),
    Unlink(String),
    Rename { from: String, to: String },
    Acknowledged { id: usize, round: usize },
}

/// One file: what is certainly on disk, and what may be.
#[derive(Default)]
struct Disk {
    durable: Option<Vec<u8>>,
    pending: Vec<Pending>,
}

enum Pending {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

impl Pending {
    fn apply(&self, file: &mut Option<Vec<u8>>, part: Option<usize>) {
        let content = file.get_or_insert_default();
        match self {
            Self::Write(offset, bytes) => {
                let bytes = &bytes[..part.unwrap_or(bytes.len()).min(bytes.len())];
                if content.len() < offset + bytes.len() {
                    content.resize(offset + bytes.len(), 0);
                }
                content[*offset..offset + bytes.len()].copy_from_slice(bytes);
            }
            Self::Truncate(length) => content.resize(*length, 0),
        }
    }
}

impl Disk {
    fn with(&self, chosen: impl Fn(usize) -> bool, torn: Option<usize>) -> Option<Vec<u8>> {
        let mut file = self.durable.clone();
        for (number, pending) in self.pending.iter().enumerate().filter(|(number, _)| chosen(*number)) {
            pending.apply(&mut file, torn.filter(|_| number + 1 == self.pending.len()));
        }
        file
    }

    fn sync(&mut self) {
        self.durable = self.with(|_| true, None);
        self.pending.clear();
    }

    /// What may be there after a loss of power.
    fn states(&self) -> Vec<Option<Vec<u8>>> {
        let count = self.pending.len();
        let prefixes = (0..=count).map(|kept| self.with(|number| number < kept, None));
        let without_one = (0..count).map(|lost| self.with(|number| number != lost, None));
        let only_one = (0..count).map(|kept| self.with(|number| number == kept, None));
        let torn = [SECTOR, SECTOR * 7].into_iter().map(|part| self.with(|_| true, Some(part)));
        prefixes.chain(without_one).chain(only_one).chain(torn).collect()
    }
}

/// Reads what strace has written, of the files that begin with `database`.
fn read(trace: &str, database: &Path) -> Vec<Step> {
    let database = database.to_str().unwrap();
    let suffix = |path: &[u8]| {
        let path = std::str::from_utf8(path).ok()?;
        let suffix = path.strip_prefix(database)?;
        // The index of the log is made anew, and a lock holds nothing.
        (!suffix.ends_with("-shm") && suffix != ".lock").then(|| suffix.to_owned())
    };
    let mut steps = Vec::new();
    for line in trace.lines().filter(|line| !line.contains("resumed>") && !line.contains(" = -1 ")) {
        let Some((call, arguments)) = line.split_once(' ').and_then(|(_, call)| call.trim().split_once('('))
        else {
            continue;
        };
        let texts = quoted(arguments);
        let file = arguments.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
        let file = file.and_then(|(path, _)| suffix(&unescaped(path)));
        let numbers: Vec<usize> = arguments
            .rsplit_once(')')
            .map_or(arguments, |(arguments, _)| arguments)
            .split(", ")
            .filter_map(|argument| argument.trim_end_matches(" <unfinished ...>").parse().ok())
            .collect();
        match (call, file) {
            ("pwrite64", Some(file)) => {
                steps.push(Step::Write { file, offset: numbers[1], bytes: texts[0].clone() });
            }
            ("ftruncate", Some(file)) => steps.push(Step::Truncate { file, length: numbers[0] }),
            ("fsync" | "fdatasync", Some(file)) => steps.push(Step::Sync(file)),
            ("unlink", _) => steps.extend(suffix(&texts[0]).map(Step::Unlink)),
            ("rename", _) => {
                let names = suffix(&texts[0]).zip(suffix(&texts[1]));
                steps.extend(names.map(|(from, to)| Step::Rename { from, to }));
            }
            ("write", None) => {
                let told = texts.first().and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
                if let Some((id, round)) =
                    told.trim().strip_prefix("ack ").and_then(|told| told.split_once(' '))
                {
                    steps.push(Step::Acknowledged { id: id.parse().unwrap(), round: round.parse().unwrap() });
                }
            }
            _ => {}
        }
    }
    steps
}

/// The texts between quotes.
fn quoted(arguments: &str) -> Vec<Vec<u8>> {
    arguments.split('"').skip(1).step_by(2).map(unescaped).collect()
}

/// Text that strace has written as `\x` and two digits each.
fn unescaped(text: &str) -> Vec<u8> {
    hex::decode(text.replace("\\x", "")).unwrap_or_default()
}

/// What was lost, and how many states were looked at.
#[derive(Debug, Default)]
struct Verdict {
    states: usize,
    lost: usize,
    first: Option<String>,
}

/// Looks at states until so many of them have lost something.
async fn replay(steps: Vec<Step>, enough: usize) -> Verdict {
    let mut files: BTreeMap<String, Disk> = BTreeMap::new();
    let mut acknowledged: BTreeMap<usize, usize> = BTreeMap::new();
    let (mut seen, mut verdict) = (HashSet::new(), Verdict::default());
    for step in steps {
        if verdict.lost >= enough {
            break;
        }
        match step {
            Step::Write { file, offset, bytes } => {
                files.entry(file).or_default().pending.push(Pending::Write(offset, bytes));
            }
            Step::Truncate { file, length } => {
                files.entry(file).or_default().pending.push(Pending::Truncate(length));
            }
            Step::Sync(file) => {
                if !files.contains_key(&file) {
                    continue;
                }
                look(&files, &acknowledged, &mut seen, &mut verdict).await;
                files.entry(file).or_default().sync();
            }
            // Names are taken to be on disk at once: the directory is synced where it matters.
            Step::Unlink(file) => {
                look(&files, &acknowledged, &mut seen, &mut verdict).await;
                files.remove(&file);
            }
            Step::Rename { from, to } => {
                look(&files, &acknowledged, &mut seen, &mut verdict).await;
                let disk = files.remove(&from).unwrap();
                files.insert(to, disk);
            }
            Step::Acknowledged { id, round } => {
                acknowledged.insert(id, round);
            }
        }
    }
    look(&files, &acknowledged, &mut seen, &mut verdict).await;
    verdict
}

/// Opens each state that may be there now and was not seen before.
async fn look(
    files: &BTreeMap<String, Disk>,
    acknowledged: &BTreeMap<usize, usize>,
    seen: &mut HashSet<u64>,
    verdict: &mut Verdict,
) {
    for (name, disk) in files {
        for state in disk.states() {
            for others_are_written in [false, true] {
                let others = files.iter().filter(|(other, _)| *other != name);
                let others = others.map(|(other, disk)| (other, disk.with(|_| others_are_written, None)));
                let image: Vec<_> = others.chain([(name, state.clone())]).collect();
                let mut hasher = DefaultHasher::new();
                (&image, acknowledged).hash(&mut hasher);
                if !seen.insert(hasher.finish()) {
                    continue;
                }
                verdict.states += 1;
                if let Err(error) = holds(&image, acknowledged).await {
                    verdict.lost += 1;
                    verdict.first.get_or_insert(error);
                }
            }
        }
    }
}

async fn holds(
    image: &[(&String, Option<Vec<u8>>)],
    acknowledged: &BTreeMap<usize, usize>,
) -> Result<(), String> {
    let place = Place::in_memory();
    for (suffix, content) in image {
        if let Some(content) = content {
            fs::write(super::super::open::beside(&place.path(), suffix), content).unwrap();
        }
    }
    let ledger = open(&place.path()).map_err(|error| format!("it does not open: {error}"))?;
    for (id, round) in acknowledged {
        let found = content(&ledger, &id.to_string()).await;
        let is_there =
            found.as_ref().is_some_and(|found| (*round..99).any(|round| *found == text(*id, round)));
        if !is_there {
            return Err(format!("round {round} of {id} is lost"));
        }
    }
    ledger.close().await;
    let faults = check(&place.path()).map_err(|error| error.to_string())?.faults;
    if faults.is_empty() { Ok(()) } else { Err(faults.join(", ")) }
}

/// Records a child that writes, and replays it.
async fn after_loss_of_power(prepare: &str, enough: usize) -> Option<Verdict> {
    let place = Place::new();
    let trace = place.0.path().join("trace");
    let calls = "trace=pwrite64,write,fdatasync,fsync,ftruncate,unlink,rename";
    let strace = strace(&["-y", "-xx", "-s", "1000000", "-e", calls, "-o", trace.to_str().unwrap()])?;
    let output = run(strace, &place.path(), prepare);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let steps = read(&fs::read_to_string(&trace).unwrap(), &place.path());
    let acknowledged = steps.iter().filter(|step| matches!(step, Step::Acknowledged { .. })).count();
    let checkpoints =
        steps.iter().filter(|step| matches!(step, Step::Write { file, .. } if file.is_empty())).count();
    assert!(acknowledged >= 25 && checkpoints > 10, "{acknowledged} documents, {checkpoints} pages");
    Some(replay(steps, enough).await)
}

#[tokio::test]
async fn no_loss_of_power_loses_what_was_acknowledged() {
    let Some(verdict) = after_loss_of_power("", 1).await else { return };
    assert!(verdict.states > 300, "{verdict:?}");
    assert_eq!((verdict.lost, &verdict.first), (0, &None), "of {} states", verdict.states);
}

/// The test above would see it.
#[tokio::test]
async fn without_a_sync_at_each_commit_a_loss_of_power_would_lose_documents() {
    let Some(verdict) = after_loss_of_power("pragma synchronous = normal", 10).await else { return };
    assert!(verdict.lost >= 10, "{verdict:?}");
}
