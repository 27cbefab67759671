//! What a caller should look at although its document is taken.

use std::borrow::Cow;

use super::Word;

/// What is doubtful about a document that is taken all the same (design §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WarningCode {
    /// Tasks of a final instance are pending.
    OpenTasks,
    /// A `user_id` that begins like an `open_id`.
    LooksLikeOpenId,
    /// An `open_id` that does not begin like one.
    LooksLikeUserId,
    /// A text that begins like one of Feishu's keys.
    LooksLikeI18nKey,
    /// A link that opens nothing.
    SuspiciousLink,
    /// A version that lies more than a day ahead.
    VersionInFuture,
    /// A version that the instance had already.
    VersionRaised,
    /// A member that Feishu ignores in updates.
    IgnoredByUpdate,
    /// A key that hardly differs from that of a known definition.
    SimilarDefinitionKey,
    /// Buttons that a card will not have.
    ButtonsLeftOut,
    /// A card that will not be sent.
    NotNotified,
    /// Warnings that are not listed.
    MoreWarnings,
}

impl Word for WarningCode {
    const ALL: &'static [Self] = &[
        Self::OpenTasks,
        Self::LooksLikeOpenId,
        Self::LooksLikeUserId,
        Self::LooksLikeI18nKey,
        Self::SuspiciousLink,
        Self::VersionInFuture,
        Self::VersionRaised,
        Self::IgnoredByUpdate,
        Self::SimilarDefinitionKey,
        Self::ButtonsLeftOut,
        Self::NotNotified,
        Self::MoreWarnings,
    ];

    const NAME: &'static str = "WarningCode";

    fn as_str(self) -> &'static str {
        match self {
            Self::OpenTasks => "open_tasks",
            Self::LooksLikeOpenId => "looks_like_open_id",
            Self::LooksLikeUserId => "looks_like_user_id",
            Self::LooksLikeI18nKey => "looks_like_i18n_key",
            Self::SuspiciousLink => "suspicious_link",
            Self::VersionInFuture => "version_in_future",
            Self::VersionRaised => "version_raised",
            Self::IgnoredByUpdate => "ignored_by_update",
            Self::SimilarDefinitionKey => "similar_definition_key",
            Self::ButtonsLeftOut => "buttons_left_out",
            Self::NotNotified => "not_notified",
            Self::MoreWarnings => "more_warnings",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::OpenTasks => {
                "The instance has ended and the task is pending: it stays in its approver's to-do list."
            }
            Self::LooksLikeOpenId => "A `user_id` begins with `ou_`, as an `open_id` does.",
            Self::LooksLikeUserId => "An `open_id` does not begin with `ou_`.",
            Self::LooksLikeI18nKey => {
                "A text begins with `@i18n@`; it is shown as it is, for the gateway makes all keys."
            }
            Self::SuspiciousLink => "A link probably opens nothing.",
            Self::VersionInFuture => {
                "A version lies more than a day ahead: until then Feishu ignores what is older."
            }
            Self::VersionRaised => "The instance had this version or a later one, so a later one was sent.",
            Self::IgnoredByUpdate => "Feishu keeps what it has of this member; `mode=replace` changes it.",
            Self::SimilarDefinitionKey => {
                "A new `definition_key` hardly differs from a known one; another key makes another definition."
            }
            Self::ButtonsLeftOut => {
                "The card of a task is sent without its buttons: this gateway takes no callbacks of the app."
            }
            Self::NotNotified => {
                "A task wants a card and gets none: cards need a ledger, and a link with a scheme."
            }
            Self::MoreWarnings => "There are more warnings than are listed.",
        }
    }
}

/// One thing that a caller should look at; never a reason to refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Stable word for programs.
    pub code: WarningCode,
    /// JSON Pointer (RFC 6901) into the document; `*` stands for every index, empty for the whole document.
    pub pointer: String,
    /// One sentence for people; never repeats form text.
    pub detail: Cow<'static, str>,
}

/// Most warnings of one code: whoever makes one mistake in 300 tasks sees it in twenty, and the other mistakes, too.
const MAX_OF_A_CODE: usize = 20;

/// Warnings about one document, of which those of one code are bounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Warnings {
    listed: Vec<Warning>,
    left_out: usize,
}

impl Warnings {
    /// Adds a warning, unless there are enough of its code.
    pub fn add(
        &mut self,
        code: WarningCode,
        pointer: impl Into<String>,
        detail: impl Into<Cow<'static, str>>,
    ) {
        if self.listed.iter().filter(|known| known.code == code).count() < MAX_OF_A_CODE {
            self.listed.push(Warning { code, pointer: pointer.into(), detail: detail.into() });
        } else {
            self.left_out += 1;
        }
    }

    /// Those that were added first, by their places.
    pub fn listed_mut(&mut self) -> &mut [Warning] {
        &mut self.listed
    }

    /// How many are listed.
    pub fn len(&self) -> usize {
        self.listed.len()
    }

    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// The list; its last entry says how much was left out, if anything was.
    pub fn into_list(mut self) -> Vec<Warning> {
        if self.left_out > 0 {
            let detail = format!("{} more warnings of the same kinds are not listed", self.left_out);
            self.listed.push(Warning {
                code: WarningCode::MoreWarnings,
                pointer: String::new(),
                detail: detail.into(),
            });
        }
        self.listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_warnings_of_one_code_leave_room_for_others_and_say_how_many_there_were() {
        let mut warnings = Warnings::default();
        for index in 0..300 {
            warnings.add(WarningCode::OpenTasks, format!("/tasks/{index}/status"), "is pending");
        }
        warnings.add(WarningCode::SuspiciousLink, "/pc_link", "names no host");
        let list = warnings.into_list();
        assert_eq!(list.len(), MAX_OF_A_CODE + 2);
        assert_eq!(list[MAX_OF_A_CODE].code, WarningCode::SuspiciousLink);
        let last = list.last().unwrap();
        assert_eq!((last.code, last.detail.split(' ').next()), (WarningCode::MoreWarnings, Some("280")));
    }
}
