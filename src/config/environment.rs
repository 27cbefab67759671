//! The environment: `GATEWAY_FEISHU__REGION` sets `feishu.region`.

use std::ffi::OsString;

use super::app_settings;
use super::error::ConfigError;
use super::origin::Origin;
use super::schema::{self, CONFIG_VARIABLE, ENVIRONMENT_PREFIX, OTLP_VARIABLE};

/// What the environment says about the gateway.
#[derive(Default)]
pub(super) struct Environment {
    /// The configuration file that it names.
    pub(super) config_file: Option<OsString>,
    /// The settings that it gives: dotted name, value, and the variable.
    pub(super) values: Vec<(String, String, Origin)>,
    /// Variables that look like ours and are not, or cannot be read.
    pub(super) errors: Vec<ConfigError>,
    /// What every program that exports traces reads.
    pub(super) standard_otlp_endpoint: Option<String>,
}

/// Sorts the gateway's variables out of all the others; an empty variable counts as unset.
pub(super) fn read(variables: Vec<(OsString, OsString)>) -> Environment {
    let mut environment = Environment::default();
    for (name, value) in variables {
        if name == OTLP_VARIABLE && !value.is_empty() {
            environment.standard_otlp_endpoint = value.into_string().ok();
            continue;
        }
        let Some(name) = name.to_str().filter(|name| name.starts_with(ENVIRONMENT_PREFIX)) else { continue };
        if value.is_empty() {
            continue;
        }
        if name == CONFIG_VARIABLE {
            environment.config_file = Some(value);
            continue;
        }
        let origin = Origin::Environment(name.to_owned());
        let value = value.into_string();
        let dotted = dotted(name);
        let is_known = app_settings::find(&dotted).is_some() && schema::variable(&dotted) == name;
        match is_known.then_some(dotted) {
            Some(dotted) => match value {
                Ok(value) => environment.values.push((dotted, value, origin)),
                Err(_) => environment.errors.push(ConfigError::Invalid {
                    origin,
                    expected: "valid UTF-8".to_owned(),
                    found: None,
                    suggestion: None,
                }),
            },
            None if is_service_link(name, value.as_deref().unwrap_or_default()) => {}
            None => environment.errors.push(ConfigError::Unknown { origin, suggestion: suggestion(name) }),
        }
    }
    environment
}

fn suggestion(variable: &str) -> Option<String> {
    if strsim::damerau_levenshtein(variable, CONFIG_VARIABLE) <= 2 {
        return Some(CONFIG_VARIABLE.to_owned());
    }
    app_settings::suggest(&dotted(variable)).map(|name| schema::variable(&name))
}

/// The dotted name that a variable spells: `feishu.rate.per_second`.
fn dotted(variable: &str) -> String {
    variable.strip_prefix(ENVIRONMENT_PREFIX).unwrap_or_default().replace("__", ".").to_lowercase()
}

/// Whether Kubernetes put the variable there, for a Service whose name begins with `gateway`.
///
/// A pod gets such variables for every Service in its namespace (Kubernetes documentation, "Accessing the Service:
/// environment variables"). Nobody wrote them on purpose, so they must not keep the gateway from starting.
fn is_service_link(variable: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let describes_port = ["_TCP", "_UDP", "_SCTP"].iter().any(|protocol| {
        ["", "_PROTO", "_PORT", "_ADDR"].iter().any(|part| variable.ends_with(&format!("{protocol}{part}")))
    });
    variable.ends_with("_SERVICE_HOST")
        || variable.contains("_SERVICE_PORT")
        || (variable.ends_with("_PORT") && is_address)
        || (variable.contains("_PORT_") && describes_port)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("GATEWAY_SERVICE_HOST", "10.0.0.1" => true)]
    #[test_case("GATEWAY_SERVICE_PORT", "80" => true)]
    #[test_case("GATEWAY_SERVICE_PORT_HTTP", "80" => true)]
    #[test_case("GATEWAY_API_SERVICE_HOST", "10.0.0.1" => true)]
    #[test_case("GATEWAY_PORT", "tcp://10.0.0.1:80" => true)]
    #[test_case("GATEWAY_PORT_80_TCP", "tcp://10.0.0.1:80" => true)]
    #[test_case("GATEWAY_PORT_80_TCP_ADDR", "10.0.0.1" => true)]
    #[test_case("GATEWAY_PORT", "8080" => false; "a port that somebody meant for us")]
    #[test_case("GATEWAY_LISTEN_ADDR", "0.0.0.0:80" => false; "an address that somebody meant for us")]
    fn service_link(variable: &str, value: &str) -> bool {
        is_service_link(variable, value)
    }

    #[test_case("GATEWAY_FEISHU_REGION" => Some("GATEWAY_FEISHU__REGION".to_owned()))]
    #[test_case("GATEWAY_CONFG" => Some("GATEWAY_CONFIG".to_owned()))]
    #[test_case("GATEWAY_COLOUR" => None)]
    fn suggested(variable: &str) -> Option<String> {
        suggestion(variable)
    }
}
