//! Lists that Feishu hands out in pages, and that it must be asked for in parts.
//!
//! A listing has *segments*: one part of a list of ids, or one window of time, each small enough for Feishu. A
//! [`Position`] says where to go on; it is all that a caller needs to keep.

use std::collections::HashSet;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher as _};

use serde::{Deserialize, Serialize};

use crate::feishu::api::Api;
use crate::feishu::client::FeishuClient;
use crate::feishu::context::CallContext;
use crate::feishu::failure::{CallError, Failure};
use crate::feishu::failure_table::Outcome;
use crate::feishu::report::{CallReport, Called};
use crate::feishu::wire::More;

/// Upstream pages that one request may cost. Pages can be empty (contract §7: withdrawn instances are dropped after
/// paging), so without a bound one request could cost thousands; a caller simply goes on with the cursor.
const MAX_PAGES: usize = 20;

/// Position in a listing: where it goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Which segment.
    #[serde(rename = "s")]
    pub segment: u32,
    /// Feishu's token of the page; none for a segment's first page.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Items of that page that were delivered before.
    #[serde(rename = "k", default)]
    pub skip: usize,
    /// Size of the segment's pages: a token belongs to one size.
    #[serde(rename = "p")]
    pub page_size: u32,
}

/// One upstream page.
#[derive(Debug)]
pub struct Page<T> {
    /// Its items.
    pub items: Vec<T>,
    /// The token of the next one.
    pub next: Option<String>,
    /// Attempts, time and log id.
    pub report: CallReport,
}

impl<T> Page<T> {
    /// A page that Feishu answered at this position.
    ///
    /// # Errors
    /// When Feishu promises more and gives no token, or the one just used: following it would never end.
    pub(super) fn read(api: Api, called: Called<(Vec<T>, More)>, at: &Position) -> Result<Self, ListError> {
        let Called { data: (items, more), report, .. } = called;
        if !more.has_more {
            return Ok(Self { items, next: None, report });
        }
        match more.page_token.0 {
            Some(token) if at.token.as_ref() != Some(&token) => Ok(Self { items, next: Some(token), report }),
            _ => Err(endless(api, report, "it says that there is more, without a new page token")),
        }
    }
}

/// Part of a listing.
#[derive(Debug)]
pub struct Batch<T> {
    /// At most as many as were asked for; fewer is not the end.
    pub items: Vec<T>,
    /// Where it goes on; none at the end.
    pub next: Option<Position>,
    /// Attempts, time and log id.
    pub report: CallReport,
}

