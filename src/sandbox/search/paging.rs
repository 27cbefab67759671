//! Pages of a search: a position that belongs to one question, and the page it leads to.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::sandbox::query::{Query, UserIdType};
use crate::sandbox::refusal::Refusal;

/// The query parameters of every search.
pub(crate) struct PageQuery {
    size: usize,
    token: Option<String>,
    pub(super) id_type: UserIdType,
}

/// What `page_token` holds; that a token of another question is refused is our choice.
#[derive(Serialize, Deserialize)]
struct Position {
    offset: usize,
    question: String,
}

/// One page, and the token of the next when there is one.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) page_token: Option<String>,
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

    /// Cuts the page out of all results of a question.
    pub(super) fn cut<T>(&self, question: &impl Serialize, results: Vec<T>) -> Result<Page<T>, Refusal> {
        let question = fingerprint(self.id_type, question);
        let offset = match &self.token {
            None => 0,
            Some(token) => {
                let bytes = hex::decode(token).ok();
                let position: Option<Position> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
                let position = position.filter(|position| position.question == question);
                position.ok_or_else(|| Refusal::param("param is invalid"))?.offset
            }
        };
        let next = offset.saturating_add(self.size);
        let page_token = (next < results.len()).then(|| {
            let position = Position { offset: next, question };
            hex::encode(serde_json::to_vec(&position).expect("a struct with string keys always serialises"))
        });
        let items = results.into_iter().skip(offset).take(self.size).collect();
        Ok(Page { items, page_token, is_first: offset == 0 })
    }
}

fn fingerprint(id_type: UserIdType, question: &impl Serialize) -> String {
    let question = serde_json::to_vec(question).expect("a struct with string keys always serialises");
    let digest = Sha256::new().chain_update(id_type.as_str()).chain_update(question).finalize();
    hex::encode(&digest[..8])
}
