//! What a caller may do.

use std::fmt;

/// One permission of a caller. None contains another: whoever needs several is given several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Operations that change nothing, previews and checks included.
    Read,
    /// Operations that change what Feishu has.
    Write,
    /// Operations for whoever looks after deliveries: repeating those that failed, forgetting documents.
    Operate,
}

impl Scope {
    /// All, in the order in which they are written.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Operate];

    /// The word in key files and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Operate => "operate",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one key may do: at least one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes {
    read: bool,
    write: bool,
    operate: bool,
}

impl Scopes {
    /// Everything.
    pub const ALL: Self = Self { read: true, write: true, operate: true };

    /// What a key may do whose line says nothing else.
    pub const USUAL: Self = Self { read: true, write: true, operate: false };

    /// Reads scopes with commas between them; none when it is anything else, a repetition included.
    pub fn parse(text: &str) -> Option<Self> {
        let mut scopes = Self { read: false, write: false, operate: false };
        for word in text.split(',') {
            let scope = match word {
                "read" => &mut scopes.read,
                "write" => &mut scopes.write,
                "operate" => &mut scopes.operate,
                _ => return None,
            };
            if std::mem::replace(scope, true) {
                return None;
            }
        }
        Some(scopes)
    }

    /// Whether this scope is among them.
    pub fn contains(self, scope: Scope) -> bool {
        match scope {
            Scope::Read => self.read,
            Scope::Write => self.write,
            Scope::Operate => self.operate,
        }
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = Scope::ALL.into_iter().filter(|scope| self.contains(*scope)).map(Scope::as_str);
        f.write_str(&words.collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("read" => Some("read".to_owned()))]
    #[test_case("write" => Some("write".to_owned()); "write alone does not read")]
    #[test_case("operate" => Some("operate".to_owned()); "operate alone neither")]
    #[test_case("read,write" => Some("read,write".to_owned()))]
    #[test_case("operate,write,read" => Some("read,write,operate".to_owned()); "any order")]
    #[test_case("" => None; "nothing")]
    #[test_case("read," => None; "a comma too many")]
    #[test_case("read,read" => None; "twice")]
    #[test_case("admin" => None; "another word")]
    #[test_case("READ" => None; "upper case")]
    fn parsed(text: &str) -> Option<String> {
        Scopes::parse(text).map(|scopes| scopes.to_string())
    }
}
