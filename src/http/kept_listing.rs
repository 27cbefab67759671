//! Answers a list that the ledger keeps: one page with a cursor, or all of it line by line.

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::foreign_cursor;
pub(super) use super::in_time::{in_time, ledger_late};
use super::json_response::JsonResponse;
use super::listing::{ListPage, ListRequest, MAX_LIMIT};
use super::ndjson;
use super::problem::Problem;
use super::state::ServedApp;
use crate::ledger::{Ledger, LedgerError, Page, PageRequest};
use crate::support::deadline::Deadline;

/// A list that the ledger keeps.
pub(super) trait KeptList: Send + Sync + 'static {
    /// What it lists.
    type Item: Send;

    /// A position in it.
    type Cursor: Serialize + DeserializeOwned + Send + Sync;

    /// One page of it.
    fn page(
        &self,
        ledger: &dyn Ledger,
        page: PageRequest<Self::Cursor>,
    ) -> impl Future<Output = Result<Page<Self::Item, Self::Cursor>, LedgerError>> + Send;
}

impl ListRequest {
    /// Lists what the ledger keeps, each item shown by `show`.
    pub(super) async fn answer_kept<L, T>(
        self,
        app: &ServedApp,
        list: L,
        show: impl Fn(L::Item) -> T + Send + Sync + 'static,
    ) -> Result<Response, Problem>
    where
        L: KeptList,
        T: Serialize + Send + 'static,
    {
        let Self { deadline, binding, limit, cursor, lines, request_id, query: _ } = self;
        let after = match cursor {
            None => None,
            Some(cursor) => Some(app.cursors.open(&binding, &cursor).ok_or_else(foreign_cursor)?),
        };
        let ledger = Arc::clone(app.durable()?.ledger());
        if lines {
            let rest = Rest { ledger, list, show, after, is_last: false, time: deadline.remaining() };
            return stream(rest, deadline, request_id).await;
        }
        let page = in_time(deadline, list.page(&*ledger, PageRequest { after, limit })).await?;
        let next_cursor = page.next.map(|next| app.cursors.seal(&binding, &next));
        let items = page.items.into_iter().map(show).collect();
        Ok(JsonResponse(ListPage { items, next_cursor }).into_response())
    }
}

/// State of a stream: the pages that are left.
struct Rest<L: KeptList, S> {
    ledger: Arc<dyn Ledger>,
    list: L,
    show: S,
    after: Option<L::Cursor>,
    is_last: bool,
    /// For each page.
    time: Duration,
}

/// Streams all pages. What fails at once is an ordinary problem; a later failure is the stream's last line.
async fn stream<L, S, T>(
    mut rest: Rest<L, S>,
    deadline: Deadline,
    request_id: String,
) -> Result<Response, Problem>
where
    L: KeptList,
    S: Fn(L::Item) -> T + Send + Sync + 'static,
    T: Serialize + Send + 'static,
{
    let first = rest.page(deadline).await?;
    let others = stream::unfold((rest, request_id), |(mut rest, request_id)| async move {
        if rest.is_last {
            return None;
        }
        let lines = match rest.page(Deadline::after(rest.time)).await {
            Ok(lines) => lines,
            Err(problem) => {
                rest.is_last = true;
                problem.to_line(&request_id)
            }
        };
        Some((lines, (rest, request_id)))
    });
    Ok(ndjson::response(stream::iter([first]).chain(others)))
}

impl<L: KeptList, S> Rest<L, S> {
    /// The lines of the next page.
    async fn page<T: Serialize>(&mut self, deadline: Deadline) -> Result<Bytes, Problem>
    where
        S: Fn(L::Item) -> T,
    {
        let page = PageRequest { after: self.after.take(), limit: MAX_LIMIT as usize };
        let Page { items, next } = in_time(deadline, self.list.page(&*self.ledger, page)).await?;
        self.is_last = next.is_none();
        self.after = next;
        ndjson::lines(items.into_iter().map(&self.show))
    }
}
