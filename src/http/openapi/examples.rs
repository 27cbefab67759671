//! Examples of requests and answers: exchanges that were recorded, and that a test has again with the real gateway.
//!
//! A file of `openapi/examples` holds those of one operation, by name; `problems.json` holds one for each code.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::http::problem::Code;

/// Exchanges by name.
pub(super) type Exchanges = BTreeMap<String, Exchange>;

/// One request and its answer.
#[derive(Debug, Deserialize)]
pub(super) struct Exchange {
    /// What is special about it, in one line.
    summary: String,
    /// The operation that a code's example was recorded with.
    operation: Option<String>,
    request: Request,
    answer: Answer,
}

#[derive(Debug, Deserialize)]
struct Request {
    body: Option<Value>,
    /// A body of lines, or one that is no JSON.
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    status: u16,
    /// A JSON document, …
    body: Option<Value>,
    /// … or the lines of a stream.
    lines: Option<Vec<Value>>,
}

/// An example of each code, with the operation that it was recorded with.
const OF_CODES: &str = include_str!("../../../openapi/examples/problems.json");

/// The recorded exchanges of one operation. A test has each of them, and so proves the files to be readable.
pub(super) fn read(recorded: &str) -> Exchanges {
    serde_json::from_str(recorded).unwrap_or_default()
}

/// Every code's example, as `components.examples` lists them.
pub(super) fn of_codes() -> Map<String, Value> {
    let shared = read(OF_CODES);
    shared.iter().filter_map(|(code, exchange)| Some((code.clone(), exchange.answered()?))).collect()
}

/// Requests that the operation takes.
pub(super) fn requests(exchanges: &Exchanges) -> Map<String, Value> {
    let taken = exchanges.iter().filter(|(_, exchange)| exchange.is_success());
    taken.filter_map(|(name, exchange)| Some((name.clone(), exchange.asked()?))).collect()
}

/// What a success with this status looks like.
pub(super) fn successes(exchanges: &Exchanges, status: u16) -> Map<String, Value> {
    let taken = exchanges.iter().filter(|(_, exchange)| exchange.answer.status == status);
    taken.filter_map(|(name, exchange)| Some((name.clone(), exchange.answered()?))).collect()
}

/// What a success that is lines looks like.
pub(super) fn successes_of_lines(exchanges: &Exchanges) -> Map<String, Value> {
    let shown = |exchange: &Exchange| {
        let lines = exchange.answer.lines.as_ref()?;
        Some(json!({ "summary": exchange.summary, "value": text_of(lines) }))
    };
    exchanges.iter().filter_map(|(name, exchange)| Some((name.clone(), shown(exchange)?))).collect()
}

fn text_of(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// What a problem with one of these codes looks like: the operation's own examples, and the shared one of a code that has
/// none or was recorded with this operation.
pub(super) fn problems(operation: &str, exchanges: &Exchanges, codes: &[Code]) -> Map<String, Value> {
    let shared = read(OF_CODES);
    let mut examples = Map::new();
    for code in codes.iter().map(|code| code.as_str()) {
        let own: Vec<_> = exchanges.iter().filter(|(_, exchange)| exchange.code() == Some(code)).collect();
        let recorded_here =
            shared.get(code).is_some_and(|shared| shared.operation.as_deref() == Some(operation));
        if own.is_empty() || recorded_here {
            let reference = format!("#/components/examples/{code}");
            examples.insert(code.to_owned(), json!({ "$ref": reference }));
        }
        examples.extend(
            own.into_iter().filter_map(|(name, exchange)| Some((name.clone(), exchange.answered()?))),
        );
    }
    examples
}

/// The lines of a recorded stream, if the operation has one.
pub(super) fn stream(exchanges: &Exchanges) -> Option<String> {
    let lines = exchanges.values().find_map(|exchange| exchange.answer.lines.as_ref())?;
    Some(text_of(lines))
}

impl Exchange {
    fn is_success(&self) -> bool {
        self.answer.status < 300
    }

    fn code(&self) -> Option<&str> {
        self.answer.body.as_ref()?["code"].as_str().filter(|_| !self.is_success())
    }

    fn asked(&self) -> Option<Value> {
        let Request { body, text } = &self.request;
        let value = body.clone().or_else(|| text.clone().map(Value::String))?;
        Some(json!({ "summary": self.summary, "value": value }))
    }

    fn answered(&self) -> Option<Value> {
        Some(json!({ "summary": self.summary, "value": self.answer.body.as_ref()? }))
    }
}
