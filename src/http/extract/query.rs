//! The query string as names and values.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::QueryReader;
use super::percent;
use crate::domain::{Location, Violation};

/// The query string, decoded but not yet checked; [`QueryParams::reader`] reads it strictly.
///
/// Extracting it never fails: what is malformed becomes a violation of the reader, so that it can be reported together
/// with those of the body.
#[derive(Debug, Clone, Default)]
pub struct QueryParams {
    pairs: Vec<(String, String)>,
    violations: Vec<Violation>,
}

impl QueryParams {
    /// Reads a query string without its `?`.
    pub fn parse(query: &str) -> Self {
        let mut params = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match (percent::decode_query(name), percent::decode_query(value)) {
                (Ok(name), Ok(value)) => params.pairs.push((name, value)),
                (Ok(name), Err(cause)) => {
                    let pointer = super::query_reader::pointer(&name);
                    params.violations.push(Violation::at(
                        Location::Query,
                        pointer,
                        "malformed_encoding",
                        format!("the value of {name} {cause}"),
                    ));
                }
                (Err(cause), _) => params.violations.push(Violation::at(
                    Location::Query,
                    "",
                    "malformed_encoding",
                    format!("the name of a parameter {cause}"),
                )),
            }
        }
        params
    }

    /// What is asked for, whatever the order of the names; `without` are names that do not change what is listed.
    pub fn fingerprint(&self, without: &[&str]) -> String {
        let kept =
            self.pairs.iter().filter(|(name, value)| !without.contains(&name.as_str()) && !value.is_empty());
        let mut kept: Vec<_> = kept.collect();
        // Stable, so that the values of one name keep their order, which may matter.
        kept.sort_by(|(a, _), (b, _)| a.cmp(b));
        format!("{kept:?}")
    }

    /// Starts reading the parameters one by one.
    pub fn reader(self) -> QueryReader {
        QueryReader::new(self.pairs, self.violations)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for QueryParams {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}
