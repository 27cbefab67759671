//! Words of deliveries: the gateway's own, which Feishu does not know.

use super::Word;

/// How far the delivery of an instance has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// Accepted, not yet taken by Feishu.
    Pending,
    /// Feishu took this revision.
    Delivered,
    /// Feishu took this revision, and its check agrees on every version.
    Confirmed,
    /// Feishu refuses this content, or it does not stick: nothing is tried by itself.
    Refused,
    /// Feishu holds a newer version: somebody else pushes this instance.
    Conflict,
}

impl Word for DeliveryState {
    const ALL: &'static [Self] =
        &[Self::Pending, Self::Delivered, Self::Confirmed, Self::Refused, Self::Conflict];

    const NAME: &'static str = "DeliveryState";

    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Conflict => "conflict",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Pending => "Accepted, not yet taken by Feishu.",
            Self::Delivered => "Feishu took this revision.",
            Self::Confirmed => "Feishu took this revision, and its check agrees on every version.",
            Self::Refused => "Feishu refuses this content, or it does not stick: nothing is tried by itself.",
            Self::Conflict => "Feishu holds a newer version: somebody else pushes this instance.",
        }
    }
}

/// What an import does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImportState {
    /// Its documents are delivered.
    Running,
    /// Its documents wait.
    Paused,
    /// What waited was withdrawn; final.
    Canceled,
}

impl Word for ImportState {
    const ALL: &'static [Self] = &[Self::Running, Self::Paused, Self::Canceled];

    const NAME: &'static str = "ImportState";

    fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Running => "Its documents are delivered.",
            Self::Paused => "Its documents wait.",
            Self::Canceled => "What waited was withdrawn; final.",
        }
    }
}
