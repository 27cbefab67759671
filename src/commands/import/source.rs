//! The file to import: sent as it is read, while its lines are remembered until they are answered.

use std::collections::VecDeque;
use std::error::Error;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use tokio::sync::mpsc;

use crate::support::line_reader::{Line, LineReader};

/// Bytes that are read at one time.
const CHUNK: usize = 64 << 10;

/// Chunks that wait to be sent.
const WAITING: usize = 4;

/// Longest line that is remembered: what the gateway takes is shorter.
const LONGEST_LINE: usize = 64 << 20;

/// What to import.
pub(super) struct Source {
    input: Box<dyn Read + Send>,
    file: Option<std::fs::Metadata>,
}

impl Source {
    /// Opens the file; `-` is standard input.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        if path == Path::new("-") {
            return Ok(Self { input: Box::new(io::stdin()), file: None });
        }
        let cannot = |error: io::Error| format!("{} cannot be read: {error}", path.display());
        let file = File::open(path).map_err(cannot)?;
        let metadata = file.metadata().map_err(cannot)?;
        if metadata.is_dir() {
            return Err(format!("{} is a directory", path.display()));
        }
        Ok(Self { input: Box::new(file), file: Some(metadata) })
    }

    /// How many bytes there are to read, where that is known.
    pub(super) fn length(&self) -> Option<u64> {
        self.file.as_ref().filter(|file| file.is_file()).map(std::fs::Metadata::len)
    }

    /// Whether this is the path of the file.
    pub(super) fn is_file(&self, path: &Path) -> bool {
        let other = std::fs::metadata(path).ok();
        self.file
            .as_ref()
            .zip(other)
            .is_some_and(|(own, other)| (own.dev(), own.ino()) == (other.dev(), other.ino()))
    }

    /// Begins to read: the body of the request, and what is known of the lines in it.
    pub(super) fn send(self, keeps_lines: bool) -> (reqwest::Body, Sent) {
        let (chunks, mut received) = mpsc::channel::<io::Result<Bytes>>(WAITING);
        let sent = Sent { shared: Arc::default(), keeps_lines };
        let reading = sent.clone();
        tokio::task::spawn_blocking(move || reading.read(self.input, &chunks));
        let frames = stream::poll_fn(move |cx| {
            received.poll_recv(cx).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
        });
        (reqwest::Body::wrap(StreamBody::new(frames)), sent)
    }
}

/// What has been sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    shared: Arc<Mutex<State>>,
    keeps_lines: bool,
}

#[derive(Debug, Default)]
struct State {
    bytes: u64,
    lines: u64,
    /// Those that are not answered; none is kept unless it is wanted.
    waiting: VecDeque<(u64, Bytes)>,
    failure: Option<io::Error>,
}

impl Sent {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads to the end, or until nobody takes what was read.
    fn read(&self, mut input: Box<dyn Read + Send>, chunks: &mpsc::Sender<io::Result<Bytes>>) {
        let mut lines = LineReader::new(LONGEST_LINE);
        let mut buffer = vec![0; CHUNK];
        loop {
            let chunk = match input.read(&mut buffer) {
                Ok(0) => {
                    let last = lines.finish();
                    return self.note(0, last);
                }
                Ok(length) => Bytes::copy_from_slice(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let told = io::Error::from(error.kind());
                    self.lock().failure = Some(error);
                    let _ = chunks.blocking_send(Err(told));
                    return;
                }
            };
            lines.push(chunk.clone());
            // Before they can be answered.
            self.note(chunk.len() as u64, std::iter::from_fn(|| lines.next_line()));
            if chunks.blocking_send(Ok(chunk)).is_err() {
                return;
            }
        }
    }

    fn note(&self, bytes: u64, lines: impl IntoIterator<Item = Line>) {
        let mut state = self.lock();
        state.bytes += bytes;
        for line in lines {
            state.lines += 1;
            if self.keeps_lines {
                state.waiting.push_back((line.number, line.content.unwrap_or_default()));
            }
        }
    }

    /// Bytes that were read.
    pub(super) fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// The line with this number, which is answered now; none unless they are kept.
    pub(super) fn answered(&self, number: u64) -> Option<Bytes> {
        let mut state = self.lock();
        while state.waiting.front().is_some_and(|(waiting, _)| *waiting < number) {
            state.waiting.pop_front();
        }
        match state.waiting.front() {
            Some((waiting, _)) if *waiting == number => state.waiting.pop_front().map(|(_, line)| line),
            _ => None,
        }
    }

    /// Whether so many answers are those to all lines.
    pub(super) fn is_answered(&self, answers: u64) -> bool {
        self.lock().lines == answers
    }

    /// Why the file could not be read to its end.
    pub(super) fn failure(&self) -> Option<Box<dyn Error>> {
        self.lock().failure.take().map(|error| format!("the file cannot be read: {error}").into())
    }
}
