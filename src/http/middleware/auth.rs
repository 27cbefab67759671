//! Authenticates callers by their keys.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use axum::middleware::Next;
use axum::response::Response;

use crate::callers::{Caller, KeyRing};
use crate::domain::AppName;
use crate::http::problem::{Code, Problem};
use crate::http::request_context::RequestContext;
use crate::http::unauthenticated_limit::UnauthenticatedLimit;

/// Who may call the API (design §5).
#[derive(Debug, Clone)]
pub struct AuthPolicy {
    /// The callers' keys; `None` when there is no keys file.
    pub keys: Option<KeyRing>,
    /// Whether a request without any key is let in. A wrong key never is.
    pub allow_anonymous: bool,
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    NoKey,
    NotBearer,
    WrongKey,
}

/// Authenticates the caller and puts it into the request's extensions; 401 for an unknown key.
pub(super) async fn authenticate(
    State(policy): State<AuthPolicy>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = policy.caller(request.headers()).map_err(Refusal::into_problem)?;
    if let Some(limit) = request.extensions().get::<UnauthenticatedLimit>() {
        limit.lift();
    }
    RequestContext::of(request.extensions()).authenticated(&caller, policy.is_shared(&caller.app));
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

impl AuthPolicy {
    /// Whether the app has more than one caller; all who have no key count as one.
    pub fn is_shared(&self, app: &AppName) -> bool {
        let named = self.keys.as_ref().map_or(0, |keys| keys.names_of(app));
        let anonymous = self.allow_anonymous && *app == AppName::default();
        named + usize::from(anonymous) > 1
    }

    fn caller(&self, headers: &HeaderMap) -> Result<Arc<Caller>, Refusal> {
        let mut presented = headers.get_all(AUTHORIZATION).iter();
        let (header, None) = (presented.next(), presented.next()) else { return Err(Refusal::NotBearer) };
        let Some(header) = header else {
            return if self.allow_anonymous { Ok(Caller::anonymous()) } else { Err(Refusal::NoKey) };
        };
        let key = header.to_str().ok().and_then(bearer_key).ok_or(Refusal::NotBearer)?;
        // A key that cannot be right is refused even where none is needed: its owner believes to be known.
        self.keys.as_ref().and_then(|keys| keys.find(key)).ok_or(Refusal::WrongKey)
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
            Self::WrongKey => (
                "The gateway does not know this key. Check it, or ask the operator for another one.",
                "Bearer error=\"invalid_token\"",
            ),
        };
        Problem::new(Code::Unauthorized)
            .detail(detail)
            .header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }
}
