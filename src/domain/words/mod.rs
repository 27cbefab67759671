//! Closed sets of words, each with our spelling and Feishu's.

mod delivered;
mod event;
mod message;
mod pushed;
mod quick_approval;
mod searched;

pub use delivered::{DeliveryState, ImportState};
pub use event::{EventState, EventType};
pub use message::{MessageStatus, MessageTemplate};
pub use pushed::{
    CachePolicy, CompleteReason, DepartmentIdType, DisplayMethod, GenerateType, InstanceStatus, Mode, Reason,
    TaskStatus, TrusteeshipUserIdType, UserIdType, ViewerScope,
};
pub use quick_approval::QuickApproval;
pub use searched::{
    FoundTaskStatus, InstanceStatusFilter, TaskOrder, TaskStatusFilter, Topic, UserTaskStatus, process_status,
};

/// One word of a closed vocabulary.
pub trait Word: Sized + Copy + 'static {
    /// Every word, in the order of the documents.
    const ALL: &'static [Self];

    /// The vocabulary's name.
    const NAME: &'static str;

    /// Our spelling, lower case.
    fn as_str(self) -> &'static str;

    /// What the word means, in one sentence.
    fn meaning(self) -> &'static str;

    /// The word with this spelling.
    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == word)
    }
}

/// A word of Feishu's that may be one we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<W> {
    /// One of ours.
    Word(W),
    /// One that Feishu has invented since; kept as it came.
    Other(String),
}

/// A vocabulary that Feishu spells differently from surface to surface (contract §12.2).
pub trait FeishuWord: Word {
    /// The word behind any of Feishu's spellings.
    fn from_feishu(word: &str) -> Option<Self>;
}

impl<W: FeishuWord> Known<W> {
    /// Reads any spelling of Feishu's.
    pub fn from_feishu(word: &str) -> Self {
        W::from_feishu(word).map_or_else(|| Self::Other(word.to_owned()), Self::Word)
    }
}

/// Defines a vocabulary: our word, and Feishu's.
macro_rules! words {
    (
        $(#[doc = $doc:literal])+
        $name:ident {
            $($(#[doc = $meaning:literal])+ $variant:ident = $ours:literal => $feishu:literal,)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[doc = $meaning])+ $variant,)+ }

        impl $crate::domain::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            const NAME: &'static str = stringify!($name);

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $ours),+ }
            }

            fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning),+).trim_ascii()),+ }
            }
        }

        impl $name {
            /// The word that Feishu's documents list.
            pub fn wire_name(self) -> &'static str {
                match self { $(Self::$variant => $feishu),+ }
            }
        }
    };
}
pub(crate) use words;

/// Defines a closed vocabulary of the gateway's own.
macro_rules! own_words {
    (
        $(#[doc = $doc:literal])+
        $name:ident { $($(#[doc = $meaning:literal])+ $variant:ident = $word:literal,)+ }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[doc = $meaning])+ $variant,)+ }

        impl $crate::domain::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            const NAME: &'static str = stringify!($name);

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning),+).trim_ascii()),+ }
            }
        }
    };
}
pub(crate) use own_words;
