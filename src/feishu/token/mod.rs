//! Tokens, of tenants and of store apps: cached, fetched once however many ask, renewed ahead, replaced once when refused.
//!
//! Facts: a token lives two hours at most; asked for again while 30 minutes or more remain, the same one comes back;
//! below that a new one comes and both are valid (contract §2.2). moka keeps the cache and its single flight; the
//! expiry is kept in the value, on our own clock, because moka has none that can be set.

mod app_token;
mod backoff;
mod endpoint;
mod interleaving;
#[cfg(test)]
mod model_check;
mod source;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderValue;
use moka::future::Cache;
use moka::ops::compute::Op;
use secrecy::{ExposeSecret, SecretString};
use tracing::Instrument as _;

use self::backoff::TokenBackoff;
use self::interleaving::point;
#[cfg(feature = "fuzzing")]
pub(super) use self::source::TokenAnswer;
pub(super) use self::source::TokenSource;
use super::api::Api;
use super::envelope;
use super::failure::{CallError, Failure, Refusal};
use super::failure_table::Class;
use super::report::CallReport;
use crate::support::clock::Clock;
use crate::support::deadline::Deadline;

/// Contract §2.2: below this much remaining life Feishu hands out a new token.
const OVERLAP_MILLIS: i64 = 30 * 60 * 1000;

/// Renewal starts this much inside the overlap, so that clocks may differ by as much.
const RENEWAL_MARGIN_MILLIS: i64 = 60 * 1000;

/// A token this close to its end is not sent any more; part of its life when that is short.
const EXPIRY_MARGIN_MILLIS: i64 = 30 * 1000;

/// How often one operation may be sent again because its token was refused. Twice, because a token that was on its way
/// when the first was revoked, as a renewal is, may have been revoked with it.
pub(super) const MAX_REPLAYS: u32 = 2;

/// Pause before a token is renewed again for which there was no ticket; there is half an hour for it.
const TICKET_PAUSE: Duration = Duration::from_secs(60);

/// Tokens that are kept: one for each app, and one more for each store app. Far more than one process serves.
const MAX_TOKENS: u64 = 1000;

/// Cache key of a token; does not contain the secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct AppKey {
    base_url: Arc<str>,
    app_id: Arc<str>,
    secret_fingerprint: [u8; 8],
    kind: TokenKind,
}

/// Which of an app's tokens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum TokenKind {
    /// That of the only tenant which a custom app has.
    OnlyTenant,
    /// That of a store app itself.
    StoreApp,
    /// That of a store app for the tenant with this key.
    Tenant(Arc<str>),
}

/// A token and the times that matter, in milliseconds of the monotonic clock.
#[derive(Debug)]
pub(super) struct Token {
    value: SecretString,
    bearer: HeaderValue,
    fetched_at: i64,
    renew_at: i64,
    expires_at: i64,
    renewing: AtomicBool,
    /// Whether an API has taken it.
    works: AtomicBool,
}

impl Token {
    fn new(value: SecretString, asked_at: i64, life_millis: i64) -> Self {
        // Half of the life at least, so that a short-lived token does not cause a renewal a request.
        let renew_after = (life_millis - OVERLAP_MILLIS + RENEWAL_MARGIN_MILLIS).max(life_millis / 2);
        let margin = EXPIRY_MARGIN_MILLIS.min(life_millis / 10);
        Self {
            bearer: bearer(&value),
            value,
            fetched_at: asked_at,
            renew_at: asked_at + renew_after,
            expires_at: asked_at + life_millis - margin,
            renewing: AtomicBool::new(false),
            works: AtomicBool::new(false),
        }
    }

    /// The header that proves the app, made once for all calls.
    pub(super) fn bearer(&self) -> &HeaderValue {
        &self.bearer
    }

    fn value(&self) -> &SecretString {
        &self.value
    }

    fn same_as(&self, other: &Self) -> bool {
        self.value.expose_secret() == other.value.expose_secret()
    }
}

/// The tokens of all apps.
#[derive(Debug, Clone)]
pub struct TokenCache {
    tokens: Tokens,
    /// What was found out about fetching each: whoever shares a token shares its pauses, as the tenants of a store app do.
    backoffs: Arc<Mutex<HashMap<AppKey, Arc<TokenBackoff>>>>,
}

/// Apps are the operator's, so that nobody can make their keys collide, and each call asks by them: a quick hash is right.
type Tokens = Cache<AppKey, Arc<Token>>;

impl Default for TokenCache {
    fn default() -> Self {
        Self { tokens: Cache::builder().max_capacity(MAX_TOKENS).build(), backoffs: Arc::default() }
    }
}

