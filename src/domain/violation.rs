//! What is wrong with a request, where, and what to do about it.

use std::borrow::Cow;

/// The part of the request that a pointer points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Location {
    /// The JSON body.
    Body,
    /// A query parameter.
    Query,
    /// A path parameter.
    Path,
    /// A request header.
    Header,
}

impl Location {
    /// The word of `errors[].in`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Query => "query",
            Self::Path => "path",
            Self::Header => "header",
        }
    }
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where the pointer points into.
    pub location: Location,
    /// JSON Pointer (RFC 6901): `/tasks/0/status`, `/mode`. Empty for the whole document.
    pub pointer: String,
    /// Stable snake_case word for programs.
    pub code: &'static str,
    /// One sentence for people; never repeats form text.
    pub detail: Cow<'static, str>,
    /// What to write instead, when that can be known.
    pub hint: Option<String>,
}

impl Violation {
    /// A violation inside the JSON body.
    pub fn body(
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::at(Location::Body, pointer, code, detail)
    }

    /// A violation in any part of the request.
    pub fn at(
        location: Location,
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { location, pointer: pointer.into(), code, detail: detail.into(), hint: None }
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
