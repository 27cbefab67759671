//! Values of a document's members after the first pass: absent, invalid or present.

use std::borrow::Cow;

use super::embedded::Embedded;
use super::report::Report;
use crate::domain::{Catalogue, Timestamp, Word};

/// A member's value after the first pass: absent, invalid or present.
#[derive(Debug, Default)]
pub(super) enum Field<T> {
    /// Not there, `null`, or (for strings) empty.
    #[default]
    Absent,
    /// There, but already reported as wrong: no further complaint about it is helpful.
    Invalid,
    /// There and well formed.
    Present(T),
}

impl<T> Field<T> {
    /// The value, when there is a good one.
    pub(super) fn optional(self) -> Option<T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::Invalid => None,
        }
    }

    /// Converts a value that is present.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Present(value) => Field::Present(change(value)),
            Self::Invalid => Field::Invalid,
            Self::Absent => Field::Absent,
        }
    }

    /// The value; reports the member as missing when it is absent.
    pub(super) fn required(self, name: &'static str, report: &mut Report) -> Option<T> {
        if let Self::Absent = self {
            report.missing(name, "is required");
        }
        self.optional()
    }

    /// Whether the caller wrote something here, good or bad.
    pub(super) fn is_given(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}

/// Defines a member type: a named [`Field`], so that each can be read in its own way.
macro_rules! member_types {
    ($($(#[$doc:meta])* $name:ident $(<$($life:lifetime),* $($param:ident),*>)? ($inner:ty);)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) struct $name $(<$($life),* $($param),*>)? (pub(super) Field<$inner>);

        impl $(<$($life),* $($param),*>)? Default for $name $(<$($life),* $($param),*>)? {
            fn default() -> Self {
                Self(Field::Absent)
            }
        }
    )+};
}

member_types! {
    /// A string; the empty one counts as absent.
    Str<'a>(Cow<'a, str>);
    /// An id, which holds no control characters; the empty one counts as absent.
    Identifier<'a>(Cow<'a, str>);
    /// A string whose emptiness has a meaning.
    AnyStr<'a>(Cow<'a, str>);
    /// A locale, checked by the rules of the region; the empty one counts as absent.
    LocaleName<'a>(Cow<'a, str>);
    /// `true` or `false`.
    Flag(bool);
    /// A whole number, or its decimal digits in a string.
    Integer(i64);
    /// An RFC 3339 time.
    Time(Timestamp);
    /// One word of a closed vocabulary.
    OneOf<W>(W);
    /// A free-form JSON object.
    Object<'a>(Embedded<'a>);
    /// An object with a schema of its own.
    Nested<T>(Box<T>);
    /// An array.
    List<T>(Items<T>);
    /// `{locale: {source text: translated text}}`.
    Catalogues<'a>(Vec<(Cow<'a, str>, Catalogue<'a>)>);
}

/// An element of an array: a text that is not empty.
#[derive(Debug)]
pub(super) struct Line<'a>(pub(super) Cow<'a, str>);

/// The elements of an array.
#[derive(Debug)]
pub(super) struct Items<T> {
    /// The elements in order, as many as are kept.
    pub(super) kept: Vec<Field<T>>,
    /// How many there were.
    pub(super) total: usize,
}

impl<T> List<T> {
    /// How many elements there are, good or bad.
    pub(super) fn len(&self) -> usize {
        match &self.0 {
            Field::Present(items) => items.total,
            Field::Absent | Field::Invalid => 0,
        }
    }

    /// Whether the document speaks of no elements; what is no array counts as some.
    pub(super) fn has_none(&self) -> bool {
        match &self.0 {
            Field::Absent => true,
            Field::Present(items) => items.total == 0,
            Field::Invalid => false,
        }
    }

    /// What `build` makes of the elements that could be read; reports an array that is too long.
    pub(super) fn build_each<U>(
        self,
        name: &'static str,
        max: usize,
        report: &mut Report,
        build: impl Fn(T, &mut Report) -> Option<U>,
    ) -> Option<Vec<U>> {
        let items = self.0.optional()?;
        if items.total > max {
            report.within_name(name, |report| {
                report
                    .violate("too_many", format!("holds {} elements; at most {max} are taken", items.total));
            });
        }
        let raw = items.kept.into_iter().enumerate();
        let built = report.within_elements(|report| {
            raw.filter_map(|(index, raw)| {
                let raw = raw.optional()?;
                report.within_item(name, index, |report| build(raw, report))
            })
            .collect()
        });
        Some(built)
    }
}

impl<W: Word> OneOf<W> {
    /// The word, or this one when absent.
    pub(super) fn or(self, default: W) -> W {
        self.0.optional().unwrap_or(default)
    }
}
