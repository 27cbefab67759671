//! Which web pages may call.

use super::parse::{Parsed, expected, web_origin};
use super::reader::{Noted, Reader};
use super::schema::ALLOWED_ORIGINS;
use super::value::Raw;

/// The web pages whose scripts browsers let call the gateway (CORS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// All pages.
    Any,
    /// Pages of these origins, in the spelling of browsers.
    These(Vec<String>),
}

impl AllowedOrigins {
    /// The origins; `None` when all may.
    pub fn listed(&self) -> Option<&[String]> {
        match self {
            Self::Any => None,
            Self::These(origins) => Some(origins),
        }
    }
}

pub(super) fn read(reader: &mut Reader) -> Result<Option<AllowedOrigins>, Noted> {
    reader.optional(&ALLOWED_ORIGINS, allowed_origins)
}

/// `*`, or the origins of web pages, separated by commas. Each must be spelled as browsers do, or it would never match.
fn allowed_origins(raw: &Raw) -> Parsed<AllowedOrigins> {
    let Some(text) = raw.as_str() else { return not_origins() };
    if text.trim() == "*" {
        return Ok(AllowedOrigins::Any);
    }
    let origins = text.split(',').map(|origin| {
        let origin = origin.trim();
        web_origin(&Raw::Text(origin.to_owned())).ok().filter(|canonical| canonical == origin)
    });
    origins.collect::<Option<_>>().map_or_else(not_origins, |origins| Ok(AllowedOrigins::These(origins)))
}

fn not_origins<T>() -> Parsed<T> {
    expected("* or origins as browsers send them, such as https://oa.example.com,https://erp.example.com")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("*" => Some(AllowedOrigins::Any))]
    #[test_case("https://a.example" => Some(AllowedOrigins::These(vec!["https://a.example".to_owned()])))]
    #[test_case("https://a.example, http://b.example:81" => Some(AllowedOrigins::These(vec!["https://a.example".to_owned(), "http://b.example:81".to_owned()])))]
    #[test_case("https://a.example/" => None; "a slash that browsers do not send")]
    #[test_case("https://A.example" => None; "a spelling that browsers do not send")]
    #[test_case("https://a.example,*" => None; "a star among others")]
    #[test_case("https://a.example,," => None; "an empty one")]
    #[test_case("" => None; "nothing")]
    fn origins(text: &str) -> Option<AllowedOrigins> {
        allowed_origins(&Raw::Text(text.to_owned())).ok()
    }
}
