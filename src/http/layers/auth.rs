//! Who is calling.

use std::fmt;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::http::problem::{Code, Problem};
use crate::journal;

/// Knows the callers' keys.
pub trait FindCaller: Send + Sync {
    /// The name of the caller whose key was presented; must take the same time whatever is presented.
    fn find(&self, presented: &str) -> Option<String>;
}

/// Who may call the API (design §5).
#[derive(Clone)]
pub struct AuthPolicy {
    /// The callers' keys; `None` when there is no keys file.
    pub keys: Option<Arc<dyn FindCaller>>,
    /// Whether a request without any key is let in. A wrong key never is.
    pub allow_anonymous: bool,
}

impl fmt::Debug for AuthPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthPolicy")
            .field("has_keys", &self.keys.is_some())
            .field("allow_anonymous", &self.allow_anonymous)
            .finish()
    }
}

/// The name of the caller in the keys file, found in the request's extensions; absent for an anonymous one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerName(Arc<str>);

impl CallerName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lets a request in or answers 401; it stands before the handler, so a stranger's body is never read.
pub async fn require_caller(State(policy): State<AuthPolicy>, mut request: Request, next: Next) -> Response {
    match policy.judge(request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(caller)) => {
            journal::note_caller(&caller.0);
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => refusal.into_problem().into_response(),
    }
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    NoKey,
    NotBearer,
    WrongKey,
}

impl AuthPolicy {
    fn judge(&self, headers: &HeaderMap) -> Result<Option<CallerName>, Refusal> {
        let mut presented = headers.get_all(AUTHORIZATION).iter();
        let (header, None) = (presented.next(), presented.next()) else { return Err(Refusal::NotBearer) };
        let Some(header) = header else {
            return if self.allow_anonymous { Ok(None) } else { Err(Refusal::NoKey) };
        };
        let key = header.to_str().ok().and_then(bearer_key).ok_or(Refusal::NotBearer)?;
        // A key that cannot be right is refused even where none is needed: its owner believes to be known.
        let name = self.keys.as_ref().and_then(|keys| keys.find(key)).ok_or(Refusal::WrongKey)?;
        Ok(Some(CallerName(name.into())))
    }
}

/// The key behind the scheme, which is case-insensitive (RFC 9110 §11.1).
fn bearer_key(header: &str) -> Option<&str> {
    let (scheme, key) = header.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
}

impl Refusal {
    fn into_problem(self) -> Problem {
        // RFC 6750 §3: no error code unless a Bearer key was presented.
        let (detail, challenge) = match self {
            Self::NoKey => ("Send your key in the header Authorization: Bearer <key>.", "Bearer"),
            Self::NotBearer => (
                "The Authorization header is not one Bearer key. Send Authorization: Bearer <key>, once.",
                "Bearer",
            ),
            Self::WrongKey => ("The gateway does not know this key.", "Bearer error=\"invalid_token\""),
        };
        Problem::new(Code::Unauthorized)
            .detail(detail)
            .header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }
}
