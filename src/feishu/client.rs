//! The client of one Feishu app: everything that its operations share.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;
use tokio_util::task::TaskTracker;

use super::lanes::Lanes;
use super::token::{AppTokens, TokenCache, TokenSource};
use super::transport::{SetupError, Transport};
use crate::clock::Clock;

/// What proves an app to Feishu.
#[derive(Clone)]
pub struct Credentials {
    /// The app's id, `cli_…`.
    pub app_id: String,
    /// The app's secret.
    pub app_secret: SecretString,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}

/// Carries documents to Feishu. Cheap to clone.
#[derive(Debug, Clone)]
pub struct FeishuClient {
    pub(super) transport: Transport,
    pub(super) tokens: AppTokens,
    pub(super) lanes: Arc<Lanes>,
    pub(super) in_flight: TaskTracker,
    pub(super) clock: Clock,
}

impl FeishuClient {
    /// A client of the app behind `credentials` at `base_url`.
    ///
    /// # Errors
    /// When no HTTPS client can be set up, which happens where no CA certificates are installed.
    pub fn new(
        base_url: &str,
        credentials: Credentials,
        tokens: &TokenCache,
        clock: Clock,
    ) -> Result<Self, SetupError> {
        let transport = Transport::new(base_url)?;
        let source = TokenSource::new(transport.clone(), base_url, credentials);
        Ok(Self {
            transport,
            tokens: AppTokens::new(tokens, source, clock.clone()),
            lanes: Arc::new(Lanes::new()),
            in_flight: TaskTracker::new(),
            clock,
        })
    }

    /// Waits until every push that was begun is finished; no push may begin afterwards.
    pub async fn drained(&self) {
        self.in_flight.close();
        self.in_flight.wait().await;
    }
}
