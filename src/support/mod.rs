//! Small parts that know nothing of approvals and that any layer may use.

pub mod clock;
pub mod deadline;
pub(crate) mod error_chain;
pub(crate) mod fair_share;
pub(crate) mod file_reader;
pub(crate) mod hash_parts;
pub(crate) mod if_none_match;
pub(crate) mod json_text;
pub(crate) mod keyed_mac;
pub mod line_reader;
pub mod spans;
pub mod standard_webhooks;
pub(crate) mod suggestion;
