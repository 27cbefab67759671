//! What an approval *is*, independent of how callers write it and of how Feishu wants it.
//!
//! Values here are valid because of their types: a [`Text`] has a character, a [`Person`] has an id or an alias, a [`Timestamp`]
//! lies after 1970. Rules that span fields are kept by the one place that builds each document, [`crate::document`].

mod alias;
mod app_name;
mod card_context;
mod definition;
mod extra;
mod instance;
mod locale;
mod message;
mod person;
mod region;
mod suspicious_link;
mod task;
mod text;
mod timestamp;
mod translations;
mod trusteeship;
mod versions;
mod violation;
mod warning;
mod words;
mod written_time;

pub use alias::{Alias, AliasKind, KnownPeople, NamesPeople, PersonIds};
pub use app_name::{AppName, ByApp, InvalidAppName};
pub use card_context::CardContext;
pub use definition::{ApprovalDefinition, Callback, DefinitionRole, Group, NamedInDefinition, Viewers};
pub use extra::Extra;
pub use instance::{ApprovalInstance, CarbonCopy, FormRow};
pub use locale::Locale;
pub use message::{ApprovalMessage, BotMessage, CardActions, CardStatus, MessageContent, MessageUpdate};
pub use person::{Links, Person};
pub use region::Region;
pub use suspicious_link::has_scheme;
pub use task::{Action, ActionKind, ApprovalTask};
pub use text::{Id, Link, Text, has_control_character};
pub use timestamp::{InvalidTime, LONGEST_TIME, Timestamp};
pub use translations::{Catalogue, Translations};
pub use trusteeship::Trusteeship;
pub use versions::KnownVersions;
pub use violation::{Location, Violation};
pub use warning::{Warning, WarningCode, Warnings};
pub(crate) use words::own_words;
pub use words::{
    CachePolicy, CompleteReason, DeliveryState, DepartmentIdType, DisplayMethod, EventState, EventType,
    FeishuWord, FoundTaskStatus, GenerateType, ImportState, InstanceStatus, InstanceStatusFilter, Known,
    MessageStatus, MessageTemplate, Mode, QuickApproval, Reason, TaskOrder, TaskStatus, TaskStatusFilter,
    Topic, TrusteeshipUserIdType, UserIdType, UserTaskStatus, ViewerScope, Word, process_status,
};
