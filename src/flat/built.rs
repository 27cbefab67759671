//! Arrays whose elements are built as soon as they are read.
//!
//! What was read of an element is looked at while it is at hand, and its place is used for the next one. Hundreds of tasks and
//! copies, each a third of a kilobyte, would else be kept, and fetched again when the document has ended.

use std::fmt::Debug;

use super::report::Report;
use super::slot::Slot;
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
    fn build(self, built: &mut Vec<Self::Built>, report: &mut Report) -> Result<(), Refused<'a>>;
}

/// What the rules of the whole document compare of an element that nothing could be built of.
#[derive(Debug, Default)]
pub(super) struct Refused<'a> {
    /// Its id.
    pub(super) id: Option<Id<'a>>,
    /// What people read of it.
    pub(super) texts: Vec<Text<'a>>,
}

/// An array whose elements are built as soon as they are read.
#[derive(Debug)]
pub(super) struct BuiltList<'a, R: Element<'a>>(pub(super) Slot<BuiltItems<'a, R::Built>>);

impl<'a, R: Element<'a>> Default for BuiltList<'a, R> {
    fn default() -> Self {
        Self(Slot::Absent)
    }
}

/// The elements of such an array.
#[derive(Debug)]
pub(super) struct BuiltItems<'a, T> {
    /// What was built, in order.
    pub(super) built: Vec<T>,
    /// The others, behind their places in the array.
    pub(super) refused: Vec<(usize, Refused<'a>)>,
    /// How many elements there were.
    pub(super) total: usize,
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
    /// How many elements were looked at.
    pub(super) fn len(&self) -> usize {
        match &self.0 {
            Slot::Present(items) => items.built.len() + items.refused.len(),
            Slot::Absent | Slot::Invalid => 0,
        }
    }

    /// Whether nothing is written; what is no array counts as something.
    pub(super) fn is_empty(&self) -> bool {
        match &self.0 {
            Slot::Absent => true,
            Slot::Present(items) => items.total == 0,
            Slot::Invalid => false,
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