impl TokenCache {
    fn backoff(&self, key: &AppKey, clock: &Clock) -> Arc<TokenBackoff> {
        // Nothing panics while the lock is held.
        let mut backoffs = self.backoffs.lock().unwrap_or_else(PoisonError::into_inner);
        let backoff =
            backoffs.entry(key.clone()).or_insert_with(|| Arc::new(TokenBackoff::new(clock.clone())));
        Arc::clone(backoff)
    }
}

/// Where tokens come from: Feishu, or a model of it.
pub(super) trait Source: Send + Sync + 'static {
    /// A token and what is left of its life; a failure is a [`Failure::NoToken`].
    fn fetch(&self) -> impl Future<Output = Result<(SecretString, Duration), Failure>> + Send;
}

/// One app's view of the cache.
#[derive(Debug)]
pub(super) struct AppTokens<S = TokenSource>(Arc<Inner<S>>);

impl<S> Clone for AppTokens<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Inner<S> {
    cache: Tokens,
    key: AppKey,
    source: S,
    backoff: Arc<TokenBackoff>,
    clock: Clock,
}

impl<S: Source> AppTokens<S> {
    fn of(cache: &TokenCache, key: AppKey, source: S, clock: Clock) -> Self {
        let backoff = cache.backoff(&key, &clock);
        Self(Arc::new(Inner { cache: cache.tokens.clone(), key, source, backoff, clock }))
    }

    /// A token that is valid by our clock. Nobody waits for a renewal while there is one.
    pub(super) async fn get(&self, deadline: Deadline) -> Result<Arc<Token>, CallError> {
        if let Some(token) = self.cached().await {
            return Ok(token);
        }
        // Boxed, as what is rare below is, too: its place would be carried about by every call.
        Box::pin(self.fetch_shared(deadline)).await.map_err(no_token)
    }

    /// A token other than `dead`, which Feishu refused with `refusal`.
    ///
    /// Evicts `dead` only if it is still the one in the cache. When the token endpoint hands the same one out again,
    /// the refusal stands, and further refusals of it cost no token call until a pause has passed.
    pub(super) async fn replace(
        &self,
        dead: &Arc<Token>,
        refusal: &Refusal,
        deadline: Deadline,
    ) -> Result<Arc<Token>, Failure> {
        let inner = &self.0;
        if let Some(current) = self.cached().await
            && !current.same_as(dead)
        {
            return Ok(current);
        }
        if inner.backoff.is_confirmed(dead.value()) {
            return Err(Failure::DeadToken(Box::new(refusal.clone())));
        }
        if !dead.works.load(Ordering::Relaxed) && !inner.backoff.may_replace_useless(dead.value()) {
            return Err(Failure::DeadToken(Box::new(refusal.clone())));
        }
        inner.backoff.refused(dead.value());
        self.evict(dead).await;
        let token = self.fetch_shared(deadline).await?;
        if token.same_as(dead) {
            return Err(Failure::DeadToken(Box::new(refusal.clone())));
        }
        Ok(token)
    }

    /// Notes that an API took this token.
    pub(super) fn proved(&self, token: &Token) {
        if !token.works.load(Ordering::Relaxed) {
            token.works.store(true, Ordering::Relaxed);
            self.0.backoff.proved();
        }
    }

    /// When the cached token was fetched and when it ends, Unix milliseconds. For those who watch: it renews nothing.
    pub(super) fn times(&self) -> Option<(i64, i64)> {
        let (_, token) = self.0.cache.iter().find(|(key, _)| **key == self.0.key)?;
        let since_1970 = self.0.clock.unix_millis() - self.0.clock.monotonic_millis();
        Some((token.fetched_at + since_1970, token.expires_at + since_1970))
    }

    /// The cached token, unless it has expired; starts a renewal when it is due.
    async fn cached(&self) -> Option<Arc<Token>> {
        point("look").await;
        let token = self.0.cache.get(&self.0.key).await?;
        let now = self.0.clock.monotonic_millis();
        if now >= token.expires_at {
            Box::pin(self.evict(&token)).await;
            return None;
        }
        if now >= token.renew_at {
            self.renew_in_background(&token);
        }
        Some(token)
    }

    /// Compare and swap: removes exactly this one, and not the same token that was fetched again meanwhile.
    async fn evict(&self, token: &Arc<Token>) {
        let remove = |entry: Option<moka::Entry<AppKey, Arc<Token>>>| {
            let same = entry.is_some_and(|entry| Arc::ptr_eq(entry.value(), token));
            std::future::ready(if same { Op::Remove } else { Op::Nop })
        };
        point("evict").await;
        self.0.cache.entry_by_ref(&self.0.key).and_compute_with(remove).await;
    }

