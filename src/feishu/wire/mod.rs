//! Feishu's JSON, letter for letter: what is sent, and what is read from answers.
//!
//! Fields are named as in the contract, in the contract's order. `None` leaves a field out: `null` is never sent.

mod check;
mod definition;
mod i18n;
mod instance;
mod time;

pub use check::{CheckAnswer, CheckInstance, CheckRequest, CheckTask, DiffInstance, DiffTask};
pub use definition::{DefinitionAnswer, External, ExternalApproval, Viewer};
pub use i18n::{I18nKey, Resource, ResourceText};
pub use instance::{
    ActionConfig, CcNode, EntityRecord, ExternalInstance, FormField, InstanceAnswer, LinkPair, ProcessRecord,
    TaskNode, TrusteeshipCacheConfig, TrusteeshipUrls,
};
pub use time::{EndTime, Int64, Millis};
