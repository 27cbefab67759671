//! Reading a request without axum's own rejections, which are plain text and tell the caller little.
//!
//! Each extractor reads one part of the request (path, query, header, body bytes) and answers a
//! [`Problem`](crate::http::problem::Problem) when it cannot. What the body *says* is read by the layer that knows the
//! document.

mod if_match;
mod json_body;
mod limits;
mod lines_body;
mod media_type;
mod merge_patch_body;
mod path_param;
mod percent;
mod prefer;
mod query;
mod query_reader;
mod timeout;

pub use if_match::IfMatchHeader;
pub use json_body::JsonBody;
pub use limits::RequestLimits;
pub use lines_body::LinesBody;
pub use merge_patch_body::MergePatchBody;
pub use path_param::PathParam;
pub use prefer::Preferences;
pub use query::QueryParams;
pub use query_reader::{MOST_VALUES, QueryReader};
pub(super) use timeout::asked_deadline;
pub use timeout::{TIMEOUT_HEADER_NAME, TimeoutHeader};
