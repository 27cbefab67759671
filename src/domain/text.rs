//! Strings that have at least one character, told apart by what they are for.

use std::borrow::Cow;
use std::fmt;

/// Defines a string type that cannot be empty and borrows from the caller's document where it can.
macro_rules! non_empty {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name<'a>(Cow<'a, str>);

        impl<'a> $name<'a> {
            /// Takes any string but the empty one.
            pub fn new(raw: impl Into<Cow<'a, str>>) -> Option<Self> {
                let raw = raw.into();
                if raw.is_empty() { None } else { Some(Self(raw)) }
            }

            /// The string as the caller wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

non_empty! {
    /// An identifier: of an instance, a task, a copy, a person, a department, a definition.
    ///
    /// Feishu documents no length for most of them (contract §4.1), so none is enforced here.
    Id
}

non_empty! {
    /// A text that people read; it travels behind an i18n key.
    Text
}

non_empty! {
    /// An address that a person opens; passed on byte for byte.
    Link
}

/// Whether a text holds a character that controls and shows nothing: C0, DEL or C1.
pub fn has_control_character(raw: &str) -> bool {
    raw.chars().any(char::is_control)
}

/// Schemes that make a client run code instead of opening a page.
const RUNS_CODE: [&str; 3] = ["javascript:", "data:", "vbscript:"];

impl Link<'_> {
    /// Whether opening the link would run code, read as lenient clients do.
    ///
    /// Browsers skip leading control characters and spaces, and drop tabs and line breaks anywhere in a scheme.
    pub fn runs_code(&self) -> bool {
        // Nearly all links, at once.
        if self.0.starts_with("https://") {
            return false;
        }
        let trimmed = self.0.trim_start_matches(|c: char| c <= ' ' || c.is_whitespace());
        RUNS_CODE.iter().any(|scheme| {
            let mut read = trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r'));
            scheme.chars().all(|expected| read.next().is_some_and(|c| c.eq_ignore_ascii_case(&expected)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("https://oa.example.com/1" => false)]
    #[test_case("lark://applink/1" => false)]
    #[test_case("/relative?javascript:" => false)]
    #[test_case("javascript:alert(1)" => true)]
    #[test_case("JavaScript:alert(1)" => true)]
    #[test_case("  \u{1}java\nscript:alert(1)" => true)]
    #[test_case("data:text/html,x" => true)]
    #[test_case("vbscript:x" => true)]
    fn a_link_runs_code(link: &str) -> bool {
        Link::new(link).unwrap().runs_code()
    }

    #[test]
    fn an_empty_string_is_no_text() {
        assert_eq!(Text::new(""), None);
    }
}
