//! Collects the violations of a document and the warnings about it, with their places.

use std::borrow::Cow;

use crate::domain::{Violation, WarningCode, Warnings};

/// Code of the last entry of a list of violations that was cut off.
pub const MORE_VIOLATIONS: &str = "more_violations";

/// Most violations that one answer lists; a document of 300 tasks with three mistakes each still fits.
const MAX_VIOLATIONS: usize = 1000;

/// Most of them that elements of arrays have: what is wrong with the document itself is to be seen in a flood of those, too.
const MAX_OF_ELEMENTS: usize = 900;

/// Longest part of a caller's own member name that a pointer repeats, in characters.
const MAX_NAME: usize = 128;

/// Collects violations while somebody walks through a document.
///
/// Pointers grow from the inside out: whoever leaves a member in which something was wrong puts its name in front. A
/// document that is right pays for none.
#[derive(Debug)]
pub(super) struct Report {
    violations: Vec<Violation>,
    warnings: Warnings,
    limit: usize,
    left_out: usize,
}

impl Report {
    pub(super) fn new() -> Self {
        Self { violations: Vec::new(), warnings: Warnings::default(), limit: MAX_VIOLATIONS, left_out: 0 }
    }

    /// Runs `walk` over the elements of an array, which must leave some of the limit to violations of what stands around them.
    pub(super) fn within_elements<T>(&mut self, walk: impl FnOnce(&mut Self) -> T) -> T {
        let limit = std::mem::replace(&mut self.limit, MAX_OF_ELEMENTS);
        let result = walk(self);
        self.limit = limit;
        result
    }

    /// Runs `walk` inside a member that the schema names.
    pub(super) fn within_name<T>(&mut self, name: &'static str, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.within(|pointer| pointer.push_str(name), walk)
    }

    /// Runs `walk` inside a member that the caller names.
    pub(super) fn within_key<T>(&mut self, key: &str, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.within(|pointer| push_escaped(pointer, key), walk)
    }

    /// Runs `walk` inside an element of an array.
    pub(super) fn within_index<T>(&mut self, index: usize, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.within(|pointer| pointer.push_str(&index.to_string()), walk)
    }

    /// Runs `walk` inside an element of an array member.
    pub(super) fn within_item<T>(
        &mut self,
        name: &'static str,
        index: usize,
        walk: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.within(|pointer| pointer.push_str(&format!("{name}/{index}")), walk)
    }

    /// Runs `walk`, and puts the step that leads there in front of the pointers of what was found.
    fn within<T>(&mut self, step: impl FnOnce(&mut String), walk: impl FnOnce(&mut Self) -> T) -> T {
        let (violated, warned) = (self.violations.len(), self.warnings.len());
        let result = walk(self);
        if self.violations.len() > violated || self.warnings.len() > warned {
            let mut prefix = String::from("/");
            step(&mut prefix);
            let violations = self.violations.iter_mut().skip(violated).map(|found| &mut found.pointer);
            let warnings = self.warnings.listed_mut().iter_mut().skip(warned).map(|found| &mut found.pointer);
            violations.chain(warnings).for_each(|pointer| pointer.insert_str(0, &prefix));
        }
        result
    }

    /// Whether further violations would only be counted.
    pub(super) fn is_full(&self) -> bool {
        self.violations.len() >= self.limit
    }

    /// Notes what a caller should look at, at the place where the reader is.
    pub(super) fn warn(&mut self, code: WarningCode, detail: &'static str) {
        self.warnings.add(code, "", detail);
    }

    /// What was noted so far for a caller to look at.
    pub(super) fn take_warnings(&mut self) -> Warnings {
        std::mem::take(&mut self.warnings)
    }

    /// Notes a violation at the place where the reader is.
    pub(super) fn violate(&mut self, code: &'static str, detail: impl Into<Cow<'static, str>>) {
        self.note(code, detail.into(), None);
    }

    /// Notes a violation and what to write instead.
    pub(super) fn violate_with_hint(
        &mut self,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
        hint: Option<String>,
    ) {
        self.note(code, detail.into(), hint);
    }

    /// Notes that a member is missing, at the member's own pointer.
    pub(super) fn missing(&mut self, name: &'static str, detail: impl Into<Cow<'static, str>>) {
        self.within_name(name, |report| report.violate("required", detail));
    }

    fn note(&mut self, code: &'static str, detail: Cow<'static, str>, hint: Option<String>) {
        if self.is_full() {
            self.left_out += 1;
            return;
        }
        let mut violation = Violation::body("", code, detail);
        violation.hint = hint;
        self.violations.push(violation);
    }

    /// Everything that was found; the last entry says how much was left out, if anything was.
    pub(super) fn into_violations(mut self) -> Vec<Violation> {
        if self.left_out > 0 {
            let detail = format!("{} more violations are not listed", self.left_out);
            self.violations.push(Violation::body("", MORE_VIOLATIONS, detail));
        }
        self.violations
    }
}

/// A caller's own name as a part of a JSON Pointer (RFC 6901).
pub(super) fn push_escaped(pointer: &mut String, key: &str) {
    for (count, c) in key.chars().enumerate() {
        match c {
            _ if count == MAX_NAME => {
                pointer.push('…');
                break;
            }
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}
