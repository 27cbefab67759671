//! Reads small files whose system call may never return, such as those on a mount that is gone.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

/// Time that one read may take; our choice.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How much later the reading thread counts as hanging: it should have ended by itself.
const TOLERANCE: Duration = Duration::from_millis(500);

/// How often a pipe without content is asked again.
const PIPE_INTERVAL: Duration = Duration::from_millis(20);

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
            let _ = sender.send(read_whole(&path, Instant::now() + TIMEOUT));
        };
        let thread = thread::Builder::new().name("file-reader".to_owned()).spawn(reading)?;
        receiver.recv_timeout(TIMEOUT + TOLERANCE).unwrap_or_else(|_| {
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

/// Reads a file, or what is written into a pipe until it is closed.
fn read_whole(path: &Path, until: Instant) -> io::Result<Vec<u8>> {
    // Opening a pipe that nobody writes to would never end otherwise; regular files do not care.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let is_pipe = file.metadata()?.file_type().is_fifo();
    let mut file = file.take(MAX_BYTES + 1);
    let mut content = Vec::new();
    loop {
        match file.read_to_end(&mut content) {
            Ok(_) if is_pipe && content.is_empty() => {}
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        if Instant::now() >= until {
            return Err(timed_out());
        }
        thread::sleep(PIPE_INTERVAL);
    }
    if u64::try_from(content.len()).is_ok_and(|length| length > MAX_BYTES) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it has more than 16 MiB"));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn fifo(path: &Path) {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    #[test]
    fn a_pipe_that_nobody_writes_to_is_given_up_and_does_not_hide_the_file_that_takes_its_place() {
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
    fn what_is_written_into_a_pipe_is_read_to_its_end() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("keys");
        fifo(&path);
        let written = path.clone();
        let writer = thread::spawn(move || std::fs::write(written, "new"));
        assert_eq!(FileReader::new(&path).read_text().unwrap(), "new");
        writer.join().unwrap().unwrap();
    }

    #[test]
    fn after_two_reads_that_hang_the_next_one_waits_until_one_has_returned() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("keys");
        std::fs::write(&path, "new").unwrap();
        let reader = FileReader::new(&path);
        let hang = || {
            let (sender, receiver) = mpsc::channel::<()>();
            (sender, thread::spawn(move || receiver.recv().unwrap_or_default()))
        };
        let ((first, one), (_second, another)) = (hang(), hang());
        reader.hanging().add(one);
        assert_eq!(reader.read_text().unwrap(), "new");
        reader.hanging().add(another);
        assert_eq!(reader.read().unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(first);
        let returned = (0..5_000).any(|_| {
            thread::sleep(Duration::from_millis(1));
            reader.hanging().threads[0].is_finished()
        });
        assert!(returned);
        assert_eq!(reader.read_text().unwrap(), "new");
    }

    #[test]
    fn a_file_without_end_is_refused() {
        let reader = FileReader::new(Path::new("/dev/zero"));
        assert_eq!(reader.read().unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}