    /// Single flight: the fetch runs in a task of its own, so that a caller who leaves does not stop it.
    async fn fetch_shared(&self, deadline: Deadline) -> Result<Arc<Token>, Failure> {
        let inner = Arc::clone(&self.0);
        let fetch = async move {
            point("join").await;
            let fetch = inner.fetch();
            inner.cache.try_get_with(inner.key.clone(), fetch).await
        };
        // After the deadline nobody waits for the task: what it fetches stays in the cache for later calls, and a shutdown may
        // drop it, because nothing depends on a token that nobody asks for.
        let shared = tokio::spawn(fetch.in_current_span());
        match tokio::time::timeout_at(deadline.instant(), shared).await {
            Ok(Ok(Ok(token))) => Ok(token),
            Ok(Ok(Err(failure))) => Err(Failure::clone(&failure)),
            // The task only ends early when the runtime shuts down.
            Ok(Err(_)) | Err(_) => Err(Failure::DeadlineInQueue("a tenant token")),
        }
    }

    fn renew_in_background(&self, old: &Arc<Token>) {
        // While a failure is fresh nobody asks, so that a request costs neither a task nor a line of the log.
        if self.0.backoff.recent_failure().is_some() || old.renewing.swap(true, Ordering::AcqRel) {
            return;
        }
        let (inner, old) = (Arc::clone(&self.0), Arc::clone(old));
        // Nobody waits for the task: calls use the old token meanwhile, the new one goes into the cache, a failure into the log,
        // and a shutdown may drop it.
        tokio::spawn(async move {
            match inner.fetch().await {
                Ok(new) => {
                    // Only in the place of the token it renews: that one may have been evicted meanwhile, and what was
                    // fetched before an eviction may be as dead as what was evicted.
                    let swap = |entry: Option<moka::Entry<AppKey, Arc<Token>>>| {
                        let same = entry.is_some_and(|entry| Arc::ptr_eq(entry.value(), &old));
                        std::future::ready(if same { Op::Put(new) } else { Op::Nop })
                    };
                    point("swap").await;
                    inner.cache.entry_by_ref(&inner.key).and_compute_with(swap).await;
                }
                Err(failure) => {
                    tracing::warn!(
                        app_id = &*inner.key.app_id,
                        error = &failure as &dyn std::error::Error,
                        "could not renew the tenant token; the current one is still valid"
                    );
                    if failure.class() == Class::TicketMissing {
                        // Nothing else keeps calls from asking for it again and again.
                        tokio::time::sleep(TICKET_PAUSE).await;
                    }
                    old.renewing.store(false, Ordering::Release);
                }
            }
        });
    }
}

impl<S: Source> Inner<S> {
    /// Fetches a token, unless an earlier failure is too fresh to ask again.
    async fn fetch(&self) -> Result<Arc<Token>, Failure> {
        if let Some(failure) = self.backoff.recent_failure() {
            return Err(failure);
        }
        let asked_at = self.clock.monotonic_millis();
        match self.source.fetch().await {
            Ok((value, life)) => {
                self.backoff.succeeded(&value);
                let life_millis = i64::try_from(life.as_millis()).unwrap_or(i64::MAX / 4);
                Ok(Arc::new(Token::new(value, asked_at, life_millis)))
            }
            // Looking for a ticket asks nothing of Feishu, and it may be there at any moment.
            Err(failure) if failure.class() == Class::TicketMissing => Err(failure),
            Err(failure) => {
                self.backoff.failed(&failure);
                Err(failure)
            }
        }
    }
}

/// The `Authorization` header of a token, hidden from logs as the token is.
fn bearer(token: &SecretString) -> HeaderValue {
    let value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()));
    // Only a token with control characters fails; Feishu then answers that it is malformed.
    let mut value = value.unwrap_or(HeaderValue::from_static("Bearer"));
    value.set_sensitive(true);
    value
}

/// Error of a call that cannot start, because there is no token.
fn no_token(failure: Failure) -> CallError {
    let attempts = if let Failure::NoToken { attempts, .. } = failure { attempts } else { 0 };
    let report = CallReport { attempts, ..CallReport::default() };
    CallError { report, ..CallError::not_sent(Api::TenantToken, failure) }
}

/// Longest token that is believed; a real one has some forty characters.
const MAX_TOKEN_CHARS: usize = envelope::MAX_TEXT;
