//! Puts the gateway together from its configuration.

use std::sync::Arc;

use axum::Router;

use crate::clock::Clock;
use crate::config::keys::CallerKeys;
use crate::config::{AllowedOrigins, Config};
use crate::connections::SetupError;
use crate::feishu::{Credentials, FeishuClient, FeishuMetrics, Origins, TokenCache};
use crate::flat::Rules;
use crate::http::extract::RequestLimits;
use crate::http::health::Readiness;
use crate::http::layers::{AuthPolicy, Capacity, FindCaller, with_cors};
use crate::http::{ApiState, CursorKey, api_routes, router};
use crate::metrics::Metrics;

/// A gateway that is ready to be served.
#[derive(Debug)]
pub struct App {
    /// Every route, with all layers.
    pub router: Router,
    /// Turned off step by step when the gateway drains.
    pub readiness: Readiness,
    /// What is measured; whoever accepts connections counts them here.
    pub metrics: Metrics,
    /// The way to Feishu; it knows which pushes are under way.
    pub feishu: FeishuClient,
}

/// What the app of the section `[feishu]` is called in metrics and in the log.
const ONLY_APP: &str = "default";

/// Which Feishu the gateway talks to.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Where it is reached.
    pub origins: Origins,
    /// What proves the app.
    pub credentials: Credentials,
}

impl App {
    /// Builds a gateway in front of `upstream`; `open` are further routes that need no key.
    ///
    /// # Errors
    /// When no HTTPS client can be set up.
    pub fn build(
        config: &Config,
        upstream: Upstream,
        clock: Clock,
        open: Router,
    ) -> Result<Self, SetupError> {
        let Upstream { origins, credentials } = upstream;
        let metrics = Metrics::new();
        let measured = FeishuMetrics::new(&metrics);
        let cursors = CursorKey::derive(&credentials.app_secret);
        let feishu =
            FeishuClient::new(&origins, credentials, &TokenCache::default(), clock, &measured, ONLY_APP)?
                .with_task_status_api(config.feishu.task_status_api)
                .with_rate(config.feishu.rate)
                .watched();
        let limits = RequestLimits {
            max_body_bytes: config.request.max_body_bytes,
            deadline: config.request.deadline,
        };
        let state = ApiState {
            feishu: feishu.clone(),
            rules: Rules { region: config.feishu.region, default_locale: config.default_locale },
            limits,
            cursors,
        };
        let keys = config.auth.keys.clone().map(|keys| Arc::new(keys) as Arc<dyn FindCaller>);
        let policy = AuthPolicy { keys, allow_anonymous: config.auth.allow_anonymous };
        let readiness = Readiness::ready();
        let capacity = Capacity::new(config.request.capacity_bytes, config.request.max_body_bytes);
        let router = router::compose(api_routes(state), open, policy, capacity, readiness.clone(), &metrics);
        let router = match &config.allowed_origins {
            None => router,
            Some(AllowedOrigins::Any) => with_cors(router, None),
            Some(AllowedOrigins::These(origins)) => with_cors(router, Some(origins)),
        };
        Ok(Self { router, readiness, metrics, feishu })
    }
}

impl FindCaller for CallerKeys {
    fn find(&self, presented: &str) -> Option<String> {
        Self::find(self, presented).map(str::to_owned)
    }
}
