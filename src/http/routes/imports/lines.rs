//! The lines of an upload, taken from its body as they come and as their budget of memory allows.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, stream};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::delivery::Delivery;
use crate::http::load_shedder::{ArrivingBody, Permit, QuotaExceeded};
use crate::http::problem::{Code, Problem};
use crate::support::line_reader::{Line, LineReader};

/// Bytes of all lines that are under way, unless a single one has more.
const MOST_BYTES: u32 = 1 << 20;

/// How long a caller may send nothing. Our choice: a program that writes lines as they come up has time to find one.
const MOST_SILENCE: Duration = Duration::from_secs(600);

/// A line with its part of the budget, until it is dropped.
#[derive(Debug)]
pub(super) struct HeldLine {
    pub(super) line: Line,
    /// Its place among the lines that are under way.
    pub(super) budget: OwnedSemaphorePermit,
}

/// Where lines come from.
#[derive(Debug)]
pub(super) struct Lines {
    body: Body,
    reader: LineReader,
    permit: Permit,
    /// What is there of the line that is not complete.
    arriving: Option<ArrivingBody>,
    budget: Arc<Semaphore>,
    delivery: Arc<Delivery>,
    /// No chunk will come.
    has_ended: bool,
    /// No line will come, either.
    is_over: bool,
}

impl Lines {
    /// The lines of a body, none of which has more than `limit` bytes. The permit counts what is held of them.
    pub(super) fn new(body: Body, limit: usize, permit: Permit, delivery: Arc<Delivery>) -> Self {
        Self {
            body,
            reader: LineReader::new(limit),
            permit,
            arriving: None,
            budget: Arc::new(Semaphore::new(MOST_BYTES as usize)),
            delivery,
            has_ended: false,
            is_over: false,
        }
    }

    /// Reads the first chunk, so that a caller who waits to be asked for its body is asked before it is answered.
    pub(super) async fn begin(&mut self) -> Result<(), Problem> {
        self.read().await
    }

    /// One line after the other; a problem is the last item.
    pub(super) fn stream(self) -> impl Stream<Item = Result<HeldLine, Problem>> + Send {
        stream::unfold(self, |mut lines| async move {
            if lines.is_over {
                return None;
            }
            let next = lines.next().await;
            lines.is_over = !matches!(next, Some(Ok(_)));
            Some((next?, lines))
        })
    }

    async fn next(&mut self) -> Option<Result<HeldLine, Problem>> {
        loop {
            if let Some(line) = self.reader.next_line() {
                return Some(self.hold(line).await);
            }
            if self.has_ended {
                // Only once: what is left is blank after that.
                let line = self.reader.finish()?;
                return Some(self.hold(line).await);
            }
            if let Err(problem) = self.read().await {
                return Some(Err(problem));
            }
        }
    }

    /// Reads a chunk.
    async fn read(&mut self) -> Result<(), Problem> {
        match self.chunk().await? {
            Some(chunk) => self.reader.push(chunk),
            None => self.has_ended = true,
        }
        Ok(())
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, Problem> {
        match self.reader.held() {
            0 => self.arriving = None,
            held => {
                let arriving = self.arriving.get_or_insert_with(|| self.permit.arriving());
                arriving.arrived(held).map_err(no_quota_for_line)?;
            }
        }
        let gives_way = async {
            match &self.arriving {
                Some(arriving) => arriving.must_give_way().await,
                None => std::future::pending().await,
            }
        };
        let stopped = async {
            match self.delivery.durable() {
                Some(durable) => durable.stopped().await,
                None => std::future::pending().await,
            }
        };
        let frame = tokio::select! {
            frame = timeout(MOST_SILENCE, self.body.frame()) => frame.map_err(|_| silent())?,
            () = gives_way => return Err(no_quota_for_line(QuotaExceeded)),
            () = stopped => return Err(draining()),
        };
        match frame.transpose() {
            // Trailers are frames, too, and hold no line.
            Ok(frame) => Ok(frame.map(|frame| frame.into_data().unwrap_or_default())),
            Err(cause) => Err(Problem::new(Code::InvalidJson)
                .detail("The body broke off before its end. Lines that were answered are kept; send the rest again.")
                .cause(cause)),
        }
    }

    /// Waits until the budget allows another line.
    async fn hold(&mut self, line: Line) -> Result<HeldLine, Problem> {
        // It is complete, so what arrives from now on is another one.
        self.arriving = None;
        let Line { number, content } = line;
        let length = content.as_ref().map_or(0, Bytes::len);
        let share = u32::try_from(length).unwrap_or(u32::MAX).min(MOST_BYTES);
        let mut budget = acquire(&self.budget, share).await?;
        let Ok(content) = content else {
            return Ok(HeldLine { line: Line { number, content }, budget });
        };
        let held = match self.permit.hold(content.clone()) {
            Ok(held) => held,
            Err(QuotaExceeded) => {
                // The import's own lines may be what is in the way.
                drop(budget);
                budget = acquire(&self.budget, MOST_BYTES).await?;
                self.permit.hold(content).map_err(no_quota_for_line)?
            }
        };
        Ok(HeldLine { line: Line { number, content: Ok(held) }, budget })
    }
}

/// Room for so many bytes, when there is.
async fn acquire(budget: &Arc<Semaphore>, bytes: u32) -> Result<OwnedSemaphorePermit, Problem> {
    Arc::clone(budget).acquire_many_owned(bytes).await.map_err(Problem::internal)
}

fn no_quota_for_line(_: QuotaExceeded) -> Problem {
    Problem::new(Code::Overloaded).detail(
        "The gateway has too little memory left for the next line, or it came too slowly for that. Lines that were answered \
         are kept; send the rest again as late as Retry-After says.",
    )
}

fn draining() -> Problem {
    Problem::new(Code::Draining)
        .detail("The gateway is shutting down. Lines that were answered are kept; send the rest again.")
}

fn silent() -> Problem {
    Problem::new(Code::RequestTimeout).detail(format!(
        "No line came for {} seconds. Lines that were answered are kept; send the rest again.",
        MOST_SILENCE.as_secs()
    ))
}
