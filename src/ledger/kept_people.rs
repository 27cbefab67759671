//! What is remembered of people whom a document names by e-mail addresses, mobiles or union ids.

use std::borrow::Cow;

use crate::domain::{Alias, AliasKind, KnownPeople, PersonIds};

/// The ids of the people of a document, as they were when it was sent last. Whoever leaves the company can be found no more, and is
/// still to be named.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptPeople(Vec<u8>);

/// Kind and value of an alias, and the ids that were found for it.
type Entry = (String, String, String, Option<String>);

impl KeptPeople {
    /// These people; nothing when there are none.
    pub fn of(known: &KnownPeople) -> Option<Self> {
        let entries: Vec<_> = known
            .iter()
            .map(|(alias, ids)| (alias.kind.as_str(), &alias.value, &ids.open_id, &ids.user_id))
            .collect();
        // Texts in arrays always serialise.
        (!entries.is_empty()).then(|| Self(serde_json::to_vec(&entries).unwrap_or_default()))
    }

    /// As they were stored.
    pub(super) fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// As they are stored.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The people. What cannot be read is forgotten: it is looked up again.
    pub fn known(&self) -> KnownPeople {
        let entries: Vec<Entry> = serde_json::from_slice(&self.0).unwrap_or_default();
        let known = entries.into_iter().filter_map(|(kind, value, open_id, user_id)| {
            let kind = AliasKind::ALL.into_iter().find(|known| known.as_str() == kind)?;
            Some((Alias { kind, value: Cow::Owned(value) }, PersonIds { open_id, user_id }))
        });
        known.collect()
    }
}

impl std::fmt::Debug for KeptPeople {
    /// Without the people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeptPeople({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_come_back_as_they_were_kept_and_what_is_damaged_is_forgotten() {
        let alias = |kind, value: &'static str| Alias { kind, value: value.into() };
        let ids = |open_id: &str, user_id: Option<&str>| PersonIds {
            open_id: open_id.to_owned(),
            user_id: user_id.map(str::to_owned),
        };
        let known = KnownPeople::from([
            (alias(AliasKind::Email, "alice@example.com"), ids("ou_1", Some("alice"))),
            (alias(AliasKind::UnionId, "on_1"), ids("ou_2", None)),
        ]);
        let kept = KeptPeople::of(&known).unwrap();
        assert_eq!(KeptPeople::stored(kept.bytes().to_vec()).known(), known);
        assert_eq!(KeptPeople::stored(b"[[\"email\"".to_vec()).known(), KnownPeople::new());
        assert_eq!(KeptPeople::of(&KnownPeople::new()), None);
        assert!(!format!("{kept:?}").contains("alice"));
    }
}
