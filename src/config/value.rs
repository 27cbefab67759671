//! A value as it was given, before anybody knows its type.

/// Longest excerpt (characters) of a bad value that an error repeats; enough to recognise it.
const LONGEST_EXCERPT: usize = 80;

/// What a place gave: the environment and flags know only text, the file has types of its own.
pub(super) enum Raw {
    Text(String),
    Toml(toml::Value),
}

impl Raw {
    /// The value when it is a string.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Toml(value) => value.as_str(),
        }
    }

    /// The value when it is a whole number, decimal digits only where there are no types.
    pub(super) fn as_whole_number(&self) -> Option<u64> {
        match self {
            Self::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            Self::Text(_) => None,
            Self::Toml(value) => value.as_integer().and_then(|number| u64::try_from(number).ok()),
        }
    }

    /// The value when it is a truth value, `true` or `false` where there are no types.
    pub(super) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Toml(value) => value.as_bool(),
        }
    }

    /// Whether it is a section without content.
    pub(super) fn is_empty_table(&self) -> bool {
        matches!(self, Self::Toml(toml::Value::Table(table)) if table.is_empty())
    }

    /// The value as an error shows it: quoted when it is text, shortened when it is long.
    pub(super) fn excerpt(&self) -> String {
        match self {
            // An address may carry a password.
            Self::Text(text) | Self::Toml(toml::Value::String(text)) if text.contains('@') => {
                "what it is".to_owned()
            }
            Self::Text(text) | Self::Toml(toml::Value::String(text)) => {
                let mut short: String = text.chars().take(LONGEST_EXCERPT).collect();
                if short.len() < text.len() {
                    short.push('…');
                }
                format!("{short:?}")
            }
            Self::Toml(toml::Value::Array(_)) => "an array".to_owned(),
            Self::Toml(toml::Value::Table(_)) => "a table".to_owned(),
            Self::Toml(value) => value.to_string(),
        }
    }
}