/// Why a listing could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// Feishu does not take the position any more.
    #[error("the position in the list is not valid any more")]
    StalePosition(#[source] Option<CallError>),
    /// The upstream call failed.
    #[error("the list could not be read")]
    Call(#[source] CallError),
}

impl ListError {
    /// The same error, in a listing that has taken `earlier` before.
    fn after(self, earlier: &CallReport) -> Self {
        match self {
            Self::StalePosition(cause) => Self::StalePosition(cause.map(|error| error.after(earlier))),
            Self::Call(error) => Self::Call(error.after(earlier)),
        }
    }
}

impl From<CallError> for ListError {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

/// Something that can be listed.
pub trait Listing: Send + Sync {
    /// What is listed.
    type Item: Send + Hash;

    /// In how many parts Feishu must be asked; at least one.
    fn segments(&self) -> u32;

    /// The page size to ask for when that many items are wanted.
    fn page_size(&self, wanted: usize) -> u32;

    /// The upstream API behind it.
    fn api(&self) -> Api;

    /// What tells one item from another, if anything does.
    fn identity<'i>(&self, item: &'i Self::Item) -> Option<[&'i str; 2]>;

    /// Asks for one page.
    fn fetch(
        &self,
        client: &FeishuClient,
        at: &Position,
        context: &CallContext,
    ) -> impl Future<Output = Result<Page<Self::Item>, ListError>> + Send;

    /// Where the listing begins.
    fn start(&self, wanted: usize) -> Position {
        Position { page_size: self.page_size(wanted), ..Position::default() }
    }
}

impl FeishuClient {
    /// The next items of a listing, at most `limit`.
    ///
    /// # Errors
    /// When Feishu refuses the question or the position, cannot be reached, or does not answer before the deadline.
    pub async fn list<L: Listing>(
        &self,
        listing: &L,
        from: Position,
        limit: usize,
        context: &CallContext,
    ) -> Result<Batch<L::Item>, ListError> {
        let (mut items, mut report) = (Vec::new(), CallReport::default());
        let mut walk = Walk::default();
        let mut at = Some(from);
        for _ in 0..MAX_PAGES {
            let Some(position) = at else { break };
            let page = self.page(listing, &position, context).await;
            let page = page.map_err(|error| error.after(&report))?;
            report = report.then(page.report);
            let free = limit - items.len();
            let held = page.items.len();
            let here = page.items.into_iter().skip(position.skip).take(free);
            items.extend(walk.step(listing, &position, here, &report)?);
            at = if held.saturating_sub(position.skip) > free {
                Some(Position { skip: position.skip + free, ..position })
            } else {
                next_page(listing, &position, page.next, limit)
            };
            if items.len() >= limit {
                break;
            }
        }
        Ok(Batch { items, next: at, report })
    }

    /// One upstream page and where it leads: for those who want everything, and keep a `walk` meanwhile.
    ///
    /// # Errors
    /// As for [`Self::list`].
    pub async fn list_page<L: Listing>(
        &self,
        listing: &L,
        at: Position,
        walk: &mut Walk,
        context: &CallContext,
    ) -> Result<Batch<L::Item>, ListError> {
        let page = self.page(listing, &at, context).await?;
        let size = usize::try_from(at.page_size).unwrap_or(usize::MAX);
        let items = walk.step(listing, &at, page.items.into_iter().skip(at.skip), &page.report)?;
        walk.bound_fruitless(listing, &at, items.is_empty(), &page.report)?;
        Ok(Batch { items, next: next_page(listing, &at, page.next, size), report: page.report })
    }

    async fn page<L: Listing>(
        &self,
        listing: &L,
        at: &Position,
        context: &CallContext,
    ) -> Result<Page<L::Item>, ListError> {
        match listing.fetch(self, at, context).await {
            // The same filter was taken for the first page, so what is refused now is the token.
            Err(ListError::Call(error)) if at.token.is_some() && error.failure.is_about_content() => {
                Err(ListError::StalePosition(Some(error)))
            }
            other => other,
        }
    }
}

/// The page after this one, or the first of the next segment.
fn next_page<L: Listing>(
    listing: &L,
    at: &Position,
    token: Option<String>,
    wanted: usize,
) -> Option<Position> {
    match token {
        token @ Some(_) => Some(Position { token, skip: 0, segment: at.segment, page_size: at.page_size }),
        None if at.segment + 1 < listing.segments() => {
            Some(Position { segment: at.segment + 1, ..listing.start(wanted) })
        }
        None => None,
    }
}

fn endless(api: Api, report: CallReport, what: &str) -> ListError {
    let failure = Failure::Protocol { what: what.to_owned(), http_status: 200, log_id: None };
    CallError { api, failure, report, outcome: Outcome::Unknown }.into()
}

/// Most identities that are remembered: pages shift while somebody lists, but not far.
const MAX_SEEN: usize = 10_000;

/// Drops repeated items across pages and detects a list that loops.
#[derive(Debug, Default)]
pub struct Walk {
    items: Seen,
    /// Whole pages, of listings whose items cannot be told apart.
    pages: Seen,
    tokens: Seen,
    /// Pages in a row that brought nothing new.
    fruitless: usize,
}

impl Walk {
    /// The items of a page that did not come before.
    ///
    /// # Errors
    /// When a page token comes a second time and brings nothing new: following it would never end.
    fn step<L: Listing>(
        &mut self,
        listing: &L,
        at: &Position,
        page: impl Iterator<Item = L::Item>,
        report: &CallReport,
    ) -> Result<Vec<L::Item>, ListError> {
        let mut items = Vec::new();
        let mut are_nameless = true;
        for item in page {
            let identity = listing.identity(&item);
            are_nameless &= identity.is_none();
            if identity.is_none_or(|identity| self.items.is_new(&identity)) {
                items.push(item);
            }
        }
        if are_nameless && !items.is_empty() && !self.pages.is_new(&items) {
            items.clear();
        }
        let token_is_new = at.token.as_ref().is_none_or(|token| self.tokens.is_new(&(at.segment, token)));
        if items.is_empty() && !token_is_new {
            return Err(endless(
                listing.api(),
                report.clone(),
                "it goes round in circles: a page token came again and brought nothing new",
            ));
        }
        Ok(items)
    }

    /// Counts pages that brought nothing new. The first page of a segment is none of them: in many a window of time there
    /// is nothing to find.
    ///
    /// # Errors
    /// At the same number in a row at which a page of ours ends with a cursor: a stream has none.
    fn bound_fruitless<L: Listing>(
        &mut self,
        listing: &L,
        at: &Position,
        is_fruitless: bool,
        report: &CallReport,
    ) -> Result<(), ListError> {
        match (is_fruitless, &at.token) {
            (false, _) => self.fruitless = 0,
            (true, None) => {}
            (true, Some(_)) => self.fruitless += 1,
        }
        if self.fruitless < MAX_PAGES {
            return Ok(());
        }
        let what =
            format!("it has sent {MAX_PAGES} pages in a row with nothing new, and says that there is more");
        Err(endless(listing.api(), report.clone(), &what))
    }
}

/// Set of identities seen before, in bounded memory.
#[derive(Debug, Default)]
struct Seen {
    current: HashSet<u64>,
    previous: HashSet<u64>,
}

impl Seen {
    /// Whether nothing with this identity came lately.
    fn is_new(&mut self, identity: &impl Hash) -> bool {
        let mut hasher = DefaultHasher::new();
        identity.hash(&mut hasher);
        let hash = hasher.finish();
        if self.previous.contains(&hash) || !self.current.insert(hash) {
            return false;
        }
        if self.current.len() == MAX_SEEN / 2 {
            self.previous = std::mem::take(&mut self.current);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_new_once_and_memory_stays_bounded() {
        let mut seen = Seen::default();
        assert!(seen.is_new(&["a", "1"]));
        assert!(!seen.is_new(&["a", "1"]));
        assert!(seen.is_new(&["a1", ""]));
        for n in 0..100_000 {
            seen.is_new(&n);
        }
        assert!(seen.current.len() + seen.previous.len() <= MAX_SEEN);
    }
}
