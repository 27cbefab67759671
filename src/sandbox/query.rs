//! Query parameters: read one, and refuse the wrong ones all at once.

use percent_encoding::percent_decode_str;

use super::refusal::{FieldViolation, Refusal};

/// The query of one request, with what is wrong with it so far.
pub(super) struct Query<'a> {
    raw: &'a str,
    violations: Vec<FieldViolation>,
}

/// How users are named in a request and its answer (contract §1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UserIdType {
    Open,
    User,
    Union,
}

impl UserIdType {
    /// The id of this type, when a document gives it; the sandbox has no directory to look others up.
    pub(super) fn pick<'a>(
        self,
        user_id: &'a Option<String>,
        open_id: &'a Option<String>,
    ) -> Option<&'a String> {
        match self {
            Self::User => user_id.as_ref(),
            Self::Open => open_id.as_ref(),
            Self::Union => None,
        }
    }

    /// The word of the parameter.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open_id",
            Self::User => "user_id",
            Self::Union => "union_id",
        }
    }
}

impl<'a> Query<'a> {
    /// Starts with the part of the URI behind the question mark.
    pub(super) fn new(raw: Option<&'a str>) -> Self {
        Self { raw: raw.unwrap_or_default(), violations: Vec::new() }
    }

    /// A parameter; an empty one counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let found = pairs(self.raw).find_map(|(key, value)| (key == name).then_some(value));
        found.filter(|value| !value.is_empty())
    }

    /// Every value of a parameter that may come several times.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let found = pairs(self.raw).filter_map(|(key, value)| (key == name).then_some(value));
        found.filter(|value| !value.is_empty()).collect()
    }

    /// A parameter that must be there.
    pub(super) fn required(&mut self, name: &str) -> String {
        let value = self.get(name);
        if value.is_none() {
            self.report(name, "", format!("{name} is required"));
        }
        value.unwrap_or_default()
    }

    /// A parameter that takes one of the documented words.
    pub(super) fn word(&mut self, name: &str, words: &[&str]) -> Option<String> {
        let value = self.get(name)?;
        if words.contains(&value.as_str()) {
            return Some(value);
        }
        self.report(name, &value, format!("{name} must be one of [{}]", words.join(", ")));
        None
    }

    /// `user_id_type`, by default `open_id` (contract §1.3).
    pub(super) fn user_id_type(&mut self) -> UserIdType {
        match self.word("user_id_type", &["open_id", "union_id", "user_id"]).as_deref() {
            Some("user_id") => UserIdType::User,
            Some("union_id") => UserIdType::Union,
            _ => UserIdType::Open,
        }
    }

    /// `page_size` inside its bounds.
    pub(super) fn page_size(&mut self, min: usize, default: usize, max: usize) -> usize {
        let Some(asked) = self.get("page_size") else { return default };
        match asked.parse() {
            Ok(size) if (min..=max).contains(&size) => size,
            _ => {
                self.report("page_size", &asked, format!("page_size must be between {min} and {max}"));
                default
            }
        }
    }

    /// Refuses when anything was wrong; that it is 99992402 is inferred from the bodies.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        if self.violations.is_empty() { Ok(()) } else { Err(Refusal::fields(self.violations)) }
    }

    /// Notes something wrong with a parameter.
    pub(super) fn report(&mut self, field: &str, value: &str, description: String) {
        self.violations.push(FieldViolation {
            field: field.to_owned(),
            value: value.to_owned(),
            description,
        });
    }
}

/// Names and values of a query, decoded.
pub(super) fn pairs(raw: &str) -> impl Iterator<Item = (String, String)> {
    raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
