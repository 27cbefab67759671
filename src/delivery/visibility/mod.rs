//! Why a person does or does not see an instance in Feishu, and in which list (design §2, `explainVisibility`).
//!
//! `look` gathers what is known: the kept document and how far its delivery has come, Feishu's statuses, its check, and the
//! definition. `explain` decides, and asks nobody. What each reason is called in words is left to whoever shows it.

mod definition;
mod explain;
mod look;
mod people;
mod person;
mod reason;
#[cfg(test)]
mod tests;

pub use self::explain::Explanation;
pub use self::look::{LookError, Looked, look};
pub use self::person::PersonId;
pub use self::reason::{Effect, Finding, InboxList, ReasonCode, Sight};
