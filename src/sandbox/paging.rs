//! Where a list goes on: the tokens of its pages, and the ways in which they lie when a switch says so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::switches::Pages;

/// Ends every token, so that whoever does not encode tokens in a query is found out.
const ENDING: &str = "+/&=";

/// A position in the answers to a question, as its token holds it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Position<Q> {
    pub(super) question: Q,
    /// What comes before the page: entries, or the number of the last instance.
    pub(super) after: u64,
    /// Tells tokens apart that lead to the same page.
    lap: u64,
}

/// What a page says about the next one.
#[derive(Debug, Serialize)]
pub(super) struct Next {
    /// Documented to appear only when there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_token: Option<String>,
    has_more: bool,
}

impl<Q: Serialize + DeserializeOwned> Position<Q> {
    /// The beginning.
    pub(super) fn first(question: Q) -> Self {
        Self { question, after: 0, lap: 0 }
    }

    /// The position that a token holds.
    pub(super) fn read(token: &str) -> Result<Self, Refusal> {
        let bytes = token.strip_suffix(ENDING).and_then(|token| STANDARD.decode(token).ok());
        let position = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        position.ok_or_else(|| Refusal::param("param is invalid"))
    }

    /// The way on from this page, behind which there is more when `next` says where.
    pub(super) fn next(self, next: Option<u64>, pages: Pages) -> Next {
        let (after, lap) = match (pages, next) {
            (Pages::Honest, None) => return Next { page_token: None, has_more: false },
            (Pages::Honest, Some(next)) => (next, 0),
            (Pages::NoToken, _) => return Next { page_token: None, has_more: true },
            (Pages::SameToken, _) => (0, 0),
            (Pages::Circle, _) => (0, 1 - self.lap.min(1)),
            (Pages::Repeated | Pages::Empty, _) => (0, self.lap + 1),
        };
        let position = Self { after, lap, ..self };
        let json = serde_json::to_vec(&position).expect("a struct with string keys always serialises");
        Next { page_token: Some(STANDARD.encode(json) + ENDING), has_more: true }
    }
}
