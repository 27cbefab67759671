//! What all lists have in common.

use serde::Deserialize;

use super::Loose;

/// Where a list goes on. A token may come even though there is nothing more (contract §6.1).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct More {
    /// Asks for the next page.
    pub page_token: Loose,
    /// Whether there is one.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub has_more: bool,
}
