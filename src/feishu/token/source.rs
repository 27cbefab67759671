//! Asks Feishu for a tenant token, as the kind of the app wants it (contract §2.1).

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::app_token::AppTokenSource;
use super::endpoint::{Granted, SecretToken, TokenEndpoint, patiently};
use super::{AppKey, AppTokens, Inner, Source, Token, TokenCache, TokenKind};
use crate::feishu::api::Api;
use crate::feishu::credentials::Credentials;
use crate::feishu::failure::Failure;
use crate::feishu::metrics::{AppMetrics, AttemptOutcome};
use crate::feishu::tickets::Tickets;
use crate::feishu::transport::Transport;
use crate::support::clock::Clock;
use crate::support::deadline::Deadline;

/// Fetches tokens of one app for one tenant from Feishu.
#[derive(Debug)]
pub(in crate::feishu) struct TokenSource {
    endpoint: TokenEndpoint,
    /// What a store app needs beside id and secret.
    store: Option<Store>,
}

/// The part of a store app in one tenant.
#[derive(Debug)]
struct Store {
    /// Feishu's key of the tenant.
    tenant_key: Arc<str>,
    /// The tokens of the app itself, which all its tenants share.
    app_tokens: AppTokens<AppTokenSource>,
}

/// The request's body for a store app. No `Debug`: it holds the app's token.
#[derive(Serialize)]
struct StoreTokenRequest<'a> {
    app_access_token: &'a str,
    tenant_key: &'a str,
}

/// The part of the answer that is read.
#[derive(Deserialize)]
pub(in crate::feishu) struct TokenAnswer {
    tenant_access_token: SecretToken,
    expire: i64,
}

impl Granted for TokenAnswer {
    fn token(self) -> (SecretString, i64) {
        (self.tenant_access_token.0, self.expire)
    }
}

impl AppTokens {
    pub(in crate::feishu) fn new(cache: &TokenCache, source: TokenSource, clock: Clock) -> Self {
        let key = key(&source.endpoint, TokenKind::OnlyTenant);
        Self::of(cache, key, source, clock)
    }

    /// The tokens of the same app as a store app, for one of its tenants.
    pub(in crate::feishu) fn of_tenant(
        &self,
        cache: &TokenCache,
        tenant_key: Arc<str>,
        tickets: Tickets,
    ) -> Self {
        let Inner { source: TokenSource { endpoint, .. }, clock, .. } = &*self.0;
        let app_source = AppTokenSource { endpoint: endpoint.clone(), tickets };
        let app_tokens = AppTokens::of(cache, key(endpoint, TokenKind::StoreApp), app_source, clock.clone());
        let key = key(endpoint, TokenKind::Tenant(Arc::clone(&tenant_key)));
        let source =
            TokenSource { endpoint: endpoint.clone(), store: Some(Store { tenant_key, app_tokens }) };
        Self::of(cache, key, source, clock.clone())
    }
}

fn key(endpoint: &TokenEndpoint, kind: TokenKind) -> AppKey {
    let digest = Sha256::digest(endpoint.credentials.app_secret.expose_secret().as_bytes());
    let mut secret_fingerprint = [0; 8];
    secret_fingerprint.copy_from_slice(&digest[..8]);
    let (base_url, app_id) = (Arc::clone(&endpoint.base_url), (&*endpoint.credentials.app_id).into());
    AppKey { base_url, app_id, secret_fingerprint, kind }
}

impl Source for TokenSource {
    async fn fetch(&self) -> Result<(SecretString, Duration), Failure> {
        let fetched = match &self.store {
            None => patiently(|deadline| self.ask(deadline)).await,
            Some(store) => patiently(|deadline| self.ask_for_tenant(store, deadline)).await,
        };
        self.endpoint.metrics.refreshed_token(AttemptOutcome::of(&fetched));
        fetched
    }
}

impl TokenSource {
    pub(in crate::feishu) fn new(
        transport: Transport,
        base_url: &str,
        credentials: Credentials,
        metrics: Arc<AppMetrics>,
    ) -> Self {
        transport.secrets().add_lasting(&credentials.app_secret);
        let endpoint = TokenEndpoint { transport, base_url: base_url.into(), credentials, metrics };
        Self { endpoint, store: None }
    }

    async fn ask(&self, deadline: Deadline) -> Result<(SecretString, Duration), Failure> {
        let body = self.endpoint.app_secret();
        self.endpoint.grant::<TokenAnswer>(Api::TenantToken, &body, deadline).await
    }

    async fn grant_with(
        &self,
        app_token: &Token,
        tenant_key: &str,
        deadline: Deadline,
    ) -> Result<(SecretString, Duration), Failure> {
        let body = StoreTokenRequest { app_access_token: app_token.value().expose_secret(), tenant_key };
        self.endpoint.grant::<TokenAnswer>(Api::StoreTenantToken, &body, deadline).await
    }

    /// The chain of a store app: its ticket, its own token, that of the tenant.
    async fn ask_for_tenant(
        &self,
        store: &Store,
        deadline: Deadline,
    ) -> Result<(SecretString, Duration), Failure> {
        let Store { tenant_key, app_tokens } = store;
        let app_token = app_tokens.get(deadline).await.map_err(|error| error.failure)?;
        let granted = self.grant_with(&app_token, tenant_key, deadline).await;
        let (app_token, granted) = match granted {
            // Which codes mean the app's token and which the tenant is not documented, so another one is tried once.
            Err(Failure::Refused(refusal)) if refusal.class.is_about_credentials() => {
                match app_tokens.replace(&app_token, &refusal, deadline).await {
                    Ok(fresh) => {
                        let granted = self.grant_with(&fresh, tenant_key, deadline).await;
                        (fresh, granted)
                    }
                    // There is no other, so what Feishu said of this one stands.
                    Err(Failure::DeadToken(_)) => return Err(Failure::Refused(refusal)),
                    Err(failure) => return Err(failure),
                }
            }
            granted => (app_token, granted),
        };
        if granted.is_ok() {
            app_tokens.proved(&app_token);
        }
        granted
    }
}
