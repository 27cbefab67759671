//! Reads small files whose system call may never return, such as those on a mount that is gone.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Time that one read may take; our choice.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes that a file may have: far more than keys, certificates or settings take.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// How much longer the next read waits for each one that hangs: they cannot be ended, so they must stay few.
const PAUSE_FOR_EACH_HANGING: Duration = Duration::from_secs(10);

/// A file that is read, perhaps again and again, in bounded time.
#[derive(Debug)]
pub(crate) struct FileReader {
    path: PathBuf,
    hanging: Mutex<Hanging>,
}

/// Reads that have taken too long and have not returned yet.
#[derive(Debug, Default)]
struct Hanging {
    threads: Vec<JoinHandle<()>>,
    pause_until: Option<Instant>,
}

impl FileReader {
    /// A reader of the file at this path, which is opened anew for each read.
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), hanging: Mutex::default() }
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the whole file; waits five seconds at most.
    ///
    /// # Errors
    /// What the system said; [`io::ErrorKind::TimedOut`] when it said nothing in time, also for a while after that;
    /// [`io::ErrorKind::FileTooLarge`] for more than 16 MiB.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        if self.hanging().is_pausing() {
            return Err(timed_out());
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        let path = self.path.clone();
        let reading = move || {
            // Nobody listens any more when it has taken too long.
            let _ = sender.send(read_whole(&path));
        };
        let thread = thread::Builder::new().name("file-reader".to_owned()).spawn(reading)?;
        receiver.recv_timeout(TIMEOUT).unwrap_or_else(|_| {
            self.hanging().add(thread);
            Err(timed_out())
        })
    }

    /// As [`Self::read`], for a file that must be text.
    ///
    /// # Errors
    /// As [`Self::read`], and [`io::ErrorKind::InvalidData`] when it is not UTF-8.
    pub(crate) fn read_text(&self) -> io::Result<String> {
        String::from_utf8(self.read()?)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
    }

    fn hanging(&self) -> MutexGuard<'_, Hanging> {
        self.hanging.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hanging {
    fn add(&mut self, thread: JoinHandle<()>) {
        self.threads.push(thread);
        let count = u32::try_from(self.threads.len()).unwrap_or(u32::MAX);
        self.pause_until = Some(Instant::now() + PAUSE_FOR_EACH_HANGING.saturating_mul(count));
    }

    /// The first read that hangs is no reason to wait: another file may be there by now.
    fn is_pausing(&mut self) -> bool {
        self.threads.retain(|thread| !thread.is_finished());
        self.threads.len() > 1 && self.pause_until.is_some_and(|until| Instant::now() < until)
    }
}

fn timed_out() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "it could not be read within five seconds")
}

fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut content)?;
    if u64::try_from(content.len()).is_ok_and(|length| length > MAX_BYTES) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it has more than 16 MiB"));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// A FIFO that nobody writes to: opening it hangs, as on a mount that is gone.
    fn fifo(path: &Path) {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    #[test]
    fn a_read_that_hangs_is_given_up_and_does_not_hide_the_file_that_takes_its_place() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("keys");
        fifo(&path);
        let reader = FileReader::new(&path);
        assert_eq!(reader.read().unwrap_err().kind(), io::ErrorKind::TimedOut);
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "new").unwrap();
        assert_eq!(reader.read_text().unwrap(), "new");
    }

    #[test]
    fn reads_that_hang_stay_few() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("keys");
        fifo(&path);
        let reader = FileReader::new(&path);
        for _ in 0..5 {
            assert_eq!(reader.read().unwrap_err().kind(), io::ErrorKind::TimedOut);
        }
        assert_eq!(reader.hanging().threads.len(), 2);
    }

    #[test]
    fn a_file_without_end_is_refused() {
        let reader = FileReader::new(Path::new("/dev/zero"));
        assert_eq!(reader.read().unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}
