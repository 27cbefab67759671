//! What the operator calls one of the Feishu apps that the gateway serves.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The operator's name of an app: 1 to 32 lower-case letters, digits, `-` and `_`.
///
/// It appears in the configuration, in key files, in log lines and as a label of metrics. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppName(Arc<str>);

/// Something of each app.
///
/// The names are the operator's, so that nobody can make them collide, and each request asks by them several times: a quick
/// hash is right.
pub type ByApp<T> = HashMap<AppName, T>;

/// The name of the app in the section `[feishu]`.
const DEFAULT: &str = "default";

/// Longest name, in characters; our choice.
const LONGEST: usize = 32;

impl AppName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the app of keys that name none, and of anonymous callers.
    pub fn is_default(&self) -> bool {
        self.as_str() == DEFAULT
    }
}

impl Default for AppName {
    fn default() -> Self {
        Self(DEFAULT.into())
    }
}

/// The word cannot name an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an app's name has 1 to {LONGEST} lower-case letters, digits, '-' and '_', begins with a letter and does not end \
     with '_' or hold two of them in a row"
)]
pub struct InvalidAppName;

impl FromStr for AppName {
    type Err = InvalidAppName;

    /// Two underscores would be mistaken for the separator in names of environment variables.
    fn from_str(word: &str) -> Result<Self, InvalidAppName> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        let fits = word.len() <= LONGEST
            && word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(allowed)
            && !word.ends_with('_')
            && !word.contains("__");
        if fits { Ok(Self(word.into())) } else { Err(InvalidAppName) }
    }
}

impl Borrow<str> for AppName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("erp" => true)]
    #[test_case("oa-2_eu" => true)]
    #[test_case("abcdefghijklmnopqrstuvwxyz012345" => true; "the longest")]
    #[test_case("abcdefghijklmnopqrstuvwxyz0123456" => false; "too long")]
    #[test_case("" => false; "nothing")]
    #[test_case("ERP" => false; "upper case")]
    #[test_case("2oa" => false; "a digit first")]
    #[test_case("a.b" => false; "a dot")]
    #[test_case("a__b" => false; "two underscores")]
    #[test_case("a_" => false; "an underscore at the end")]
    fn can_be_a_name(word: &str) -> bool {
        word.parse::<AppName>().is_ok()
    }
}
