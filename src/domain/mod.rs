//! What an approval *is*, independent of how callers write it and of how Feishu wants it.

mod locale;
mod region;
mod violation;

pub use locale::Locale;
pub use region::Region;
pub use violation::{Location, Violation};
