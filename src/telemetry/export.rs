//! Hands spans to a trace collector, as OTLP over HTTP with protobuf.
//!
//! The crates of OpenTelemetry batch, retry and read the standard variables (`OTEL_SERVICE_NAME`,
//! `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER`, `OTEL_BSP_…`); the HTTP client is the
//! one that the gateway has anyway.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing::{Subscriber, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::registry::LookupSpan;

use crate::http_client::{HttpClients, SetupError, server};
use crate::support::spans;

/// Where the signal of traces lies below the collector's address (OTLP/HTTP, "Endpoint URLs").
const TRACES_PATH: &str = "/v1/traces";

/// Longest that the collector may take for a batch (OpenTelemetry's own default).
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why spans cannot be handed on.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// No HTTP client.
    #[error("cannot set up the way to the trace collector")]
    Client(#[source] SetupError),
    /// One of the standard variables is wrong.
    #[error("cannot set up the export of traces; are the variables OTEL_… right?")]
    Exporter(#[source] ExporterBuildError),
}

/// Hands spans on until it is dropped; what is left is handed on then.
#[derive(Debug)]
pub(super) struct Export(SdkTracerProvider);

impl Export {
    /// To the collector at `endpoint`, with requests that run on `runtime`.
    pub(super) fn to(endpoint: &str, runtime: Handle) -> Result<Self, ExportError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new(endpoint, runtime)?)
            .with_endpoint(format!("{}{TRACES_PATH}", endpoint.trim_end_matches('/')))
            .build()
            .map_err(ExportError::Exporter)?;
        let name = std::env::var("OTEL_SERVICE_NAME").unwrap_or_else(|_| env!("CARGO_PKG_NAME").to_owned());
        let resource = Resource::builder()
            .with_service_name(name)
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// The layer that takes the spans of [`spans`], and nothing else.
    pub(super) fn layer<S>(&self) -> Box<dyn Layer<S> + Send + Sync>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let ours =
            filter_fn(|metadata| metadata.target() == spans::TARGET).with_max_level_hint(LevelFilter::TRACE);
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(env!("CARGO_PKG_NAME")))
            // Where in the code a span is made, and by which thread, is of no use to whoever runs the gateway.
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_filter(ours)
            .boxed()
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            warn!(error = &error as &dyn std::error::Error, "the last traces did not reach the collector");
        }
    }
}

/// The gateway's HTTP client as OpenTelemetry wants it. Batches are made on a thread without a runtime, so requests
/// run as tasks of the gateway's.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    runtime: Handle,
    /// Whether the last batch failed: an outage is worth one line, not one a batch.
    failing: AtomicBool,
}

impl Client {
    fn new(endpoint: &str, runtime: Handle) -> Result<Self, ExportError> {
        let http = server(endpoint).and_then(|collector| HttpClients::to([&collector])?.client());
        Ok(Self { http: http.map_err(ExportError::Client)?, runtime, failing: AtomicBool::new(false) })
    }

    fn note(&self, trouble: Option<&HttpError>) {
        let Some(error) = trouble else { return self.failing.store(false, Ordering::Relaxed) };
        if !self.failing.swap(true, Ordering::Relaxed) {
            warn!(error = error.as_ref(), "the trace collector takes no traces; those of now are lost");
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let exchange = async move { tokio::time::timeout(EXPORT_TIMEOUT, http.send_bytes(request)).await };
        let exchanged = self.runtime.spawn(exchange).await;
        let exchanged = match exchanged {
            Ok(Ok(exchanged)) => exchanged,
            Ok(Err(late)) => Err(late.into()),
            Err(ended) => Err(ended.into()),
        };
        let refused = exchanged.as_ref().ok().map(Response::status).filter(|status| !status.is_success());
        match refused {
            Some(status) => self.note(Some(&format!("it answered {status}").into())),
            None => self.note(exchanged.as_ref().err()),
        }
        exchanged
    }
}
