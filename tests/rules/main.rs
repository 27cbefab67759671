//! What needs no server: documents and their payloads, configuration, the OpenAPI files, and the shape of the code.

mod architecture;
mod config_apps;
mod config_auth;
mod config_callbacks;
mod config_cli;
mod config_errors;
mod config_example;
mod config_ledger;
mod config_load;
mod config_notify;
mod config_store_app;
mod config_telemetry;
mod config_webhooks;
mod deploy;
mod deploy_chart;
mod document;
#[cfg(feature = "mcp")]
mod mcp;
mod meaning;
mod openapi;
mod openapi_quality;
mod vocabulary;
