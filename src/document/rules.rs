//! What of the configuration documents are checked against.

use crate::domain::{Locale, Region};

/// What of an app's configuration its documents are checked against.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Decides limits and locales.
    pub region: Region,
    /// The locale of a document that names none.
    pub default_locale: Locale,
    /// Whether an update must name its version: only a ledger can give it one that is later than all before.
    pub update_needs_version: bool,
    /// Which tasks' approvers get a card.
    pub cards: CardRules,
}

/// Which tasks' approvers get a card, and what cards can hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CardRules {
    /// Whether any are sent: they need a ledger.
    pub are_sent: bool,
    /// Whether tasks get one that say nothing about it.
    pub by_default: bool,
    /// Whether a tap on a button of theirs reaches anybody.
    pub have_buttons: bool,
}
