//! Answers a list: one page with a cursor, or all of it line by line.

use std::sync::Arc;

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::extract::{QueryParams, QueryReader, TimeoutHeader};
use super::failure::{foreign_cursor, list_failed};
use super::json_response::JsonResponse;
use super::ndjson;
use super::problem::Problem;
use super::request_id::request_id;
use super::state::{ApiState, ForReading};
use crate::domain::Violation;
use crate::feishu::{Batch, Listing, Position};
use crate::support::deadline::Deadline;

/// Items of a page when the caller does not say (design §2).
const DEFAULT_LIMIT: i64 = 50;

/// Most items of a page (design §2).
pub(super) const MAX_LIMIT: i64 = 200;

/// Parameters that all list operations share.
#[derive(Debug)]
pub(super) struct ListRequest {
    /// The query, for the operation's own filters.
    pub(super) query: QueryReader,
    /// When a page must be answered.
    pub(super) deadline: Deadline,
    /// Operation and filters that a cursor is bound to.
    pub(super) binding: String,
    pub(super) limit: usize,
    pub(super) cursor: Option<String>,
    /// Whether all of it is wanted, line by line.
    pub(super) lines: bool,
    pub(super) request_id: String,
}

impl FromRequestParts<ApiState> for ListRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let TimeoutHeader(deadline) = TimeoutHeader::from_request_parts(parts, state).await?;
        let params = QueryParams::parse(parts.uri.query().unwrap_or_default());
        // The path tells operations apart, and users of `listUserTasks`.
        let binding = format!("{} {}", parts.uri.path(), params.fingerprint(&["limit", "cursor"]));
        let mut query = params.reader();
        let limit = query.integer("limit", 1..=MAX_LIMIT).unwrap_or(DEFAULT_LIMIT);
        let cursor = query.opaque("cursor");
        let request_id = request_id(&parts.extensions).to_owned();
        Ok(Self {
            query,
            deadline,
            binding,
            limit: usize::try_from(limit).unwrap_or(1),
            cursor,
            lines: ndjson::is_preferred(&parts.headers),
            request_id,
        })
    }
}

/// The answer of every list operation (design §2).
#[derive(Debug, Serialize)]
pub(super) struct ListPage<T> {
    pub(super) items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_cursor: Option<String>,
}

impl ListRequest {
    /// Everything that is wrong with the query, once the operation has asked for all that it knows.
    pub(super) fn violations(&mut self) -> Vec<Violation> {
        self.query.take_violations()
    }

    /// Lists, each item shown by `show`.
    pub(super) async fn answer<L, T>(
        self,
        app: &ForReading,
        listing: L,
        show: fn(L::Item) -> T,
    ) -> Result<Response, Problem>
    where
        L: Listing + 'static,
        T: Serialize + Send + 'static,
    {
        let Self { deadline, binding, limit, cursor, lines, request_id, query: _ } = self;
        let context = app.context(deadline);
        let from = match cursor {
            None => None,
            Some(cursor) => Some(app.cursors.open(&binding, &cursor).ok_or_else(foreign_cursor)?),
        };
        if lines {
            let from = from.unwrap_or_else(|| listing.start(usize::MAX));
            return ndjson::stream(Arc::clone(&app.feishu), listing, from, show, context, request_id).await;
        }
        let from = from.unwrap_or_else(|| listing.start(limit));
        let Batch { items, next, report } =
            app.feishu.list(&listing, from, limit, &context).await.map_err(list_failed)?;
        let next_cursor = next.map(|position: Position| app.cursors.seal(&binding, &position));
        let page = ListPage { items: items.into_iter().map(show).collect(), next_cursor };
        Ok((Extension(report), JsonResponse(page)).into_response())
    }
}
