//! How one JSON value is read into a member: leniently, borrowing, never stopping at a violation.
//!
//! `values` reads what has no inner structure, `containers` what has, and `members` the objects that have a schema.

mod containers;
mod members;
mod values;

pub(super) use members::{Members, member_name, members};
pub(super) use values::refuse_control_characters;

use super::field::Field;
use super::json::{Json, NotJson, Token};
use super::report::Report;

/// Something that is read from one JSON value while a report is kept.
pub(super) trait Read<'de>: Sized {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson>;
}

/// Reports a value of the wrong kind, and goes over the rest of it.
#[cold]
fn mismatch<T>(
    begun: &Token<'_>,
    expected: &str,
    json: &mut Json<'_>,
    report: &mut Report,
) -> Result<Field<T>, NotJson> {
    json.skip_rest(begun)?;
    let found = match begun {
        Token::Null => "null",
        Token::Flag(_) => "a boolean",
        Token::Integer(_) | Token::Number => "a number",
        Token::Text(_) => "a string",
        Token::Array => "an array",
        Token::Object => "an object",
    };
    report.violate("type", format!("must be {expected}, not {found}"));
    Ok(Field::Invalid)
}
