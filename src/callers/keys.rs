//! The keys that callers present, of which the gateway knows only SHA-256 hashes.
//!
//! A key file has one `name sha256-hex [app=NAME] [scope=read,write,operate]` a line; blank lines and lines that begin with `#`
//! are skipped. Without `app=` a key is for the app `default`, without `scope=` it may read and write. A name may have
//! several keys, so that one can be replaced without a gap. A plain hash is enough because keys are meant to be random
//! (`openssl rand -hex 32`), not chosen by people.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Caller;
use super::line::{self, HASH_BYTES, LineError};
use crate::domain::AppName;

/// The keys of every caller. Its `Debug` shows callers only.
#[derive(Clone)]
pub struct CallerKeys {
    callers: HashMap<[u8; HASH_BYTES], Arc<Caller>>,
    /// How many names each app has.
    names: HashMap<AppName, usize>,
}

/// Why a file of caller keys cannot be used; never shows a hash.
#[derive(Debug, thiserror::Error)]
pub enum CallerKeysError {
    /// The file cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Some lines are wrong; all of them are listed.
    #[error("{}", list(path, lines))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line numbers, from 1, and what is wrong there.
        lines: Vec<(usize, LineError)>,
    },
    /// No line holds a key.
    #[error("{} holds no key; write one \"name sha256-hex\" a line", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

fn list(path: &Path, lines: &[(usize, LineError)]) -> String {
    let lines: Vec<_> = lines.iter().map(|(line, error)| format!("line {line}: {error}")).collect();
    format!("{}, {}", path.display(), lines.join("; "))
}

impl CallerKeys {
    /// Reads the text of a key file for a gateway with these apps; `path` is only for errors.
    ///
    /// # Errors
    /// When it holds no key, or has a line that is wrong (all such lines are named).
    pub fn parse(text: &str, path: &Path, apps: &[AppName]) -> Result<Self, CallerKeysError> {
        let mut callers = HashMap::new();
        let mut lines = Vec::new();
        let mut first_lines = HashMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line::parse(line, apps) {
                Err(error) => lines.push((number, error)),
                Ok((hash, caller)) => match first_lines.get(&hash) {
                    Some(&first) => lines.push((number, LineError::Repeated { first })),
                    None => {
                        first_lines.insert(hash, number);
                        callers.insert(hash, Arc::new(caller));
                    }
                },
            }
        }
        if !lines.is_empty() {
            return Err(CallerKeysError::Malformed { path: path.to_owned(), lines });
        }
        if callers.is_empty() {
            return Err(CallerKeysError::Empty { path: path.to_owned() });
        }
        let distinct: HashSet<_> = callers.values().map(|caller| (&caller.app, &caller.name)).collect();
        let mut names = HashMap::<AppName, usize>::new();
        for (app, _) in distinct {
            *names.entry(app.clone()).or_default() += 1;
        }
        Ok(Self { callers, names })
    }

    /// The caller whose key this is.
    ///
    /// How long the search takes may tell something about hashes that resemble the one presented. That helps nobody to
    /// find a key: a caller cannot choose what its key's hash is, and a hash does not lead back to a random key.
    pub fn find(&self, presented: &str) -> Option<&Arc<Caller>> {
        let hash: [u8; HASH_BYTES] = Sha256::digest(presented).into();
        self.callers.get(&hash)
    }

    /// How many callers an app has, by name.
    pub fn names_of(&self, app: &AppName) -> usize {
        self.names.get(app).copied().unwrap_or(0)
    }

    /// How many keys there are.
    pub fn count(&self) -> usize {
        self.callers.len()
    }
}

impl fmt::Debug for CallerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut callers: Vec<_> = self.callers.values().collect();
        // A map has no order of its own.
        callers.sort_by_cached_key(|caller| format!("{caller:?}"));
        f.debug_set().entries(callers).finish()
    }
}
