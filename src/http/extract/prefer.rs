//! The caller's preferences (RFC 7240).

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::support::deadline::Deadline;

/// What a caller prefers; what is unknown or makes no sense is ignored, as the RFC wants it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Whether to answer before the work is done.
    pub respond_async: bool,
    /// How long to wait for it at most.
    pub wait: Option<Duration>,
}

impl Preferences {
    /// Until when to wait for the work of a request; not at all when its answer is wanted before that.
    pub fn wait_until(self, deadline: Deadline) -> Option<Deadline> {
        match self.wait {
            Some(wait) => Some(deadline.min(Deadline::after(wait))),
            None => (!self.respond_async).then_some(deadline),
        }
    }

    fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        let mut found = Self::default();
        for preference in lines.flat_map(|line| line.split(',')) {
            let token = preference.split(';').next().unwrap_or_default();
            let (name, value) = token.split_once('=').unwrap_or((token, ""));
            let value = value.trim().trim_matches('"');
            if name.trim().eq_ignore_ascii_case("respond-async") {
                found.respond_async = true;
            } else if name.trim().eq_ignore_ascii_case("wait") && found.wait.is_none() {
                // The first of several counts.
                found.wait = value.parse().ok().map(|seconds: u32| Duration::from_secs(seconds.into()));
            }
        }
        found
    }
}

impl<S: Sync> FromRequestParts<S> for Preferences {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use test_case::test_case;

    #[test_case(&[] => (false, None); "none")]
    #[test_case(&["respond-async"] => (true, None))]
    #[test_case(&["Respond-Async; foo=bar"] => (true, None); "another case, with a parameter")]
    #[test_case(&["wait=5"] => (false, Some(5)))]
    #[test_case(&["wait = \"5\""] => (false, Some(5)); "blanks and quotes")]
    #[test_case(&["respond-async, wait=10"] => (true, Some(10)); "both in a line")]
    #[test_case(&["return=minimal", "wait=3, wait=9"] => (false, Some(3)); "the first one counts")]
    #[test_case(&["wait=soon"] => (false, None); "no number")]
    #[test_case(&["wait=-1"] => (false, None); "a negative number")]
    #[test_case(&["wait"] => (false, None); "no value")]
    #[test_case(&["wait=0"] => (false, Some(0)); "not at all")]
    fn preferences(lines: &[&'static str]) -> (bool, Option<u64>) {
        let values = lines.iter().map(|line| ("prefer".parse().unwrap(), HeaderValue::from_static(line)));
        let Preferences { respond_async, wait } = Preferences::of(&HeaderMap::from_iter(values));
        (respond_async, wait.map(|wait| wait.as_secs()))
    }
}
