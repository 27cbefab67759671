//! Pages of a search: a position that belongs to one question, and the page it leads to.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::sandbox::paging::{Next, Position};
use crate::sandbox::query::{Query, UserIdType};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::switches::{Pages, Switches};

/// The query parameters of every search.
pub(crate) struct PageQuery {
    size: usize,
    token: Option<String>,
    pub(super) id_type: UserIdType,
}

/// One page, and the way to the next one.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Next,
    pub(super) is_first: bool,
}

impl PageQuery {
    /// Page size 5 to 200, by default 10 (contract §7).
    pub(crate) fn of_search(query: &mut Query<'_>) -> Self {
        Self::new(query, 5, 10, 200)
    }

    /// With other bounds for the page size.
    pub(super) fn new(query: &mut Query<'_>, min: usize, default: usize, max: usize) -> Self {
        let size = query.page_size(min, default, max);
        Self { size, token: query.get("page_token"), id_type: query.user_id_type() }
    }

    /// Cuts the page out of all results of a question; that a token of another one is refused is our choice.
    pub(super) fn cut<T>(
        &self,
        question: &impl Serialize,
        results: Vec<T>,
        switches: &Switches,
    ) -> Result<Page<T>, Refusal> {
        // Whether a page size may change on the way is not documented.
        let bound_size = if switches.strict { self.size } else { 0 };
        let question = fingerprint(bound_size, self.id_type, question);
        let position = match &self.token {
            None => Position::first(question),
            Some(token) => Some(Position::read(token)?)
                .filter(|position| position.question == question)
                .ok_or_else(|| Refusal::param("param is invalid"))?,
        };
        let offset = usize::try_from(position.after).unwrap_or(usize::MAX);
        let next = offset.saturating_add(self.size);
        let more = (next < results.len()).then_some(position.after + self.size as u64);
        let size = if switches.pages == Pages::Empty { 0 } else { self.size };
        let items = results.into_iter().skip(offset).take(size).collect();
        Ok(Page { items, next: position.next(more, switches.pages), is_first: offset == 0 })
    }
}

fn fingerprint(size: usize, id_type: UserIdType, question: &impl Serialize) -> String {
    let question = serde_json::to_vec(question).expect("a struct with string keys always serialises");
    let digest = Sha256::new()
        .chain_update(size.to_be_bytes())
        .chain_update(id_type.as_str())
        .chain_update(question)
        .finalize();
    hex::encode(&digest[..8])
}
