//! Streams whole lists as NDJSON, one JSON document a line, in constant memory.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use serde::Serialize;

use super::failure::{Subject, call_failed, list_failed};
use super::problem::Problem;
use crate::feishu::{Batch, CallContext, CallReport, FeishuClient, ListError, Listing, Position, Walk};
use crate::support::deadline::Deadline;

/// The media type of newline-delimited JSON.
const NDJSON: &str = "application/x-ndjson";

/// Whether the caller wants lines rather than one document.
pub(super) fn is_preferred(headers: &HeaderMap) -> bool {
    let (mut lines, mut document, mut anything) = (None, None, None);
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    for range in accepted.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        let slot = match media_type.as_str() {
            NDJSON => &mut lines,
            "application/json" => &mut document,
            "*/*" | "application/*" => &mut anything,
            _ => continue,
        };
        *slot = Some(quality);
    }
    match (lines, document.or(anything)) {
        (None, _) => false,
        (Some(lines), None) => lines > 0.0,
        // Named beside a mere wildcard, lines are preferred; named beside JSON, only if they weigh more.
        (Some(lines), Some(other)) => lines > other || (document.is_none() && lines == other && lines > 0.0),
    }
}

/// State of a stream: the pages that are left.
struct Rest<L: Listing, T> {
    feishu: Arc<FeishuClient>,
    listing: L,
    at: Option<Position>,
    walk: Walk,
    show: fn(L::Item) -> T,
    /// Whether a page has been sent.
    begun: bool,
    /// Of the page that is asked for.
    context: CallContext,
    /// For each upstream page.
    time: std::time::Duration,
    request_id: String,
}

/// Streams all pages from a position on. The first is fetched before the answer begins, so that what fails at once is
/// an ordinary problem; a later failure is the stream's last line.
///
/// # Errors
/// When the first page cannot be had.
pub(super) async fn stream<L, T>(
    feishu: Arc<FeishuClient>,
    listing: L,
    from: Position,
    show: fn(L::Item) -> T,
    context: CallContext,
    request_id: String,
) -> Result<Response, Problem>
where
    L: Listing + 'static,
    T: Serialize + Send + 'static,
{
    let time = context.deadline.remaining();
    let mut rest = Rest {
        feishu,
        listing,
        at: Some(from),
        walk: Walk::default(),
        show,
        begun: false,
        context,
        time,
        request_id,
    };
    let (first, report) = rest.page().await?;
    let others = stream::unfold(rest, |mut rest| async move {
        rest.at.as_ref()?;
        rest.context.deadline = Deadline::after(rest.time);
        let page = rest.page().await;
        Some((page.map_or_else(|problem| rest.last_line(&problem), |(lines, _)| lines), rest))
    });
    Ok((Extension(report), response(stream::iter(Some(first)).chain(others))).into_response())
}

/// The answer that streams these lines.
pub(super) fn response(pages: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let pages = pages.filter(|page| std::future::ready(!page.is_empty()));
    let body = Body::from_stream(pages.map(Ok::<Bytes, Infallible>));
    ([(CONTENT_TYPE, HeaderValue::from_static(NDJSON))], body).into_response()
}

/// Items as lines.
///
/// # Errors
/// When JSON cannot hold one of them.
pub(super) fn lines<T: Serialize>(items: impl IntoIterator<Item = T>) -> Result<Bytes, Problem> {
    let mut lines = Vec::new();
    for item in items {
        serde_json::to_writer(&mut lines, &item).map_err(Problem::internal)?;
        lines.push(b'\n');
    }
    Ok(lines.into())
}

impl<L: Listing, T: Serialize> Rest<L, T> {
    /// The lines of the next page, and what it took to get it.
    async fn page(&mut self) -> Result<(Bytes, CallReport), Problem> {
        let Some(at) = self.at.take() else { return Ok((Bytes::new(), CallReport::default())) };
        let page = self.feishu.list_page(&self.listing, at, &mut self.walk, &self.context).await;
        let Batch { items, next, report } = page.map_err(|error| match error {
            // Once lines have been sent, the page token is ours and no cursor of the caller's.
            ListError::StalePosition(Some(error)) if self.begun => call_failed(error, Subject::Query),
            other => list_failed(other),
        })?;
        self.at = next;
        self.begun = true;
        Ok((lines(items.into_iter().map(self.show))?, report))
    }

    /// Ends the stream with a problem document.
    fn last_line(&mut self, problem: &Problem) -> Bytes {
        self.at = None;
        problem.to_line(&self.request_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("application/x-ndjson" => true)]
    #[test_case("Application/X-NDJSON; charset=utf-8" => true; "case and parameters")]
    #[test_case("application/x-ndjson, */*" => true; "named beside anything")]
    #[test_case("application/json;q=0.5, application/x-ndjson" => true; "preferred")]
    #[test_case("application/json, application/x-ndjson" => false; "no preference")]
    #[test_case("application/x-ndjson;q=0.1, application/json" => false; "less")]
    #[test_case("application/x-ndjson;q=0" => false; "refused")]
    #[test_case("*/*" => false; "anything")]
    fn lines_are_wanted(accept: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        is_preferred(&headers)
    }
}
