//! Who asks to be shown, and whether a document means them.

/// The id that somebody is asked about by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonId {
    /// The id inside the tenant.
    UserId(String),
    /// The id inside the app, `ou_…`.
    OpenId(String),
}

/// A person as a document names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) user_id: Option<String>,
    pub(super) open_id: Option<String>,
}

/// How a person whom a document names compares with the one who is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// The same.
    Same,
    /// The same, asked about by the wrong kind of id.
    AskedByOtherKind,
    /// The same, and this member of the document holds the wrong kind of id: Feishu knows nobody by it.
    WrittenInWrongField(&'static str),
    /// Named by the other kind of id only, so nobody can tell.
    Unknown,
    /// Named by an e-mail address, a mobile or a union id of which no id is known yet.
    NotFound,
    /// Somebody else.
    Other,
}

/// Every open_id begins so, and no user_id is known to (contract §1.3).
const OPEN_ID_PREFIX: &str = "ou_";

fn is_open_id(id: &str) -> bool {
    id.starts_with(OPEN_ID_PREFIX)
}

impl PersonId {
    /// Whether it is of the other kind by its looks.
    pub(super) fn looks_wrong(&self) -> bool {
        match self {
            Self::UserId(id) => is_open_id(id),
            Self::OpenId(id) => !is_open_id(id),
        }
    }

    /// How a person of the document compares.
    pub(super) fn compare(&self, named: &Named) -> Match {
        let Named { user_id, open_id } = named;
        let (asked, same_kind, other_kind) = match self {
            Self::UserId(id) => (id, user_id, open_id),
            Self::OpenId(id) => (id, open_id, user_id),
        };
        if user_id.is_none() && open_id.is_none() {
            return Match::NotFound;
        }
        let is_asked = |id: &Option<String>| id.as_ref() == Some(asked);
        if is_asked(if is_open_id(asked) { user_id } else { open_id }) {
            return Match::WrittenInWrongField(if is_open_id(asked) { "user_id" } else { "open_id" });
        }
        if is_asked(same_kind) {
            Match::Same
        } else if is_asked(other_kind) {
            Match::AskedByOtherKind
        } else if same_kind.is_none() {
            Match::Unknown
        } else {
            Match::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn named(user_id: &str, open_id: &str) -> Named {
        let id = |id: &str| (!id.is_empty()).then(|| id.to_owned());
        Named { user_id: id(user_id), open_id: id(open_id) }
    }

    #[test_case("lisi", "" => Match::Same; "the same")]
    #[test_case("lisi", "ou_1" => Match::Same; "the same with both ids")]
    #[test_case("wangwu", "ou_1" => Match::Other; "somebody else")]
    #[test_case("", "ou_1" => Match::Unknown; "the other kind only")]
    #[test_case("", "" => Match::NotFound; "neither")]
    #[test_case("", "lisi" => Match::WrittenInWrongField("open_id"); "in the wrong field")]
    fn a_user_id_is_compared(user_id: &str, open_id: &str) -> Match {
        PersonId::UserId("lisi".to_owned()).compare(&named(user_id, open_id))
    }

    #[test_case("", "ou_1" => Match::Same; "the same")]
    #[test_case("lisi", "" => Match::Unknown; "the other kind only")]
    #[test_case("lisi", "ou_2" => Match::Other; "somebody else")]
    #[test_case("ou_1", "" => Match::WrittenInWrongField("user_id"); "in the wrong field")]
    fn an_open_id_is_compared(user_id: &str, open_id: &str) -> Match {
        PersonId::OpenId("ou_1".to_owned()).compare(&named(user_id, open_id))
    }

    #[test_case(&PersonId::UserId("ou_1".to_owned()), "", "ou_1" => (true, Match::AskedByOtherKind); "open id as user id")]
    #[test_case(&PersonId::UserId("ou_1".to_owned()), "ou_1", "" => (true, Match::WrittenInWrongField("user_id")); "in both")]
    #[test_case(&PersonId::OpenId("lisi".to_owned()), "lisi", "" => (true, Match::AskedByOtherKind); "user id as open id")]
    fn whoever_asks_by_the_wrong_kind_is_understood(
        asked: &PersonId,
        user_id: &str,
        open_id: &str,
    ) -> (bool, Match) {
        (asked.looks_wrong(), asked.compare(&named(user_id, open_id)))
    }
}
