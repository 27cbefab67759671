//! Standard error, written to in larger pieces: a line costs no system call, and none is lost at the end.
//!
//! The crate tracing-appender hands each line to a thread in memory of its own and waits at the end for a second at
//! most; here lines are put into one buffer, and whoever ends the process writes out what is left.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// How long a line may wait for others; nobody who reads along notices.
const GATHERING: Duration = Duration::from_millis(20);

/// How many times in a row the buffer may be found empty before its thread waits to be woken: a second without a line.
///
/// Waking it is a system call and, where there is one processor, a change to the thread and back, all before the caller
/// has the answer that the line tells of. While there is a request a second, nobody pays that.
const LOOKS_IN_VAIN: u32 = 50;

/// What is gathered at most, but for the last line; whoever writes more waits, so a reader who does not read stops the
/// gateway and not its memory.
const CAPACITY: usize = 64 * 1024;

/// Lines on their way to standard error. Cheap to clone.
#[derive(Clone)]
pub(super) struct Buffered {
    shared: Arc<Shared>,
    /// Whether each line is written out at once: whoever debugs wants the last one even of a process that is killed.
    at_once: bool,
}

struct Shared {
    gathered: Mutex<Gathered>,
    something_came: Condvar,
    /// Held while writing, so that lines stay in order.
    out: Mutex<Out>,
}

#[derive(Default)]
struct Gathered {
    lines: Vec<u8>,
    /// Whether nobody comes to look until told to.
    unattended: bool,
}

struct Out {
    to: Box<dyn Write + Send>,
    writing: Vec<u8>,
}

/// The buffer of the process, for its last moment.
static OF_THE_PROCESS: OnceLock<Buffered> = OnceLock::new();

impl Buffered {
    /// A buffer in front of `to`, emptied by a thread of its own, or after each line.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(super) fn before(to: impl Write + Send + 'static, at_once: bool) -> io::Result<Self> {
        let out = Out { to: Box::new(to), writing: Vec::new() };
        let shared =
            Shared { gathered: Mutex::default(), something_came: Condvar::new(), out: Mutex::new(out) };
        let buffered = Self { shared: Arc::new(shared), at_once };
        let emptied = buffered.clone();
        std::thread::Builder::new().name("log".to_owned()).spawn(move || emptied.empty_for_ever())?;
        Ok(buffered)
    }

    /// Makes this the buffer that [`flush`] empties.
    pub(super) fn is_of_the_process(&self) {
        let _ = OF_THE_PROCESS.set(self.clone());
    }

    fn empty_for_ever(&self) {
        loop {
            let mut in_vain = 0;
            while in_vain < LOOKS_IN_VAIN {
                std::thread::sleep(GATHERING);
                in_vain = if self.empty() { 0 } else { in_vain + 1 };
            }
            self.wait_for_a_line();
        }
    }

    fn wait_for_a_line(&self) {
        let mut gathered = lock(&self.shared.gathered);
        gathered.unattended = gathered.lines.is_empty();
        let came = self.shared.something_came.wait_while(gathered, |gathered| gathered.unattended);
        drop(came.unwrap_or_else(PoisonError::into_inner));
    }

    /// Writes out what was gathered, and says whether that was anything. A log that cannot be written must not stop the
    /// gateway.
    fn empty(&self) -> bool {
        let mut out = lock(&self.shared.out);
        let Out { to, writing } = &mut *out;
        std::mem::swap(&mut lock(&self.shared.gathered).lines, writing);
        if writing.is_empty() {
            return false;
        }
        let _ = to.write_all(writing).and_then(|()| to.flush());
        writing.clear();
        true
    }
}

/// Writes out what the process has gathered for its log; before it ends, and when it ends at once.
pub(super) fn flush() {
    if let Some(buffered) = OF_THE_PROCESS.get() {
        buffered.empty();
    }
}

impl Write for Buffered {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut gathered = lock(&self.shared.gathered);
        gathered.lines.extend_from_slice(line);
        let much = gathered.lines.len() > CAPACITY;
        let unattended = std::mem::take(&mut gathered.unattended);
        // Whoever is woken needs the lock.
        drop(gathered);
        if unattended {
            self.shared.something_came.notify_one();
        }
        if self.at_once || much {
            self.empty();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Buffered {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while a lock is held; even if it did, lines stay lines.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    struct Told(Sender<Vec<u8>>);

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_come_out_by_themselves_and_in_order() {
        let (sender, receiver) = channel();
        let mut buffered = Buffered::before(Told(sender), false).unwrap();
        let lines: String = (0..1_000).map(|nth| format!("line {nth}\n")).collect();
        for line in lines.split_inclusive('\n') {
            buffered.write_all(line.as_bytes()).unwrap();
        }
        let mut seen = Vec::new();
        while seen.len() < lines.len() {
            seen.extend(receiver.recv().unwrap());
        }
        assert_eq!(String::from_utf8(seen).unwrap(), lines);
    }

    #[test]
    fn a_line_that_nobody_looks_for_any_more_comes_out_too() {
        let (sender, receiver) = channel();
        let mut buffered = Buffered::before(Told(sender), false).unwrap();
        while !lock(&buffered.shared.gathered).unattended {
            std::thread::sleep(GATHERING);
        }
        buffered.write_all(b"line").unwrap();
        assert_eq!(receiver.recv().unwrap(), b"line");
    }

    #[test]
    fn whoever_writes_too_much_writes_it_out() {
        let (sender, receiver) = channel();
        let mut buffered = Buffered::before(Told(sender), false).unwrap();
        buffered.write_all(&vec![b'x'; CAPACITY + 1]).unwrap();
        assert!(lock(&buffered.shared.gathered).lines.is_empty());
        assert_eq!(receiver.recv().unwrap().len(), CAPACITY + 1);
    }

    #[test]
    fn lines_for_whoever_debugs_come_out_at_once() {
        let (sender, receiver) = channel();
        Buffered::before(Told(sender), true).unwrap().write_all(b"line").unwrap();
        assert_eq!(receiver.try_recv().unwrap(), b"line");
    }
}
