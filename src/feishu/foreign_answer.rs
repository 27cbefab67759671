//! Says what answered when it was not Feishu: a proxy's page, a redirect, a web server that knows no such path.

use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION};
use url::Url;

use super::envelope::shorten;
use super::transport::Exchange;

/// What is known of an answer that could not be read, unless it is labelled as JSON. Quotes nothing of its body.
pub(super) fn describe(exchange: &Exchange) -> Option<String> {
    let Exchange { http_status, headers, body } = exchange;
    if (300..400).contains(http_status)
        && let Some(target) = redirect_target(headers)
    {
        return Some(format!("HTTP {http_status} leads to {target}, and redirects are not followed"));
    }
    if let Some(coding) = headers.get(CONTENT_ENCODING) {
        let coding = shorten(coding.to_str().unwrap_or("a name that is no text"));
        return Some(format!("HTTP {http_status} encoded with {coding}, which was not asked for"));
    }
    if body.is_empty() {
        return Some(format!("HTTP {http_status} with nothing in it"));
    }
    let is_like_json = body.trim_ascii_start().starts_with(b"{");
    match media_type(headers) {
        Some(media_type) if !is_json(headers) => {
            Some(format!("HTTP {http_status} with {} instead of JSON", shorten(media_type)))
        }
        Some(media_type) if !is_like_json => {
            Some(format!("HTTP {http_status} labelled {}, but no JSON object", shorten(media_type)))
        }
        None if !is_like_json => Some(format!("HTTP {http_status} without a media type, and no JSON object")),
        _ => None,
    }
}

/// Whether an answer may be JSON by its label; one without a label may.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let Some(label) = headers.get(CONTENT_TYPE) else { return true };
    let Ok(label) = label.to_str() else { return false };
    let media_type = essence(label).to_ascii_lowercase();
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

fn media_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE)?.to_str().ok().map(essence)
}

/// A media type without its parameters.
fn essence(label: &str) -> &str {
    label.split(';').next().unwrap_or_default().trim()
}

/// Where a redirect leads, without what may be secret: user, query and fragment.
fn redirect_target(headers: &HeaderMap) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let target = match Url::parse(location) {
        Ok(url) => format!("{}{}", url.origin().ascii_serialization(), url.path()),
        // Within the server; what names another one without a scheme may name a user, too.
        Err(_) if location.starts_with('/') && !location.starts_with("//") => {
            location.split(['?', '#']).next().unwrap_or_default().to_owned()
        }
        Err(_) => "another place".to_owned(),
    };
    Some(shorten(&target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use test_case::test_case;

    #[test_case(200, &[("content-type", "text/html; charset=utf-8")], "<html>"
        => Some("HTTP 200 with text/html instead of JSON".to_owned()); "a page")]
    #[test_case(404, &[("content-type", "text/plain")], "404 page not found"
        => Some("HTTP 404 with text/plain instead of JSON".to_owned()); "plain text")]
    #[test_case(404, &[], "404 page not found"
        => Some("HTTP 404 without a media type, and no JSON object".to_owned()); "no label")]
    #[test_case(302, &[("location", "https://me:hush@sso.example.com/in?ticket=hush#x")], ""
        => Some("HTTP 302 leads to https://sso.example.com/in, and redirects are not followed".to_owned());
        "a redirect")]
    #[test_case(301, &[("location", "/elsewhere?ticket=hush")], "moved"
        => Some("HTTP 301 leads to /elsewhere, and redirects are not followed".to_owned());
        "a redirect within the server")]
    #[test_case(302, &[("location", "//me:hush@sso.example.com/in")], ""
        => Some("HTTP 302 leads to another place, and redirects are not followed".to_owned());
        "a redirect without a scheme")]
    #[test_case(200, &[("content-type", "application/json")], "{\"co" => None; "JSON that ends too early")]
    #[test_case(200, &[], "{\"co" => None; "JSON without a label")]
    #[test_case(200, &[("content-type", "text/html")], ""
        => Some("HTTP 200 with nothing in it".to_owned()); "nothing")]
    #[test_case(200, &[("content-type", "application/json")], "<html>"
        => Some("HTTP 200 labelled application/json, but no JSON object".to_owned()); "a page labelled JSON")]
    #[test_case(200, &[("content-type", "application/json"), ("content-encoding", "br")], "?"
        => Some("HTTP 200 encoded with br, which was not asked for".to_owned()); "a coding that was not asked for")]
    fn answers(http_status: u16, headers: &[(&'static str, &str)], body: &'static str) -> Option<String> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse::<axum::http::HeaderValue>().unwrap()));
        let exchange = Exchange { http_status, headers: headers.collect(), body: Bytes::from(body) };
        describe(&exchange)
    }
}
