//! Bounded queue of log lines.
//!
//! tracing-appender writes them on a thread of its own, so that a reader who does not read, or a full disk, never stops
//! the gateway. It bounds how many lines wait; a single one may be large, so their bytes are bounded here.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prometheus::IntCounter;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::fmt::MakeWriter;

/// Bytes of lines that wait at most; further lines are dropped and counted.
const MAX_WAITING_BYTES: usize = 8 * 1024 * 1024;

/// What a line counts at least, which bounds the number of lines as well.
const MIN_LINE_BYTES: usize = 1024;

/// Hands lines to the thread that writes them, and never waits. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct LineQueue {
    lines: NonBlocking,
    waiting_bytes: Arc<AtomicUsize>,
    dropped: IntCounter,
}

impl LineQueue {
    /// A queue in front of `output`; lines that cannot wait, or cannot be written, are counted in `dropped`.
    ///
    /// When the guard is dropped, the lines that wait are written, and the thread ends; that takes a second at most, even
    /// if nobody reads.
    pub(super) fn before(output: impl Write + Send + 'static, dropped: &IntCounter) -> (Self, WorkerGuard) {
        let waiting_bytes = Arc::<AtomicUsize>::default();
        let output = Output {
            output: BufWriter::new(output),
            waiting_bytes: Arc::clone(&waiting_bytes),
            dropped: dropped.clone(),
        };
        let (lines, guard) = NonBlockingBuilder::default()
            .thread_name("log")
            .lossy(true)
            // One more than can wait: the guard's message to the thread has a place even when the queue is full.
            .buffered_lines_limit(MAX_WAITING_BYTES / MIN_LINE_BYTES + 1)
            .finish(output);
        (Self { lines, waiting_bytes, dropped: dropped.clone() }, guard)
    }
}

impl Write for LineQueue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let counted = counted_bytes(line);
        let waiting = self.waiting_bytes.fetch_add(counted, Ordering::Relaxed);
        if waiting + counted > MAX_WAITING_BYTES {
            self.waiting_bytes.fetch_sub(counted, Ordering::Relaxed);
            self.dropped.inc();
            return Ok(line.len());
        }
        self.lines.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LineQueue {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn counted_bytes(line: &[u8]) -> usize {
    line.len().max(MIN_LINE_BYTES)
}

/// The thread's side: writes lines, several at once while more wait, and lets others wait in their place.
struct Output<W: Write> {
    output: BufWriter<W>,
    waiting_bytes: Arc<AtomicUsize>,
    dropped: IntCounter,
}

/// Nothing fails here: a line that cannot be written is dropped, and reporting that would have to write a line.
impl<W: Write> Write for Output<W> {
    /// tracing-appender hands over each line with [`Write::write_all`], which comes here once, as all is taken.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.output.write_all(line).is_err() {
            self.dropped.inc();
        }
        self.waiting_bytes.fetch_sub(counted_bytes(line), Ordering::Relaxed);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.output.flush();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    fn counter() -> IntCounter {
        IntCounter::new("dropped_total", "Dropped.").unwrap()
    }

    /// An output that takes nothing until it is told to, and keeps what it takes.
    struct Stalled {
        begin: Receiver<()>,
        written: Sender<Vec<u8>>,
    }

    impl Write for Stalled {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Fails at once from the second time on: whoever began it has gone.
            let _ = self.begin.recv();
            self.written.send(bytes.to_vec()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_written_in_order_and_to_the_last_when_the_guard_is_dropped() {
        let (written, read) = channel();
        let (begin, begun) = channel();
        let dropped = counter();
        let (mut queue, guard) = LineQueue::before(Stalled { begin: begun, written }, &dropped);
        let lines: String = (0..1_000).map(|nth| format!("line {nth}\n")).collect();
        for line in lines.split_inclusive('\n') {
            queue.write_all(line.as_bytes()).unwrap();
        }
        drop(begin);
        drop(guard);
        assert_eq!(String::from_utf8(read.iter().flatten().collect()).unwrap(), lines);
        assert_eq!((dropped.get(), queue.waiting_bytes.load(Ordering::Relaxed)), (0, 0));
    }

    #[test]
    fn lines_that_nobody_takes_wait_up_to_a_bound_and_are_dropped_and_counted_beyond() {
        let (begin, begun) = channel();
        let (written, read) = channel();
        let dropped = counter();
        let (mut queue, guard) = LineQueue::before(Stalled { begin: begun, written }, &dropped);
        // Larger than what is written at once, so that the thread is stuck with the first.
        let line = vec![b'x'; 16 * 1024];
        let most = MAX_WAITING_BYTES / line.len();
        for _ in 0..most + 10 {
            queue.write_all(&line).unwrap();
        }
        assert_eq!(dropped.get(), 10);
        drop(begin);
        drop(guard);
        assert_eq!(read.iter().flatten().count(), most * line.len());
        assert_eq!(dropped.get(), 10);
    }

    #[test]
    fn small_lines_are_bounded_by_their_number() {
        let (begin, begun) = channel();
        let (written, _read) = channel();
        let dropped = counter();
        let (mut queue, _guard) = LineQueue::before(Stalled { begin: begun, written }, &dropped);
        queue.write_all(&[b'x'; 16 * 1024]).unwrap();
        for _ in 0..MAX_WAITING_BYTES / MIN_LINE_BYTES {
            queue.write_all(b"line\n").unwrap();
        }
        assert_eq!(dropped.get(), 16);
        drop(begin);
    }

    #[test]
    fn a_line_that_is_too_large_to_wait_is_dropped_and_takes_no_room() {
        let dropped = counter();
        let (mut queue, _guard) = LineQueue::before(io::sink(), &dropped);
        queue.write_all(&vec![b'x'; MAX_WAITING_BYTES + 1]).unwrap();
        assert_eq!((dropped.get(), queue.waiting_bytes.load(Ordering::Relaxed)), (1, 0));
    }

    /// As a full disk.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_cannot_be_written_are_counted_and_do_not_wait_for_ever() {
        let dropped = counter();
        let (mut queue, guard) = LineQueue::before(Full, &dropped);
        for _ in 0..10 {
            queue.write_all(&[b'x'; 64 * 1024]).unwrap();
        }
        drop(guard);
        assert_eq!((dropped.get(), queue.waiting_bytes.load(Ordering::Relaxed)), (10, 0));
    }
}
