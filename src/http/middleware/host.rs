//! Refuses requests that do not say clearly which host they are for (RFC 9112 §3.2).

use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Version};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::problem::{Code, Problem};

/// What is wrong with the `Host` of a request as it arrived; the server marks requests with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostFault {
    /// HTTP/1.1 wants it.
    Missing,
    /// A proxy and a server behind it may take different ones.
    Repeated,
    /// It names no host.
    Invalid,
}

impl HostFault {
    /// The fault of this request, if it has one.
    pub fn of<B>(request: &axum::http::Request<B>) -> Option<Self> {
        let mut hosts = request.headers().get_all(HOST).iter();
        match (hosts.next(), hosts.next()) {
            (Some(_), Some(_)) => Some(Self::Repeated),
            (Some(host), None) => (!is_host(host)).then_some(Self::Invalid),
            (None, _) => (request.version() == Version::HTTP_11).then_some(Self::Missing),
        }
    }
}

/// A host with or without its port, and nothing else.
fn is_host(value: &HeaderValue) -> bool {
    let authority = Authority::try_from(value.as_bytes());
    authority.is_ok_and(|authority| {
        let has_user = authority.as_str().contains('@');
        let port = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
        !has_user
            && !authority.host().is_empty()
            && (matches!(port, "" | ":") || authority.port_u16().is_some())
    })
}

/// Answers 400 to a request that the server has marked.
pub(super) async fn refuse_fault(request: Request, next: Next) -> Result<Response, Problem> {
    let detail = match request.extensions().get::<HostFault>() {
        None => return Ok(next.run(request).await),
        Some(HostFault::Missing) => "The Host header is missing, which HTTP/1.1 requires.",
        Some(HostFault::Repeated) => "There is more than one Host header.",
        Some(HostFault::Invalid) => "The Host header is no host name with an optional port.",
    };
    Err(Problem::new(Code::MalformedRequest).detail(detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http;
    use test_case::test_case;

    #[test_case(Version::HTTP_11, &["gateway"] => None; "a name")]
    #[test_case(Version::HTTP_11, &["gateway.example.com:8080"] => None; "a name and a port")]
    #[test_case(Version::HTTP_11, &["[::1]:8080"] => None; "an address in brackets")]
    #[test_case(Version::HTTP_11, &["gateway:"] => None; "a colon without a port")]
    #[test_case(Version::HTTP_10, &[] => None; "before HTTP/1.1 none is needed")]
    #[test_case(Version::HTTP_2, &[] => None; "HTTP/2 has an authority")]
    #[test_case(Version::HTTP_11, &[] => Some(HostFault::Missing); "none")]
    #[test_case(Version::HTTP_11, &["a", "a"] => Some(HostFault::Repeated); "the same twice")]
    #[test_case(Version::HTTP_10, &["a", "b"] => Some(HostFault::Repeated); "two")]
    #[test_case(Version::HTTP_11, &[""] => Some(HostFault::Invalid); "empty")]
    #[test_case(Version::HTTP_11, &["a b"] => Some(HostFault::Invalid); "a blank")]
    #[test_case(Version::HTTP_11, &["a/b"] => Some(HostFault::Invalid); "a path")]
    #[test_case(Version::HTTP_11, &["me@gateway"] => Some(HostFault::Invalid); "a user")]
    #[test_case(Version::HTTP_11, &["gateway:http"] => Some(HostFault::Invalid); "a port that is no number")]
    fn fault(version: Version, hosts: &[&str]) -> Option<HostFault> {
        let request = http::Request::builder().version(version);
        let request = hosts.iter().fold(request, |request, host| request.header(HOST, *host));
        HostFault::of(&request.body(()).unwrap())
    }
}
