//! The ledger: can this machine keep what is accepted?

use std::path::Path;

use super::advice::{self, Advice};
use super::report::{Finding, State};
use crate::ledger::sqlite::{OpenError, Standing, examine};
use crate::support::error_chain::ErrorChain;

/// Least part of a disk that should be free, in percent; there is an alert for it, too.
const LEAST_FREE: u64 = 10;

/// What is to be said of the ledger at this path. Changes nothing of it.
pub(super) fn findings(path: &Path) -> Vec<Finding> {
    match examine(path) {
        Ok(standing) => {
            let detail = match standing {
                Standing { is_open: true, .. } => "a gateway has it open",
                Standing { exists: true, .. } => "it is there, and no gateway has it open",
                Standing { exists: false, .. } => "the first start of a gateway makes it",
            };
            let file = finding("file", State::Ok, detail.to_owned(), None);
            std::iter::once(file).chain(standing.disk.map(disk)).collect()
        }
        Err(error) => {
            let detail = ErrorChain(&error).to_string();
            vec![finding("file", State::Failed, detail, Some(advice(&error)))]
        }
    }
}

fn disk((free, all): (u64, u64)) -> Finding {
    let mib = |bytes: u64| bytes >> 20;
    let detail = format!("{} of {} MiB are free", mib(free), mib(all));
    if free < all / 100 * LEAST_FREE {
        finding("disk", State::Failed, detail, Some(advice::disk_space()))
    } else {
        finding("disk", State::Ok, detail, None)
    }
}

fn finding(subject: &'static str, state: State, detail: String, advice: Option<Advice>) -> Finding {
    Finding { check: "ledger", subject: Some(subject), state, detail, advice }
}

fn advice(error: &OpenError) -> Advice {
    match error {
        OpenError::NoDirectory { .. } => advice::no_directory(),
        OpenError::NetworkFileSystem { .. } => advice::network_file_system(),
        OpenError::ReadOnly { .. } => advice::not_writable(),
        OpenError::Foreign { .. } => advice::foreign_file(),
        OpenError::Corrupt { .. } => advice::damaged_ledger(),
        OpenError::Newer { .. } => advice::newer_ledger(),
        _ => advice::ledger_io(),
    }
}
