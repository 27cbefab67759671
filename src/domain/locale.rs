//! The languages in which Feishu can show a text.

use std::fmt;
use std::str::FromStr;

use super::Word;

/// A locale that Feishu's `i18n_resources[].locale` documents.
///
/// Feishu does not validate the word and shows nothing for one it does not know (contract §1.5), so an unknown locale
/// cannot exist inside the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Locale(&'static str);

/// Contract §1.5: the three locales of every page, then the thirteen that only newer Feishu pages list.
const LOCALES: [Locale; 16] = [
    Locale("zh-CN"),
    Locale("en-US"),
    Locale("ja-JP"),
    Locale("zh-HK"),
    Locale("zh-TW"),
    Locale("de-DE"),
    Locale("es-ES"),
    Locale("fr-FR"),
    Locale("id-ID"),
    Locale("it-IT"),
    Locale("ko-KR"),
    Locale("pt-BR"),
    Locale("th-TH"),
    Locale("vi-VN"),
    Locale("ms-MY"),
    Locale("ru-RU"),
];

/// Contract §11.6: Lark documents the first three only.
const LARK_COUNT: usize = 3;

impl Locale {
    /// Simplified Chinese, the default of the documents' texts.
    pub const ZH_CN: Self = Self("zh-CN");

    /// Every locale that some region knows, in the order of Feishu's page.
    pub fn all() -> impl Iterator<Item = Self> {
        LOCALES.into_iter()
    }

    /// The locales that Lark's pages list (contract §11.6).
    pub fn all_of_lark() -> impl Iterator<Item = Self> {
        Self::all().take(LARK_COUNT)
    }

    /// The locales that messages of the approval bot know (contract §10.1): the three of every page.
    pub fn all_of_messages() -> impl Iterator<Item = Self> {
        Self::all_of_lark()
    }

    /// What texts of this locale are declared as in a message: those that messages do not know, as Chinese (design §4.3).
    #[must_use]
    pub fn for_messages(self) -> Self {
        if Self::all_of_messages().any(|known| known == self) { self } else { Self::ZH_CN }
    }

    /// The locale that another spelling means: another case, `_`, a script, a language alone, an encoding behind it.
    pub fn meant_by(word: &str) -> Option<Self> {
        let plain = word.split(['.', '@']).next()?.trim().to_lowercase().replace('_', "-");
        let parts: Vec<_> = plain.split('-').collect();
        let has = |part: &str| parts.contains(&part);
        let language = match *parts.first()? {
            "cn" | "chs" | "cht" | "cmn" => "zh",
            "jp" => "ja",
            "kr" => "ko",
            "vn" => "vi",
            // Java's word until version 17.
            "in" => "id",
            other => other,
        };
        let exact = match language {
            "zh" if has("hk") || has("mo") => "zh-HK",
            "zh" if has("tw") || has("hant") || has("cht") => "zh-TW",
            _ => "",
        };
        let of_language = |locale: &Self| locale.0.split('-').next() == Some(language);
        exact.parse().ok().or_else(|| Self::all().find(of_language))
    }

    /// The word as Feishu spells it.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// For the documents only: a locale is read by [`FromStr`], which all of its users share.
impl Word for Locale {
    const ALL: &'static [Self] = &LOCALES;

    // Not `Locale`, which is a type of Java's own.
    const NAME: &'static str = "TextLocale";

    fn as_str(self) -> &'static str {
        self.0
    }

    fn meaning(self) -> &'static str {
        match self.0 {
            "zh-CN" => "Chinese, simplified.",
            "en-US" => "English.",
            "ja-JP" => "Japanese.",
            "zh-HK" => "Chinese of Hong Kong; not on Lark.",
            "zh-TW" => "Chinese of Taiwan; not on Lark.",
            "de-DE" => "German; not on Lark.",
            "es-ES" => "Spanish; not on Lark.",
            "fr-FR" => "French; not on Lark.",
            "id-ID" => "Indonesian; not on Lark.",
            "it-IT" => "Italian; not on Lark.",
            "ko-KR" => "Korean; not on Lark.",
            "pt-BR" => "Portuguese of Brazil; not on Lark.",
            "th-TH" => "Thai; not on Lark.",
            "vi-VN" => "Vietnamese; not on Lark.",
            "ms-MY" => "Malay; not on Lark.",
            "ru-RU" => "Russian; not on Lark.",
            _ => "",
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("zh_CN" => Some("zh-CN"); "underscore")]
    #[test_case("zh-cn" => Some("zh-CN"); "another case")]
    #[test_case("zh-Hans" => Some("zh-CN"); "simplified script")]
    #[test_case("zh-Hans-HK" => Some("zh-HK"); "region beside the script")]
    #[test_case("zh_Hant" => Some("zh-TW"); "traditional script")]
    #[test_case("zh-MO" => Some("zh-HK"); "Macau")]
    #[test_case("zh" => Some("zh-CN"); "Chinese")]
    #[test_case("cn" => Some("zh-CN"); "country for language")]
    #[test_case("en" => Some("en-US"); "English")]
    #[test_case("en_GB.UTF-8" => Some("en-US"); "as a shell has it")]
    #[test_case("PT-pt" => Some("pt-BR"); "Portuguese")]
    #[test_case("jp" => Some("ja-JP"); "country for Japanese")]
    #[test_case("tlh" => None; "a language that Feishu does not have")]
    #[test_case("" => None; "empty")]
    fn meant(word: &str) -> Option<&'static str> {
        Locale::meant_by(word).map(Locale::as_str)
    }
}
