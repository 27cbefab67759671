//! Reads the caller's flat documents: JSON bytes in, a valid domain value or every violation out.
//!
//! Two passes. The first (`read`, following the declarations in `requests`) goes through the JSON once, borrowing its strings, and notes
//! what is wrong with single members: types, words, times, unknown and repeated names. It never stops at a violation.
//! The second (`instance`, `task`, `cc`, `definition`, …) applies the rules that span members and builds the domain
//! value. Both write into one `report`, so that a caller sees everything at once.

mod action;
mod as_written;
mod cc;
mod definition;
mod deliveries;
mod embedded;
mod events;
mod field;
mod import_line;
mod imports;
mod instance;
mod instance_patch;
mod json;
mod merge_patch;
mod merge_update;
mod message;
mod persons;
mod raw_object;
mod read;
mod report;
mod requests;
mod rules;
mod task;
mod translations;
mod tree;
mod trusteeship;
mod versions;

use crate::domain::{
    ApprovalDefinition, ApprovalInstance, BotMessage, KnownVersions, MessageUpdate, Mode, Violation,
};
pub use deliveries::DeliverySelection;
pub use events::EventSelection;
pub use import_line::{ImportLine, read_import_line};
pub use imports::{ImportChange, MOST_PER_MINUTE};
pub use instance::{ID_MISMATCH, WOULD_ERASE};
pub use instance_patch::{PatchKeys, Patched, patch_instance};
use json::Json;
pub use merge_patch::MergePatch;
pub use merge_update::{NotMergeable, merge_update};
use read::{Members, Read as _};
pub use report::MORE_VIOLATIONS;
use report::Report;
pub use requests::add_request_schemas;
pub use rules::{CardRules, Rules};

/// Why a document was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The bytes are not one JSON document in UTF-8.
    #[error("the body is not valid JSON: {0}")]
    NotJson(String),
    /// The document breaks rules; never empty.
    #[error("the document breaks {} rule(s)", .0.len())]
    Invalid(Vec<Violation>),
}

/// Reads a flat instance (design §2.1).
///
/// `path_id` is the id of the request's path; without one (on the command line) the document must name it.
///
/// # Errors
/// [`Rejection::NotJson`] for bytes that are no JSON; else every violation at once.
pub fn read_instance<'a>(
    body: &'a [u8],
    path_id: Option<&'a str>,
    mode: Mode,
    rules: Rules,
) -> Result<ApprovalInstance<'a>, Rejection> {
    read(body, |raw, report| {
        let instance = instance::build(raw, path_id, mode, rules, report)?;
        Some(ApprovalInstance { warnings: report.take_warnings(), ..instance })
    })
}

/// Reads a flat definition (design §2.2).
///
/// # Errors
/// As for [`read_instance`].
pub fn read_definition(body: &[u8], rules: Rules) -> Result<ApprovalDefinition<'_>, Rejection> {
    read(body, |raw, report| {
        let definition = definition::build(raw, rules, report)?;
        Some(ApprovalDefinition { warnings: report.take_warnings(), ..definition })
    })
}

/// Reads a flat message (design §4.3).
///
/// # Errors
/// As for [`read_instance`].
pub fn read_message(body: &[u8], rules: Rules) -> Result<BotMessage<'_>, Rejection> {
    read(body, |raw, report| {
        let message = message::build(raw, rules, report)?;
        Some(BotMessage { warnings: report.take_warnings(), ..message })
    })
}

/// Reads a change of a message (design §4.3).
///
/// # Errors
/// As for [`read_instance`].
pub fn read_message_update(body: &[u8], rules: Rules) -> Result<MessageUpdate<'_>, Rejection> {
    read(body, |raw, report| message::build_update(raw, rules, report))
}

/// Reads a list of versions to compare (design §2.2).
///
/// # Errors
/// As for [`read_instance`].
pub fn read_versions(body: &[u8], rules: Rules) -> Result<Vec<KnownVersions>, Rejection> {
    read(body, |raw, report| versions::build(raw, rules, report))
}

/// Reads a filter of deliveries (design §3.3).
///
/// # Errors
/// As for [`read_instance`].
pub fn read_delivery_filter(body: &[u8]) -> Result<DeliverySelection, Rejection> {
    read(body, deliveries::build)
}

/// Reads a filter of outgoing events (design §4.2).
///
/// # Errors
/// As for [`read_instance`].
pub fn read_event_filter(body: &[u8]) -> Result<EventSelection, Rejection> {
    read(body, events::build)
}

/// Reads a change of an import (design §3.3).
///
/// # Errors
/// As for [`read_instance`].
pub fn read_import_change(body: &[u8]) -> Result<ImportChange, Rejection> {
    read(body, imports::build)
}

/// Reads a document, and builds what it means of it.
fn read<'a, M: Members<'a>, T>(
    body: &'a [u8],
    build: impl FnOnce(M, &mut Report) -> Option<T>,
) -> Result<T, Rejection> {
    let mut report = Report::new();
    let raw = document(body, &mut report)?;
    let built = raw.and_then(|raw| build(raw, &mut report));
    conclude(built, report)
}

/// The body as text, without the mark that some editors and libraries put in front (RFC 8259 §8.1 allows to ignore it).
fn text(body: &[u8]) -> Result<&str, Rejection> {
    match std::str::from_utf8(body) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(_) if body.starts_with(&[0xff, 0xfe]) || body.starts_with(&[0xfe, 0xff]) => {
            Err(Rejection::NotJson("it is UTF-16; write it in UTF-8".to_owned()))
        }
        Err(e) => Err(Rejection::NotJson(format!("byte {} is not UTF-8", e.valid_up_to().saturating_add(1)))),
    }
}

/// First pass: the whole document as loosely read members, `None` when it is no object.
fn document<'a, T: Members<'a>>(body: &'a [u8], report: &mut Report) -> Result<Option<T>, Rejection> {
    let text = text(body)?;
    let mut json = Json::new(text);
    let whole = field::Nested::<T>::read(&mut json, report)
        .and_then(|whole| json.end().map(|()| whole))
        .map_err(|wrong| Rejection::NotJson(wrong.in_words(text)))?;
    match whole.0 {
        field::Field::Present(raw) => Ok(Some(*raw)),
        field::Field::Invalid => Ok(None),
        field::Field::Absent => {
            report.violate("type", "must be an object, not null");
            Ok(None)
        }
    }
}

fn conclude<T>(built: Option<T>, report: Report) -> Result<T, Rejection> {
    match (built, report.into_violations()) {
        (Some(built), violations) if violations.is_empty() => Ok(built),
        (_, violations) => Err(Rejection::Invalid(violations)),
    }
}
