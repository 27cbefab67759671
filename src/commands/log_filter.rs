//! The log filter while the gateway runs: read again from the configuration, so that the level can be changed.

use crate::config::{Config, Sources};
use crate::feishu::UPSTREAM_LOG_TARGET;
use crate::support::error_chain::ErrorChain;
use crate::telemetry::FilterHandle;

/// Reads the filter again from where the configuration came from.
pub(super) struct LogFilter {
    sources: Sources,
    trace_upstream: bool,
    handle: FilterHandle,
    current: String,
}

/// The library for MCP logs a few lines for each message, and whole messages below that; silent unless it is asked for.
const UNASKED: &str = "rmcp=off";

/// What is logged: the configured filter, and what `--trace-upstream` adds to it.
pub(super) fn directives(configured: &str, trace_upstream: bool) -> String {
    let configured = format!("{UNASKED},{configured}");
    if trace_upstream { format!("{configured},{UPSTREAM_LOG_TARGET}=trace") } else { configured }
}

impl LogFilter {
    /// For a log that starts with the filter of `config`, which came from `sources`.
    pub(super) fn new(config: &Config, sources: Sources, trace_upstream: bool, handle: FilterHandle) -> Self {
        Self { sources, trace_upstream, handle, current: config.log.filter.clone() }
    }

    /// Takes the filter that the configuration has now. A configuration that cannot be used changes nothing.
    pub(super) async fn reread(&mut self) {
        let sources = self.sources.clone();
        let loaded = tokio::task::spawn_blocking(move || Config::load(sources)).await;
        let configured = match loaded {
            Ok(Ok(config)) => config.log.filter,
            Ok(Err(errors)) => {
                let cause = ErrorChain(&errors).to_string();
                return tracing::error!(
                    cause,
                    "the configuration cannot be used; the log filter stays as it is"
                );
            }
            Err(cause) => return tracing::error!(%cause, "reading the configuration panicked"),
        };
        if configured == self.current {
            return;
        }
        // Before the change: the new filter may hide the line.
        tracing::info!(filter = configured, "the log filter changes");
        if let Err(cause) = self.handle.set(&directives(&configured, self.trace_upstream)) {
            let cause = ErrorChain(&cause).to_string();
            return tracing::error!(cause, "the log filter stays as it is");
        }
        self.current = configured;
    }
}
