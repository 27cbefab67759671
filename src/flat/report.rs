//! Where the reader is, and what it found wrong so far.

use std::borrow::Cow;

use crate::domain::Violation;

/// Most violations that one answer lists; a document of 300 tasks with three mistakes each still fits.
const MAX_VIOLATIONS: usize = 1000;

/// Longest part of a caller's own member name that a pointer repeats, in characters.
const MAX_NAME: usize = 128;

/// Collects violations while somebody walks through a document.
#[derive(Debug, Default)]
pub(super) struct Report {
    path: Vec<Step>,
    violations: Vec<Violation>,
    left_out: usize,
}

/// One step of the path from the document's root.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// A member that the schema names.
    Name(&'static str),
    /// An element of an array.
    Index(usize),
    /// A member that the caller names.
    Key(String),
}

impl Report {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Runs `walk` one step deeper.
    pub(super) fn within<T>(&mut self, step: Step, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let result = walk(self);
        self.path.pop();
        result
    }

    /// Runs `walk` inside a member.
    pub(super) fn within_name<T>(&mut self, name: &'static str, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.within(Step::Name(name), walk)
    }

    /// Runs `walk` inside an element of an array member.
    pub(super) fn within_item<T>(
        &mut self,
        name: &'static str,
        index: usize,
        walk: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.within_name(name, |report| report.within(Step::Index(index), walk))
    }

    /// Whether further violations would only be counted.
    pub(super) fn is_full(&self) -> bool {
        self.violations.len() == MAX_VIOLATIONS
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
        if self.violations.len() == MAX_VIOLATIONS {
            self.left_out += 1;
            return;
        }
        let mut violation = Violation::body(self.pointer(), code, detail);
        violation.hint = hint;
        self.violations.push(violation);
    }

    /// The JSON Pointer (RFC 6901) of the place where the reader is.
    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            match step {
                Step::Name(name) => pointer.push_str(name),
                Step::Index(index) => pointer.push_str(&index.to_string()),
                Step::Key(key) => {
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
            }
        }
        pointer
    }

    /// Everything that was found; the last entry says how much was left out, if anything was.
    pub(super) fn into_violations(mut self) -> Vec<Violation> {
        if self.left_out > 0 {
            let detail = format!("{} more violations are not listed", self.left_out);
            self.violations.push(Violation::body("", super::MORE_VIOLATIONS, detail));
        }
        self.violations
    }
}
