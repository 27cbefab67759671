//! The languages in which Feishu can show a text.

use std::fmt;
use std::str::FromStr;

/// A locale that Feishu's `i18n_resources[].locale` documents.
///
/// Feishu does not validate the word and shows nothing for one it does not know (contract §1.5), so an unknown locale
/// cannot exist inside the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Locale(&'static str);

/// Contract §1.5: the three locales of every page, then the thirteen that only newer Feishu pages list.
const FEISHU: [&str; 16] = [
    "zh-CN", "en-US", "ja-JP", "zh-HK", "zh-TW", "de-DE", "es-ES", "fr-FR", "id-ID", "it-IT", "ko-KR",
    "pt-BR", "th-TH", "vi-VN", "ms-MY", "ru-RU",
];

/// Contract §11.6: Lark documents the first three only.
const LARK_COUNT: usize = 3;

impl Locale {
    /// Simplified Chinese, the default of the documents' texts.
    pub const ZH_CN: Self = Self("zh-CN");

    /// Every locale that some region knows, in the order of Feishu's page.
    pub fn all() -> impl Iterator<Item = Self> {
        FEISHU.into_iter().map(Self)
    }

    /// The locales that Lark's pages list (contract §11.6).
    pub fn all_of_lark() -> impl Iterator<Item = Self> {
        Self::all().take(LARK_COUNT)
    }

    /// The word as Feishu spells it.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// The word is no locale that Feishu documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a locale that Feishu documents")]
pub struct UnknownLocale;

impl FromStr for Locale {
    type Err = UnknownLocale;

    /// Reads the exact spelling of Feishu; another case or an underscore is unknown.
    fn from_str(word: &str) -> Result<Self, UnknownLocale> {
        Self::all().find(|locale| locale.0 == word).ok_or(UnknownLocale)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
