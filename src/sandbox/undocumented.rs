//! What a call holds that no document lists: recorded always, refused when a switch says so.

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};

use super::api::Api;
use super::query;

/// The parts of a request that can be wrong beside its fields.
pub(super) struct Parts<'a> {
    pub(super) api: Api,
    pub(super) query: Option<&'a str>,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// The parameter that is given once for each of its values.
const LIST: &str = "user_ids";

/// Query parameters that are not listed, empty or given twice, and bodies that are not announced as documented.
pub(super) fn of(parts: &Parts<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let pairs: Vec<(String, String)> = query::pairs(parts.query.unwrap_or_default()).collect();
    for (nth, (name, value)) in pairs.iter().enumerate() {
        let is_repeated = name != LIST && pairs[..nth].iter().any(|(before, _)| before == name);
        if is_repeated || value.is_empty() || !parts.api.parameters().contains(&name.as_str()) {
            found.push(format!("query parameter {name}={value}"));
        }
    }
    if !parts.api.has_body() {
        found.extend((!parts.body.is_empty()).then(|| "a body".to_owned()));
        return found;
    }
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    // Contract §1.1, §6.1.
    let media_type = header(CONTENT_TYPE).unwrap_or_default();
    if !media_type.eq_ignore_ascii_case("application/json; charset=utf-8") {
        found.push(format!("Content-Type {media_type:?}"));
    }
    if header(CONTENT_LENGTH) != Some(&parts.body.len().to_string()) {
        found.push("no Content-Length, or not the body's".to_owned());
    }
    found
}
