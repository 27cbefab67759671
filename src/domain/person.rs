//! Who, and where to click.

use super::{Alias, Id, KnownPeople, Link, PersonIds, has_scheme};

/// Somebody in Feishu, by at least one of the two ids that a push can carry (contract §1.3), or by an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person<'a> {
    user_id: Option<Id<'a>>,
    open_id: Option<Id<'a>>,
    alias: Option<Alias<'a>>,
}

impl<'a> Person<'a> {
    /// A person with one id or both; none with neither.
    pub fn new(user_id: Option<Id<'a>>, open_id: Option<Id<'a>>) -> Option<Self> {
        (user_id.is_some() || open_id.is_some()).then_some(Self { user_id, open_id, alias: None })
    }

    /// A person whose ids are not known before they are [resolved](Self::resolve).
    pub fn by(alias: Alias<'a>) -> Self {
        Self { user_id: None, open_id: None, alias: Some(alias) }
    }

    /// The id inside the tenant.
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_ref().map(Id::as_str)
    }

    /// The id inside the app.
    pub fn open_id(&self) -> Option<&str> {
        self.open_id.as_ref().map(Id::as_str)
    }

    /// What the document names them by, when that is no id.
    pub fn alias(&self) -> Option<&Alias<'a>> {
        self.alias.as_ref()
    }

    /// Takes over the ids of a person who is named by an alias, when they are known.
    pub fn resolve(&mut self, known: &KnownPeople) {
        if let Some(PersonIds { open_id, user_id }) = self.alias.as_ref().and_then(|alias| known.get(alias)) {
            self.open_id = Id::new(open_id.clone());
            self.user_id = user_id.clone().and_then(Id::new);
        }
    }
}

/// Where a click leads, on both kinds of client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links<'a> {
    /// Opened on a computer.
    pub pc: Link<'a>,
    /// Opened on a phone.
    pub mobile: Link<'a>,
}

impl<'a> Links<'a> {
    /// Links from one address or both; the missing one mirrors the other (design §2.1).
    pub fn mirrored(pc: Option<Link<'a>>, mobile: Option<Link<'a>>) -> Option<Self> {
        match (pc, mobile) {
            (Some(pc), Some(mobile)) => Some(Self { pc, mobile }),
            (Some(only), None) | (None, Some(only)) => Some(Self { pc: only.clone(), mobile: only }),
            (None, None) => None,
        }
    }

    /// Those that messages can carry: with a scheme (contract §10.1).
    pub fn with_scheme(&self) -> Option<Self> {
        let usable = |link: &Link<'a>| has_scheme(link.as_str()).then(|| link.clone());
        Self::mirrored(usable(&self.pc), usable(&self.mobile))
    }
}
