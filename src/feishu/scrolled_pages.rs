//! Cache of pages of the historic v2 list, while callers read them in parts.

use std::sync::Arc;
use std::time::Duration;

use super::wire::InstanceStatusNode;

/// Most pages that are kept.
const MAX_PAGES: u64 = 200;

/// A caller who goes on later than this starts anew.
const MAX_AGE: Duration = Duration::from_secs(600);

/// Pages by the scroll id that asked for them, each with the scroll id of the next.
pub(super) type ScrolledPages = moka::sync::Cache<String, Arc<(Vec<InstanceStatusNode>, Option<String>)>>;

/// An empty cache.
pub(super) fn scrolled_pages() -> ScrolledPages {
    ScrolledPages::builder().max_capacity(MAX_PAGES).time_to_live(MAX_AGE).build()
}
