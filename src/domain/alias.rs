//! What people are named by beside their ids, and the ids that Feishu has for it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// A kind of name for which Feishu has to be asked whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AliasKind {
    /// An e-mail address; Feishu knows none of company mailboxes by it (field notes).
    Email,
    /// A mobile number, with `+` and country code unless it is one of mainland China.
    Mobile,
    /// The id of a person across all apps of one developer (contract §1.3).
    UnionId,
}

impl AliasKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Email, Self::Mobile, Self::UnionId];

    /// The last word of the members that hold one.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Mobile => "mobile",
            Self::UnionId => "union_id",
        }
    }
}

/// A name of a person whose ids Feishu has to be asked for: an e-mail address, a mobile, or a union id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alias<'a> {
    /// What it is.
    pub kind: AliasKind,
    /// The name as the caller wrote it.
    pub value: Cow<'a, str>,
}

impl Alias<'_> {
    /// The same, independent of the document.
    pub fn to_static(&self) -> Alias<'static> {
        Alias { kind: self.kind, value: Cow::Owned(self.value.as_ref().to_owned()) }
    }
}

impl fmt::Debug for Alias<'_> {
    /// Without the name, which is a person's own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alias({})", self.kind.as_str())
    }
}

/// The ids that Feishu has for an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonIds {
    /// The id inside the app.
    pub open_id: String,
    /// The id inside the tenant, where the app may see it.
    pub user_id: Option<String>,
}

/// People by their aliases.
pub type KnownPeople = BTreeMap<Alias<'static>, PersonIds>;

/// A document that may name people by aliases.
pub trait NamesPeople {
    /// The aliases that it holds, each behind the JSON Pointer of its place.
    fn aliases(&self) -> Vec<(String, Alias<'_>)>;

    /// Gives the people who are known their ids.
    fn resolve(&mut self, known: &KnownPeople);

    /// Whether everybody needs an id inside the tenant.
    fn needs_user_ids(&self) -> bool {
        false
    }
}
