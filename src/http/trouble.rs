//! Trouble of a delivery as problems: for callers who wait, and for the ledger, which keeps them.

use serde_json::{Value, json};

use super::failure::{Subject, call_failed, ledger_failed, oversized, people_unresolved};
use super::problem::{Code, Problem};
use super::rejection::refused;
use super::stored_problem::restored;
use crate::delivery::durable::{DOES_NOT_STICK, Trouble};
use crate::feishu::translate::as_written;
use crate::feishu::{StaleInstance, VersionState};
use crate::ledger::StoredProblem;

/// The code for versions in Feishu that differ from what was delivered.
const DRIFT: &str = "drift";

/// The code for a newer version in Feishu.
const CONFLICT: &str = "conflict";

/// What the ledger keeps of trouble: `code`, `detail`, `errors` and `upstream` of its problem.
pub fn describe(trouble: &Trouble) -> StoredProblem {
    let plain = |code: &str, detail: String| {
        StoredProblem::new(code, json!({ "code": code, "detail": detail }).to_string())
    };
    match trouble {
        Trouble::Drift(stale) => plain(DRIFT, format!("{}; it is delivered again.", differences(stale))),
        Trouble::DoesNotStick(stale) => plain(
            DOES_NOT_STICK,
            format!(
                "{}, although it was delivered again five times within a day. Usually one of its ids collides with an id of \
                 another instance, task or copy of the tenant; else somebody else pushes it, too.",
                differences(stale)
            ),
        ),
        Trouble::Ahead { version } => {
            let what = version.map(|version| format!(" ({version})")).unwrap_or_default();
            plain(
                CONFLICT,
                format!(
                    "Feishu has a newer version{what} than was ever sent from here: somebody else pushes this instance. Push it \
                     again to overwrite that, or let the other one go on."
                ),
            )
        }
        Trouble::Stored(problem) => problem.clone(),
        Trouble::Call(_)
        | Trouble::Push { .. }
        | Trouble::Unreadable(_)
        | Trouble::Oversized(_)
        | Trouble::People(_)
        | Trouble::Ledger(_) => stored(&problem(trouble)),
    }
}

/// The problem of trouble, for a caller who waits.
pub(super) fn problem(trouble: &Trouble) -> Problem {
    match trouble {
        Trouble::Call(error) => call_failed(error.clone(), Subject::Instance),
        Trouble::Push { error, aliases } => call_failed((**error).clone(), Subject::Instance)
            .map_pointers(|pointer| as_written(pointer, aliases)),
        Trouble::Unreadable(rejection) => refused(rejection.clone(), Vec::new()),
        Trouble::Oversized(payload) => oversized(payload.clone()),
        Trouble::People(unresolved) => people_unresolved(unresolved.clone()),
        Trouble::Ledger(error) => ledger_failed(error.clone()),
        Trouble::Stored(problem) => restored(problem),
        Trouble::Drift(_) | Trouble::DoesNotStick(_) | Trouble::Ahead { .. } => {
            Problem::new(Code::SyncConflict)
        }
    }
}

fn stored(problem: &Problem) -> StoredProblem {
    let code = problem.code().as_str();
    let whole: Value = serde_json::from_slice(&problem.to_line("")).unwrap_or_default();
    let kept = ["code", "detail", "errors", "upstream"];
    let kept = kept.iter().filter_map(|name| Some(((*name).to_owned(), whole.get(name)?.clone())));
    StoredProblem::new(code, Value::Object(kept.collect()).to_string())
}

/// What differs, in a sentence without its end.
fn differences(stale: &StaleInstance) -> String {
    let own = match stale.state {
        VersionState::Missing => Some("Feishu does not have the instance".to_owned()),
        VersionState::Behind => Some("Feishu has an older version of the instance".to_owned()),
        VersionState::Ahead => Some("Feishu has another version of the instance".to_owned()),
        VersionState::Current => None,
    };
    match (own, stale.tasks.len()) {
        (Some(own), _) => own,
        (None, 1) => "Feishu has another version of a task, or does not have it".to_owned(),
        (None, tasks) => format!("Feishu has other versions of {tasks} tasks, or does not have them"),
    }
}
