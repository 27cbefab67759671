//! Tokens of pages, bound to the question that they continue.

use std::collections::HashMap;

use super::{Lie, Memory, Refusal};

/// What was handed out: for each token the question and where it goes on.
#[derive(Default)]
pub(crate) struct Tokens {
    given: HashMap<String, (String, usize)>,
    scrolls_used: Vec<String>,
}

/// A part of a list of `total`.
pub(crate) struct Cut {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) has_more: bool,
    /// Sometimes present although there is no more (contract §6.1).
    pub(crate) token: Option<String>,
}

impl Memory {
    /// The part of `total` that `token` continues; `question` must be the one that the token was given for.
    pub(crate) fn cut(
        &mut self,
        question: &str,
        token: Option<&str>,
        size: usize,
        total: usize,
    ) -> Result<Cut, Refusal> {
        let from = match token {
            None => 0,
            Some(_) if self.lie == Some(Lie::StaleTokens) => {
                return Err(Refusal::Code(400, 1_390_001, "param is invalid"));
            }
            Some(token) => match self.pages.given.get(token) {
                Some((asked, from)) if asked == question => *from,
                Some(_) => return Err(Refusal::undocumented("the token belongs to another question")),
                None => return Err(Refusal::undocumented("a token that was never given")),
            },
        };
        let to = (from + size).min(total);
        match self.lie {
            Some(Lie::MoreWithoutToken) => return Ok(Cut { from, to, has_more: true, token: None }),
            Some(Lie::SameTokenForEver) => {
                let token = "the+same/one=".to_owned();
                self.pages.given.insert(token.clone(), (question.to_owned(), 0));
                return Ok(Cut { from, to, has_more: true, token: Some(token) });
            }
            Some(Lie::TokensInACircle) => {
                let token = if token == Some("a") { "b" } else { "a" }.to_owned();
                self.pages.given.insert(token.clone(), (question.to_owned(), 0));
                return Ok(Cut { from, to, has_more: true, token: Some(token) });
            }
            _ => {}
        }
        let has_more = to < total;
        // The sample of the documents has a token beside `has_more: false`.
        let token = (has_more || total % 2 == 1).then(|| self.token(question, to));
        Ok(Cut { from, to, has_more, token })
    }

    /// A new token. It holds characters that mean something else in a query.
    fn token(&mut self, question: &str, from: usize) -> String {
        let token = format!("eyJ+/{}&=", self.pages.given.len());
        self.pages.given.insert(token.clone(), (question.to_owned(), from));
        token
    }

    /// A new scroll id for the rest of the question.
    pub(crate) fn scroll(&mut self, question: &str, from: usize) -> String {
        if self.lie == Some(Lie::SameTokenForEver) {
            let token = "the+same/one=".to_owned();
            self.pages.given.insert(token.clone(), (question.to_owned(), 0));
            return token;
        }
        self.token(question, from)
    }

    /// Where a scroll id goes on; each is good once.
    pub(crate) fn follow(&mut self, scroll_id: &str) -> Result<(String, usize), Refusal> {
        if self.lie == Some(Lie::StaleTokens) {
            return Err(Refusal::Code(400, 1_390_001, "param is invalid"));
        }
        let may_be_used_again = self.lie == Some(Lie::SameTokenForEver);
        if !may_be_used_again && self.pages.scrolls_used.iter().any(|used| used == scroll_id) {
            return Err(Refusal::undocumented("the scroll id was used before"));
        }
        self.pages.scrolls_used.push(scroll_id.to_owned());
        let given = self.pages.given.get(scroll_id).cloned();
        given.ok_or_else(|| Refusal::undocumented("a scroll id that was never given"))
    }
}
