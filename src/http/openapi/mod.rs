//! The OpenAPI file: made from the code's own declarations, so that it cannot say anything else.
//!
//! What can be called is declared beside the handlers, in the files of `http::routes`; schemas come from `members!` and
//! `shown!`, codes from the problem catalogue. `document` puts them together, `responses` says what is answered, `examples`
//! what requests and answers look like, `downgrade` turns 3.1 into 3.0, `in_order` writes it, and `docs` shows it.

mod approval_action;
mod docs;
mod document;
mod downgrade;
mod examples;
mod in_order;
mod outgoing_events;
mod responses;
pub mod routes;
mod webhook;

use serde_json::Value;

use self::in_order::InOrder;

/// Which version of the OpenAPI specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// 3.1, the source of truth.
    #[default]
    V3_1,
    /// 3.0, derived, for tools that stop there.
    V3_0,
}

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// JSON.
    #[default]
    Json,
    /// YAML.
    Yaml,
}

/// The file's text, ending with a newline.
pub fn text(version: Version, format: Format) -> String {
    let document = value(version);
    let document = InOrder(&document);
    let mut text = match format {
        // Maps with string keys, lists, strings, numbers: both formats can say them all.
        Format::Json => serde_json::to_string_pretty(&document).unwrap_or_default(),
        Format::Yaml => yaml_serde::to_string(&document).unwrap_or_default(),
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// The file as a value.
pub fn value(version: Version) -> Value {
    let document = document::document();
    match version {
        Version::V3_1 => document,
        Version::V3_0 => downgrade::to_3_0(document),
    }
}
