//! Feishu's JSON, letter for letter: what is sent, and what is read from answers.
//!
//! Fields are named as in the contract, in the contract's order; only the texts come last. `None` leaves a field out: `null` is never sent.

mod check;
mod definition;
mod i18n;
mod i18n_key;
mod instance;
mod json;
mod lenient;
mod message;
mod paging;
mod payload;
mod people;
mod search;
mod stored_definition;
mod task_statuses;
mod texts;
mod time;
mod user_tasks;

pub use check::{CheckAnswer, CheckInstance, CheckRequest, CheckTask, DiffInstance, DiffTask};
pub use definition::{DefinitionAnswer, External, ExternalApproval, Viewer};
pub use i18n::{MapResource, Resource, ResourceText, TextMap};
pub use i18n_key::I18nKey;
pub use instance::{
    ActionConfig, CcNode, EntityRecord, ExternalInstance, FormField, InstanceAnswer, LinkPair, ProcessRecord,
    TaskNode, TrusteeshipCacheConfig, TrusteeshipUrls,
};
pub use json::{Each, MAX_PAYLOAD_BYTES, Members, Wire, Writer};
pub use lenient::Loose;
pub use message::{
    ActionCallback, ActionName, Message, MessageAction, MessageActionConfig, MessageAnswer, MessageBody,
    MessageChange, Summary,
};
pub use paging::More;
pub use payload::{TooLarge, message_payload_of, payload};
pub use people::{FindUsersRequest, FoundUser, FoundUsers, ReadUsers, UserNode, UserStatus};
pub use search::{
    Found, FoundApproval, FoundCc, FoundGroup, FoundInstance, FoundLink, FoundTask, SearchBody, SearchPage,
};
pub use stored_definition::{
    IsSet, StoredDefinition, StoredExternal, StoredResource, StoredText, StoredViewer,
};
pub use task_statuses::{
    InstanceStatusNode, LegacyTaskStatusPage, TaskStatusFilterBody, TaskStatusNode, TaskStatusPage,
};
pub use time::{EndTime, Int64, Millis};
pub use user_tasks::{UserTaskNode, UserTaskPage, UserTaskUrls};
