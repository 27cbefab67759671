//! Which web pages may call.

use super::parse;
use super::reader::{Noted, Reader};
use super::schema::ALLOWED_ORIGINS;

/// The web pages whose scripts browsers let call the gateway (CORS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// All pages.
    Any,
    /// Pages of these origins, in the spelling of browsers.
    These(Vec<String>),
}

pub(super) fn read(reader: &mut Reader) -> Result<Option<AllowedOrigins>, Noted> {
    reader.optional(&ALLOWED_ORIGINS, parse::allowed_origins)
}
