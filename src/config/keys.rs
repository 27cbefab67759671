//! The keys that callers present, of which the gateway knows only SHA-256 hashes.
//!
//! A key file has one `name sha256-hex` a line; blank lines and lines that begin with `#` are skipped. A name may
//! have several keys, so that one can be replaced without a gap. A plain hash is enough because keys are meant to be
//! random (`openssl rand -hex 32`), not chosen by people.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};

/// Longest name of a caller, in characters; names appear in log lines.
const LONGEST_NAME: usize = 64;

/// Length of a SHA-256 hash in bytes.
const HASH_BYTES: usize = 32;

/// The keys of every caller. Its `Debug` shows names only.
#[derive(Clone)]
pub struct CallerKeys {
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    name: String,
    hash: [u8; HASH_BYTES],
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

/// What is wrong with a line of a key file; never shows what the line holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Not two words.
    #[error("expected a name and a hash, separated by a blank")]
    Shape,
    /// A name with other characters, or a longer one.
    #[error("a name has 1 to {LONGEST_NAME} letters, digits, '.', '_' or '-'")]
    Name,
    /// Not a SHA-256 hash.
    #[error("a hash is the SHA-256 of the key, as 64 hexadecimal digits")]
    Hash,
    /// One key for two lines, so that its caller would be ambiguous.
    #[error("the same key already stands in line {first}")]
    Repeated {
        /// The earlier line.
        first: usize,
    },
}

fn list(path: &Path, lines: &[(usize, LineError)]) -> String {
    let lines: Vec<_> = lines.iter().map(|(line, error)| format!("line {line}: {error}")).collect();
    format!("{}, {}", path.display(), lines.join("; "))
}

impl CallerKeys {
    /// Reads a key file.
    ///
    /// # Errors
    /// When the file cannot be read, holds no key, or has a line that is wrong (all such lines are named).
    pub fn load(path: &Path) -> Result<Self, CallerKeysError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| CallerKeysError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    /// Reads the text of a key file; `path` is only for errors.
    ///
    /// # Errors
    /// As for [`CallerKeys::load`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, CallerKeysError> {
        let mut entries = Vec::new();
        let mut lines = Vec::new();
        let mut first_lines = HashMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match parse_line(line) {
                Err(error) => lines.push((number, error)),
                Ok(entry) => match first_lines.get(&entry.hash) {
                    Some(&first) => lines.push((number, LineError::Repeated { first })),
                    None => {
                        first_lines.insert(entry.hash, number);
                        entries.push(entry);
                    }
                },
            }
        }
        if !lines.is_empty() {
            return Err(CallerKeysError::Malformed { path: path.to_owned(), lines });
        }
        if entries.is_empty() {
            return Err(CallerKeysError::Empty { path: path.to_owned() });
        }
        Ok(Self { entries })
    }

    /// The name of the caller whose key this is.
    ///
    /// Every hash is compared, in constant time, whichever matches: how long it takes tells nothing about the keys.
    pub fn find(&self, presented: &str) -> Option<&str> {
        let hash: [u8; HASH_BYTES] = Sha256::digest(presented).into();
        // One past the index of the match; 0 while there is none.
        let mut found = 0_u64;
        for (place, entry) in (1_u64..).zip(&self.entries) {
            found.conditional_assign(&place, entry.hash.ct_eq(&hash));
        }
        let index = usize::try_from(found).ok()?.checked_sub(1)?;
        self.entries.get(index).map(|entry| entry.name.as_str())
    }
}

fn parse_line(line: &str) -> Result<Entry, LineError> {
    let mut words = line.split_whitespace();
    let (Some(name), Some(hash), None) = (words.next(), words.next(), words.next()) else {
        return Err(LineError::Shape);
    };
    let is_name_character = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.len() > LONGEST_NAME || !name.chars().all(is_name_character) {
        return Err(LineError::Name);
    }
    let mut bytes = [0; HASH_BYTES];
    hex::decode_to_slice(hash, &mut bytes).map_err(|_| LineError::Hash)?;
    Ok(Entry { name: name.to_owned(), hash: bytes })
}

impl fmt::Debug for CallerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.iter().map(|entry| &entry.name)).finish()
    }
}
