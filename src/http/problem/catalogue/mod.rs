//! What every code means and what to do about it, in the two languages of the people on call.

mod chinese;
mod english;

use super::Code;

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English, also the language of every problem's `title`.
    English,
    /// Simplified Chinese.
    Chinese,
}

/// One code in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// A few words; the same for every problem with the code.
    pub title: &'static str,
    /// What has happened, and what has not.
    pub meaning: &'static str,
    /// What the caller or the operator does now.
    pub what_to_do: &'static str,
}

/// Explains the code.
pub fn explain(code: Code, language: Language) -> Explanation {
    let (title, meaning, what_to_do) = match language {
        Language::English => english::explain(code),
        Language::Chinese => chinese::explain(code),
    };
    Explanation { title, meaning, what_to_do }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(Language::English)]
    #[test_case(Language::Chinese)]
    fn every_code_is_explained_in_full_sentences(language: Language) {
        for code in Code::all() {
            let Explanation { title, meaning, what_to_do } = explain(code, language);
            assert!(!title.is_empty() && !title.ends_with(['.', '。']), "{code}: {title}");
            for text in [meaning, what_to_do] {
                assert!(text.ends_with(['.', '。']) && text.trim() == text, "{code}: {text}");
            }
        }
    }

    #[test_case(Language::English)]
    #[test_case(Language::Chinese)]
    fn no_two_codes_share_a_title(language: Language) {
        let mut titles: Vec<_> = Code::all().map(|code| explain(code, language).title).collect();
        titles.sort_unstable();
        let before = titles.len();
        titles.dedup();
        assert_eq!(titles.len(), before);
    }

    #[test]
    fn chinese_explanations_are_chinese() {
        let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        for code in Code::all() {
            let Explanation { title, meaning, what_to_do } = explain(code, Language::Chinese);
            for text in [title, meaning, what_to_do] {
                assert!(text.contains(is_han), "{code}: {text}");
            }
        }
    }
}
