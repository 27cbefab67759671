//! What is answered: each file declares one response or item, what its members mean, and how it is made of what is known.
//!
//! A type has the name of its schema in the OpenAPI file.

mod caller_response;
mod cc_item;
mod definition;
mod definition_item;
mod definition_receipt;
mod delivery_problem;
mod delivery_status;
mod delivery_summary;
mod event_item;
mod event_retry_response;
mod extra;
mod history_item;
mod import_line_result;
mod import_response;
mod instance_check_report;
mod instance_identity;
mod instance_item;
mod instance_receipt;
mod instance_visibility;
mod message_receipt;
mod open_word;
mod problem_explanation;
mod retry_response;
mod stale_instance;
mod task_item;
mod task_status_item;
mod user_task_item;
mod warning;

pub(super) use caller_response::CallerResponse;
pub(super) use cc_item::CcItem;
pub(super) use definition::Definition;
pub(super) use definition_item::DefinitionItem;
pub(super) use definition_receipt::DefinitionReceipt;
pub(super) use delivery_status::DeliveryStatus;
pub(super) use delivery_summary::DeliverySummaryResponse;
pub(super) use event_item::EventItem;
pub(super) use event_retry_response::EventRetryResponse;
pub(super) use history_item::HistoryItem;
pub(super) use import_line_result::ImportLineResult;
pub(super) use import_response::ImportResponse;
pub(super) use instance_check_report::InstanceCheckReport;
pub(super) use instance_item::InstanceItem;
pub(super) use instance_receipt::{InstanceReceipt, applied_words};
pub(super) use instance_visibility::InstanceVisibility;
pub(super) use message_receipt::{MessageReceipt, MessageUpdateReceipt};
pub(super) use problem_explanation::ProblemExplanation;
pub(super) use retry_response::RetryResponse;
pub(super) use task_item::TaskItem;
pub(super) use task_status_item::TaskStatusItem;
pub(super) use user_task_item::UserTaskItem;
