//! What is due of something that waits for its time.

use super::record::InstanceKey;
use crate::domain::Timestamp;

/// Those whose time has come, and when the next one's comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due<T> {
    /// Those that are due, longest first; at most as many as asked for.
    pub items: Vec<T>,
    /// When the next one is due; known only when there are fewer items than asked for.
    pub next_at: Option<Timestamp>,
}

/// What is due of one caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerDue {
    /// Who sent it; absent where nobody is known.
    pub caller: Option<String>,
    /// What is due, and when the next one is.
    pub due: Due<InstanceKey>,
}

impl<T> Default for Due<T> {
    fn default() -> Self {
        Self { items: Vec::new(), next_at: None }
    }
}

impl<T> Due<T> {
    /// Of those that wait, in the order of their times, those whose time has come; one without a time is due.
    pub(super) fn of(waiting: impl IntoIterator<Item = (Option<Timestamp>, T)>, now: Timestamp) -> Self {
        let mut due = Self::default();
        for (at, item) in waiting {
            match at {
                Some(at) if at > now => {
                    due.next_at = Some(at);
                    break;
                }
                _ => due.items.push(item),
            }
        }
        due
    }
}
