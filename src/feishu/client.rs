//! The client of one Feishu app: everything that its operations share.

use std::sync::Arc;

use super::api::{Api, MessageApi, TaskStatusApi};
use super::credentials::Credentials;
use super::limits::Limits;
use super::limits::pacing::{Allowance, EarlierCalls, Rate};
use super::metrics::{AppMetrics, FeishuMetrics, LiveApp};
use super::scrolled_pages::{ScrolledPages, scrolled_pages};
use super::tickets::Tickets;
use super::token::{AppTokens, TokenCache, TokenSource};
use super::transport::{Origins, Transport};
use crate::domain::AppName;
use crate::http_client::SetupError;
use crate::support::clock::Clock;

/// Calls the APIs of Feishu for one app.
#[derive(Debug)]
pub struct FeishuClient {
    pub(super) transport: Transport,
    pub(super) tokens: AppTokens,
    pub(super) limits: Arc<Limits>,
    pub(super) clock: Clock,
    pub(super) task_status_api: TaskStatusApi,
    message_api: MessageApi,
    pub(super) scrolled: ScrolledPages,
    pub(super) metrics: Arc<AppMetrics>,
}

impl FeishuClient {
    /// A client of the app behind `credentials`, which is called `name` in metrics and in the log.
    ///
    /// # Errors
    /// When no HTTPS client can be set up, which happens where no CA certificates are installed.
    pub fn new(
        origins: &Origins,
        credentials: Credentials,
        tokens: &TokenCache,
        clock: Clock,
        metrics: &FeishuMetrics,
        name: AppName,
    ) -> Result<Self, SetupError> {
        let transport = Transport::new(origins)?;
        let metrics = Arc::new(metrics.of_app(name));
        let source =
            TokenSource::new(transport.clone(), &origins.open_api, credentials, Arc::clone(&metrics));
        Ok(Self {
            transport,
            tokens: AppTokens::new(tokens, source, clock.clone()),
            limits: Arc::new(Limits::new(Rate::OFF)),
            clock,
            task_status_api: TaskStatusApi::default(),
            message_api: MessageApi::default(),
            scrolled: scrolled_pages(),
            metrics,
        })
    }

    /// Makes it a client of the same app as a store app (商店应用), for the tenant with this key.
    #[must_use]
    pub fn of_store_app(mut self, tokens: &TokenCache, tenant_key: &str, tickets: Tickets) -> Self {
        self.tokens = self.tokens.of_tenant(tokens, tenant_key.into(), tickets);
        self
    }

    /// What the operator calls the app.
    pub fn name(&self) -> &AppName {
        &self.metrics.app
    }

    /// Chooses the generation of the list of statuses.
    #[must_use]
    pub fn with_task_status_api(mut self, api: TaskStatusApi) -> Self {
        self.task_status_api = api;
        self
    }

    /// Chooses where messages are sent.
    #[must_use]
    pub fn with_message_api(mut self, api: MessageApi) -> Self {
        self.message_api = api;
        self
    }

    /// Paces the calls to each API; without this there is no pacing.
    #[must_use]
    pub fn with_rate(mut self, rate: Rate) -> Self {
        self.limits = Arc::new(Limits::new(rate));
        self
    }

    /// Shows the state of breakers, queues and token among the metrics. Call it last: what is replaced later is not
    /// seen.
    #[must_use]
    pub fn watched(self) -> Self {
        self.metrics.watch(LiveApp {
            name: self.name().clone(),
            limits: Arc::clone(&self.limits),
            token_times: Box::new({
                let tokens = self.tokens.clone();
                move || tokens.times()
            }),
            clock: self.clock.clone(),
        });
        self
    }

    /// What is left of the rate of an API for a caller, window by window; empty without pacing.
    pub fn allowances(&self, api: Api, caller: &Option<Arc<str>>) -> Vec<Allowance> {
        self.limits.of(api).pacer.allowances(caller)
    }

    /// Calls every API but that of pushes at one part of so many of its rate: other processes use the others.
    pub fn share_reads(&self, parts: u32) {
        for api in Api::ALL.into_iter().filter(|api| *api != Api::SyncInstance) {
            self.limits.of(api).pacer.share(parts);
        }
    }

    /// How many pushes were sent in each of the last seconds, those of the last one first.
    pub fn sent_pushes(&self) -> Vec<u32> {
        self.limits.of(Api::SyncInstance).pacer.sent()
    }

    /// Goes on to push after another process, so that both windows of the rate hold across that.
    pub fn resume_pushes(&self, earlier: &EarlierCalls) {
        self.limits.of(Api::SyncInstance).pacer.resume(earlier);
    }

    /// The API that sends messages.
    pub fn send_message_api(&self) -> Api {
        match self.message_api {
            MessageApi::Present => Api::SendMessage,
            MessageApi::Legacy => Api::LegacySendMessage,
        }
    }

    /// The API that updates messages.
    pub fn update_message_api(&self) -> Api {
        match self.message_api {
            MessageApi::Present => Api::UpdateMessage,
            MessageApi::Legacy => Api::LegacyUpdateMessage,
        }
    }

    /// The API that answers with statuses of tasks.
    pub fn statuses_api(&self) -> Api {
        match self.task_status_api {
            TaskStatusApi::V4 => Api::TaskStatuses,
            TaskStatusApi::V2 => Api::LegacyTaskStatuses,
        }
    }
}
