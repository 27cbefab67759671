//! The OpenAPI file: made from the code's own declarations, so that it cannot say anything else.
//!
//! Schemas come from `members!` and `shown!`, codes from the problem catalogue; `operations` lists what can be called,
//! `parameters` what can be asked, `responses` what is answered,
//! `examples` what both look like, `links` how to go on, `downgrade` turns 3.1 into 3.0,
//! and `page` shows it.

mod document;
mod downgrade;
mod examples;
mod links;
mod operations;
mod page;
mod parameters;
mod responses;
pub mod routes;

use serde_json::Value;

/// Longest cursor, in characters; ours have some hundred.
const LONGEST_CURSOR: u64 = 4096;

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
