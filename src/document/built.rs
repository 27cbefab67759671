//! Arrays whose elements are built as soon as they are read.
//!
//! What was read of an element is looked at while it is at hand, and its place is used for the next one. Hundreds of tasks and
//! copies, of which each takes a quarter or a third of a kilobyte, would else be kept, and fetched again when the document has
//! ended.

use std::fmt::Debug;

use super::field::Field;
use super::report::Report;
use crate::domain::{Id, Text};

/// An element of an array of which something is built.
pub(super) trait Element<'a>: Sized {
    /// What is built of it.
    type Built: Debug;

    /// Applies the element's own rules, and puts what is built behind the others; there at once, because moving it costs more than
    /// building it.
    ///
    /// # Errors
    /// When a violation made the value impossible.
    fn build(self, items: &mut BuiltItems<'a, Self::Built>, report: &mut Report) -> Result<(), Refused<'a>>;
}

/// An element that nothing could be built of, by its id if it has one.
#[derive(Debug, Default)]
pub(super) struct Refused<'a>(pub(super) Option<Id<'a>>);

/// An array whose elements are built as soon as they are read; what was read of them is not kept.
#[derive(Debug)]
pub(super) struct BuiltList<'a, R: Element<'a>>(pub(super) Field<BuiltItems<'a, R::Built>>);

impl<'a, R: Element<'a>> Default for BuiltList<'a, R> {
    fn default() -> Self {
        Self(Field::Absent)
    }
}

/// The elements of such an array.
#[derive(Debug)]
pub(super) struct BuiltItems<'a, T> {
    /// What was built, in order.
    pub(super) built: Vec<T>,
    /// The others, behind their places in the array.
    pub(super) refused: Vec<(usize, Refused<'a>)>,
    /// What people would read of elements, or parts of them, that were refused.
    pub(super) refused_texts: Vec<Text<'a>>,
    /// How many elements there were.
    pub(super) total: usize,
}

impl<T> Default for BuiltItems<'_, T> {
    fn default() -> Self {
        Self { built: Vec::new(), refused: Vec::new(), refused_texts: Vec::new(), total: 0 }
    }
}

impl<'a, T> BuiltItems<'a, T> {
    /// Everything that was looked at, in the order of the array.
    pub(super) fn each(&self) -> impl Iterator<Item = Result<&T, &Refused<'a>>> {
        let (mut built, mut refused) = (self.built.iter(), self.refused.iter().peekable());
        (0..self.built.len() + self.refused.len()).filter_map(move |index| {
            match refused.next_if(|(place, _)| *place == index) {
                Some((_, refused)) => Some(Err(refused)),
                None => built.next().map(Ok),
            }
        })
    }
}

impl<'a, R: Element<'a>> BuiltList<'a, R> {
    /// Whether the document speaks of no elements; what is no array counts as some.
    pub(super) fn has_none(&self) -> bool {
        match &self.0 {
            Field::Absent => true,
            Field::Present(items) => items.total == 0,
            Field::Invalid => false,
        }
    }

    /// What was built; reports an array that is longer than Feishu takes, by its name.
    pub(super) fn into_built(
        self,
        name: &'static str,
        max: usize,
        report: &mut Report,
    ) -> Option<Vec<R::Built>> {
        let items = self.0.optional()?;
        if items.total > max {
            report.within_name(name, |report| {
                report.violate("too_many", format!("holds {} elements; Feishu takes {max}", items.total));
            });
        }
        Some(items.built)
    }
}
