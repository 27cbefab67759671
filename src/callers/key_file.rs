//! The file of caller keys while the gateway runs: a change takes effect without a restart.
//!
//! The content is compared, not the time of the change: Kubernetes swaps a link, and clocks of file systems are coarse.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use prometheus::IntGauge;
use tracing::{error, info};

use super::{Caller, CallerKeys, CallerKeysError};
use crate::domain::AppName;
use crate::support::file_reader::FileReader;

/// How often the file is looked at; our choice. A change takes effect at the second look that sees it.
const PERIOD: Duration = Duration::from_secs(1);

/// The current keys, swapped on reload. Reading them takes no lock; clones share one set.
#[derive(Debug, Clone)]
pub struct KeyRing(Arc<ArcSwap<CallerKeys>>);

impl KeyRing {
    /// A ring with these keys, until others take their place.
    pub fn new(keys: CallerKeys) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(keys)))
    }

    /// The caller whose key this is, by the keys that hold now.
    pub fn find(&self, presented: &str) -> Option<Arc<Caller>> {
        self.0.load().find(presented).cloned()
    }

    /// How many callers an app has, by name, by the keys that hold now.
    pub fn names_of(&self, app: &AppName) -> usize {
        self.0.load().names_of(app)
    }
}

/// Watches the key file.
#[derive(Debug, Clone)]
pub struct KeyFile {
    reader: Arc<FileReader>,
    apps: Vec<AppName>,
    /// The current keys.
    ring: KeyRing,
    /// The content that was applied last, even if it was refused, and one that was seen once since then.
    applied: Content,
    pending: Option<Content>,
    /// Whether what was applied last could be used.
    is_current: bool,
}

/// A file's text, or why there is none. No `Debug`: hashes are nobody's business.
#[derive(Clone, PartialEq, Eq)]
enum Content {
    Text(String),
    Unreadable(std::io::ErrorKind),
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Content(..)")
    }
}

impl KeyFile {
    /// Reads a key file for a gateway with these apps.
    ///
    /// # Errors
    /// When the file cannot be read, holds no key, or has a line that is wrong (all such lines are named).
    pub fn load(path: &Path, apps: &[AppName]) -> Result<Self, CallerKeysError> {
        let reader = FileReader::new(path);
        let text = reader
            .read_text()
            .map_err(|source| CallerKeysError::Unreadable { path: path.to_owned(), source })?;
        let keys = CallerKeys::parse(&text, path, apps)?;
        Ok(Self {
            reader: Arc::new(reader),
            apps: apps.to_vec(),
            ring: KeyRing::new(keys),
            applied: Content::Text(text),
            pending: None,
            is_current: true,
        })
    }

    /// The keys that hold now, and will after every change.
    pub fn ring(&self) -> KeyRing {
        self.ring.clone()
    }

    /// Looks at the file every second, and at once when `asked` says so; ends when `asked` does. Errors are logged, and
    /// `is_current` is 0 while the keys in use are older than the file.
    pub async fn watch(mut self, mut asked: tokio::sync::mpsc::Receiver<()>, is_current: IntGauge) {
        loop {
            is_current.set(self.is_current.into());
            match tokio::time::timeout(PERIOD, asked.recv()).await {
                Ok(Some(())) => self.reread().await,
                Ok(None) => return,
                Err(_) => self.look().await,
            }
        }
    }

    /// Takes what the file holds now, be it changed or not.
    pub async fn reread(&mut self) {
        let content = self.content().await;
        self.apply(content);
    }

    /// Takes what the file holds when it was the same at the look before: a change that is still being written waits.
    pub async fn look(&mut self) {
        let content = self.content().await;
        if content == self.applied {
            self.pending = None;
        } else if self.pending.as_ref() == Some(&content) {
            self.apply(content);
        } else {
            self.pending = Some(content);
        }
    }

    async fn content(&self) -> Content {
        let reader = Arc::clone(&self.reader);
        match tokio::task::spawn_blocking(move || reader.read_text()).await {
            Ok(Ok(text)) => Content::Text(text),
            Ok(Err(error)) => Content::Unreadable(error.kind()),
            Err(_) => Content::Unreadable(std::io::ErrorKind::Other),
        }
    }

    fn apply(&mut self, content: Content) {
        let keys = match &content {
            Content::Text(text) => CallerKeys::parse(text, self.reader.path(), &self.apps),
            Content::Unreadable(kind) => {
                let path = self.reader.path().to_owned();
                Err(CallerKeysError::Unreadable { path, source: (*kind).into() })
            }
        };
        self.applied = content;
        self.pending = None;
        self.is_current = keys.is_ok();
        match keys {
            Ok(keys) => {
                info!(keys = keys.count(), "the file of caller keys was read again and holds from now on");
                self.ring.0.store(Arc::new(keys));
            }
            Err(problem) => error!(
                error = &problem as &dyn std::error::Error,
                "the file of caller keys has changed and cannot be used; the keys that it held before still hold"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use sha2::{Digest, Sha256};
    use tempfile::TempDir;
    use test_case::test_case;

    use super::*;

    fn line(key: &str) -> String {
        format!("{key} {}\n", hex::encode(Sha256::digest(key)))
    }

    fn start() -> (TempDir, PathBuf, KeyFile) {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("keys");
        fs::write(&path, line("old")).unwrap();
        let file = KeyFile::load(&path, &[AppName::default()]).unwrap();
        (directory, path, file)
    }

    /// Which of the two keys hold.
    fn held(file: &KeyFile) -> [bool; 2] {
        ["old", "new"].map(|key| file.ring().find(key).is_some())
    }

    #[tokio::test]
    async fn a_change_holds_once_it_was_seen_twice() {
        let (_directory, path, mut file) = start();
        fs::write(&path, line("new")).unwrap();
        file.look().await;
        assert_eq!(held(&file), [true, false]);
        file.look().await;
        assert_eq!(held(&file), [false, true]);
    }

    #[tokio::test]
    async fn a_file_that_is_still_being_written_is_left_alone() {
        let (_directory, path, mut file) = start();
        fs::write(&path, "").unwrap();
        file.look().await;
        fs::write(&path, line("new")).unwrap();
        file.look().await;
        assert_eq!(held(&file), [true, false]);
        file.look().await;
        assert_eq!(held(&file), [false, true]);
    }

    #[tokio::test]
    async fn a_change_holds_at_once_when_somebody_asks() {
        let (_directory, path, mut file) = start();
        fs::write(&path, line("new")).unwrap();
        file.reread().await;
        assert_eq!(held(&file), [false, true]);
    }

    #[tokio::test]
    async fn a_link_that_leads_elsewhere_is_a_change() {
        let (directory, path, mut file) = start();
        let target = directory.path().join("other");
        fs::write(&target, line("new")).unwrap();
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        file.look().await;
        file.look().await;
        assert_eq!(held(&file), [false, true]);
    }

    #[test_case(None; "no file")]
    #[test_case(Some(""); "no key")]
    #[test_case(Some("new"); "a bad line")]
    #[test_case(Some("new 00 app=nowhere"); "an unknown app")]
    #[tokio::test]
    async fn what_cannot_be_used_changes_nothing(content: Option<&str>) {
        let (_directory, path, mut file) = start();
        match content {
            Some(content) => fs::write(&path, content).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        file.look().await;
        file.look().await;
        file.reread().await;
        assert_eq!((held(&file), file.is_current), ([true, false], false));
        fs::write(&path, line("new")).unwrap();
        file.look().await;
        file.look().await;
        assert_eq!((held(&file), file.is_current), ([false, true], true));
    }
}
