//! The two brands of the same product, which differ in limits and addresses.

use std::fmt;
use std::str::FromStr;

use super::Locale;

/// Which brand the tenant lives on; it decides addresses, limits and locales (contract §11.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Region {
    /// 飞书, China.
    #[default]
    Feishu,
    /// Lark, international.
    Lark,
}

impl Region {
    /// Origin of the Open API (contract §0.3).
    pub fn base_url(self) -> &'static str {
        match self {
            Self::Feishu => "https://open.feishu.cn",
            Self::Lark => "https://open.larksuite.com",
        }
    }

    /// Origin of the historic approval host (contract §0.3).
    pub fn legacy_base_url(self) -> &'static str {
        match self {
            Self::Feishu => "https://www.feishu.cn",
            Self::Lark => "https://www.larksuite.com",
        }
    }

    /// Most tasks that one instance may have (contract §11.6).
    pub fn max_tasks(self) -> usize {
        match self {
            Self::Feishu => 300,
            Self::Lark => 200,
        }
    }

    /// Whether this brand documents the locale (contract §11.6).
    pub fn knows(self, locale: Locale) -> bool {
        match self {
            Self::Feishu => true,
            Self::Lark => Locale::all_of_lark().any(|known| known == locale),
        }
    }

    /// The locales of this brand, in the order of its pages.
    pub fn locales(self) -> impl Iterator<Item = Locale> {
        Locale::all().filter(move |locale| self.knows(*locale))
    }

    /// The word of the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Feishu => "feishu",
            Self::Lark => "lark",
        }
    }
}

/// The word is neither `feishu` nor `lark`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be \"feishu\" or \"lark\"")]
pub struct UnknownRegion;

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(word: &str) -> Result<Self, UnknownRegion> {
        [Self::Feishu, Self::Lark].into_iter().find(|region| region.as_str() == word).ok_or(UnknownRegion)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
