//! A request as the stand-in got it, and the strict reading of its parts.

use std::fmt;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Refusal;

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// As it was sent.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
}

/// How many a page may hold: the default, and the bounds.
pub(crate) struct Count(pub(crate) usize, pub(crate) std::ops::RangeInclusive<usize>);

impl Asked {
    pub(crate) fn new(head: &Parts, body: Bytes) -> Self {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
        let pairs = head.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let query = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: query.map(|(name, value)| (decoded(name), decoded(value))).collect(),
            headers: head.headers.clone(),
            body,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The value of a query parameter.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The body, for assertions.
    pub(crate) fn body(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The JSON body, with both headers that announce it (contract §1.1, §6.1).
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        let media_type = self.header("content-type").unwrap_or_default().to_ascii_lowercase();
        if media_type != "application/json; charset=utf-8" {
            return Err(Refusal::undocumented(format!("Content-Type is {media_type:?}")));
        }
        if self.header("content-length") != Some(&self.body.len().to_string()) {
            return Err(Refusal::undocumented("no Content-Length, or not the body's"));
        }
        match serde_json::from_slice(&self.body) {
            Ok(value @ Value::Object(_)) => Ok(value),
            _ => Err(Refusal::undocumented("the body is no JSON object")),
        }
    }

    /// Complains about every parameter that is not listed, given twice or empty.
    pub(crate) fn only(&self, listed: &[&str]) -> Result<(), Refusal> {
        for (nth, (name, value)) in self.query.iter().enumerate() {
            let before = &self.query[..nth];
            if !listed.contains(&name.as_str())
                || value.is_empty()
                || before.iter().any(|(found, _)| found == name)
            {
                return Err(Refusal::undocumented(format!("query parameter {name}={value}")));
            }
        }
        Ok(())
    }

    /// Complains about a body where none is documented.
    pub(crate) fn no_body(&self) -> Result<(), Refusal> {
        if self.body.is_empty() { Ok(()) } else { Err(Refusal::undocumented("a body")) }
    }

    pub(crate) fn page_size(&self, Count(default, bounds): Count) -> Result<usize, Refusal> {
        let Some(size) = self.param("page_size") else { return Ok(default) };
        let size = size.parse().ok().filter(|size| bounds.contains(size));
        size.ok_or_else(|| Refusal::undocumented(format!("page_size is not within {bounds:?}")))
    }

    /// `user_id_type` (contract §1.3); without it Feishu would take `open_id`, which the gateway never means.
    pub(crate) fn user_id_type(&self) -> Result<&str, Refusal> {
        match self.param("user_id_type") {
            Some(kind @ ("user_id" | "open_id" | "union_id")) => Ok(kind),
            other => Err(Refusal::undocumented(format!("user_id_type is {other:?}"))),
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?} {}", self.method, self.path, self.query, String::from_utf8_lossy(&self.body))
    }
}
