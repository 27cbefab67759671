//! What every reason of `explainVisibility` means and what to do about it, in the two languages of the people on call.

mod chinese;
mod english;

use super::problem::catalogue::Language;
use crate::delivery::visibility::ReasonCode;

/// One reason in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReasonExplanation {
    /// What it means.
    pub(super) meaning: &'static str,
    /// What to do now.
    pub(super) what_to_do: &'static str,
}

/// Explains a reason.
pub(super) fn explain(code: ReasonCode, language: Language) -> ReasonExplanation {
    let (meaning, what_to_do) = match language {
        Language::English => english::explain(code),
        Language::Chinese => chinese::explain(code),
    };
    ReasonExplanation { meaning, what_to_do }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Word as _;
    use std::collections::HashSet;
    use test_case::test_case;

    #[test_case(Language::English)]
    #[test_case(Language::Chinese)]
    fn every_reason_is_explained_in_full_sentences_of_its_own(language: Language) {
        let mut seen = HashSet::new();
        for code in ReasonCode::ALL {
            let ReasonExplanation { meaning, what_to_do } = explain(*code, language);
            for text in [meaning, what_to_do] {
                assert!(text.ends_with(['.', '。']) && text.trim() == text, "{code:?}: {text}");
                let is_chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert!(language == Language::English || is_chinese, "{code:?}: {text}");
            }
            assert!(seen.insert(meaning), "{code:?}: {meaning}");
        }
    }
}
