//! What lies in deploy/ and docs/metrics.md fits the gateway: metrics, settings, routes, arguments.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use approval_gateway::cli::Cli;
use approval_gateway::config::schema::{CONFIG_VARIABLE, ENVIRONMENT_PREFIX, SETTINGS, Setting};
use approval_gateway::config::{Config, LedgerPlace, PostgresSslMode, Sources};
use approval_gateway::metrics::Metrics;
use approval_gateway::metrics::table::{Kind, METRICS};
use clap::Parser as _;
use serde_json::Value;
use test_case::test_case;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All documents of a YAML file.
fn yaml(name: &str) -> Vec<Value> {
    let text = read(name);
    text.split("\n---\n").map(|document| yaml_serde::from_str(document).unwrap()).collect()
}

/// Every string in a value.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(members) => members.values().flat_map(strings).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// Every `expr` in a value.
fn expressions(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(expressions).collect(),
        Value::Object(members) => {
            let own = members.get("expr").and_then(Value::as_str);
            own.into_iter().chain(members.values().flat_map(expressions)).collect()
        }
        _ => Vec::new(),
    }
}

/// Words that begin like metrics.
fn metrics_in(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let beginnings = ["feishu_", "gateway_", "http_server_", "process_"];
    words.filter(|word| beginnings.iter().any(|beginning| word.starts_with(beginning))).collect()
}

/// Everything that a query may name.
fn known_series() -> BTreeSet<String> {
    let mut known: BTreeSet<String> = process_metrics().into_iter().collect();
    for metric in METRICS {
        let endings: &[&str] =
            if metric.kind == Kind::Histogram { &["_bucket", "_sum", "_count"] } else { &[""] };
        known.extend(endings.iter().map(|ending| format!("{}{ending}", metric.name)));
    }
    known
}

fn process_metrics() -> Vec<String> {
    let text = Metrics::new().text().unwrap();
    let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    names.filter(|name| name.starts_with("process_")).map(str::to_owned).collect()
}

fn unknown_series(queries: &[&str]) -> Vec<String> {
    let known = known_series();
    let named = queries.iter().flat_map(|query| metrics_in(query));
    named.filter(|name| !known.contains(*name)).map(str::to_owned).collect()
}

#[test]
fn every_metric_of_the_dashboard_exists() {
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/dashboard.json")).unwrap();
    let mut queries = expressions(&dashboard);
    assert!(queries.len() > 20, "{queries:?}");
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    queries.extend(variables.iter().filter_map(|variable| variable["query"]["query"].as_str()));
    assert_eq!(unknown_series(&queries), Vec::<String>::new());
}

#[test]
fn every_metric_is_on_the_dashboard() {
    let dashboard = read("deploy/grafana/dashboard.json");
    let missing = METRICS.iter().filter(|metric| !dashboard.contains(metric.name));
    assert_eq!(missing.map(|metric| metric.name).collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn every_metric_of_the_alert_rules_exists_and_every_rule_says_what_to_do() {
    let [rules] = yaml("deploy/prometheus/alerts.yml").try_into().unwrap();
    let queries = expressions(&rules);
    assert!(queries.len() > 10, "{queries:?}");
    assert_eq!(unknown_series(&queries), Vec::<String>::new());
    for rule in rules["groups"][0]["rules"].as_array().unwrap() {
        assert!(
            rule["annotations"]["summary"].is_string() && rule["annotations"]["action"].is_string(),
            "{rule}"
        );
    }
}

#[test]
fn the_document_lists_exactly_the_metrics_with_type_and_labels() {
    let text = read("docs/metrics.md");
    let rows: BTreeSet<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| `") && line.matches(" | ").count() == 3)
        .map(|line| line.trim_matches(['|', ' ']).split(" | ").take(3).map(str::trim).collect())
        .collect();
    let labels = |labels: &[&str]| match labels {
        [] => "–".to_owned(),
        labels => labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", "),
    };
    let mut expected: Vec<[String; 3]> = METRICS
        .iter()
        .map(|metric| {
            let kind = format!("{:?}", metric.kind).to_lowercase();
            [format!("`{}`", metric.name), kind, labels(metric.labels)]
        })
        .collect();
    let kind = |name: &str| if name.ends_with("_total") { "counter" } else { "gauge" };
    expected.extend(
        process_metrics().iter().map(|name| [format!("`{name}`"), kind(name).to_owned(), "–".to_owned()]),
    );
    expected.sort();
    assert_eq!(rows.into_iter().collect::<Vec<_>>(), expected);
}

const MANIFESTS: [&str; 7] = [
    "deploy/compose.yaml",
    "deploy/kubernetes/gateway.yaml",
    "deploy/kubernetes/secret.example.yaml",
    "deploy/kubernetes/podmonitor.example.yaml",
    "deploy/compose.replicas.yaml",
    "deploy/kubernetes/replicas/gateway.yaml",
    "deploy/kubernetes/replicas/secret.example.yaml",
];

#[test]
fn every_variable_in_deploy_is_a_setting() {
    let mut known: BTreeSet<String> = SETTINGS.iter().map(Setting::environment_variable).collect();
    known.insert(CONFIG_VARIABLE.to_owned());
    for name in MANIFESTS
        .into_iter()
        .chain(["deploy/systemd/approval-gateway.service", "deploy/prometheus/alerts.yml"])
    {
        let text = read(name);
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for word in words.filter(|word| word.starts_with(ENVIRONMENT_PREFIX)) {
            assert!(known.contains(word), "{name}: {word}");
        }
    }
}

#[test_case("deploy/compose.yaml")]
#[test_case("deploy/kubernetes/gateway.yaml")]
#[test_case("deploy/kubernetes/secret.example.yaml")]
#[test_case("deploy/kubernetes/podmonitor.example.yaml")]
#[test_case("deploy/compose.replicas.yaml")]
#[test_case("deploy/kubernetes/replicas/gateway.yaml")]
#[test_case("deploy/kubernetes/replicas/secret.example.yaml")]
fn manifests_are_yaml(name: &str) {
    assert!(yaml(name).iter().all(Value::is_object));
}

/// What a manifest lets the gateway be started with.
fn understood(arguments: &[&str]) {
    let all = ["approval-gateway"].iter().chain(arguments);
    assert!(Cli::try_parse_from(all).is_ok(), "{arguments:?}");
}

#[test]
fn commands_of_the_compose_file_are_understood() {
    let [compose] = yaml("deploy/compose.yaml").try_into().unwrap();
    let services = compose["services"].as_object().unwrap();
    assert_eq!(services.len(), 2);
    for service in services.values() {
        let words = |name: &str| strings(&service[name]);
        understood(&words("command"));
        let health = strings(&service["<<"]["healthcheck"]["test"]);
        let health = if health.is_empty() { strings(&service["healthcheck"]["test"]) } else { health };
        understood(&health[2..]);
    }
}

/// What the gateway makes of a configuration that a deployment gives it; `mounted` is where it finds the secrets.
fn loaded(text: &str, environment: &[(&str, String)], mounted: &str, secrets: &[(&str, &str)]) -> Config {
    // The file itself, with the paths of the container replaced by files that exist here.
    let directory = tempfile::tempdir().unwrap();
    for (name, value) in secrets {
        fs::write(directory.path().join(name), value).unwrap();
    }
    let here = |text: &str| text.replace(mounted, directory.path().to_str().unwrap());
    let file = directory.path().join("approval-gateway.toml");
    fs::write(&file, here(text)).unwrap();
    let sources = Sources { config_file: Some(file), ..Sources::default() };
    let environment = environment.iter().map(|(name, value)| (*name, here(value)));
    Config::load(sources.with_environment(environment)).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The password and the protection of the connection to the database of a configuration; none where the ledger is in a file.
fn database(config: &Config) -> Option<(&[u8], &PostgresSslMode)> {
    match &config.ledger.place {
        LedgerPlace::Postgres(database) => Some((database.connection.get_password()?, &database.ssl_mode)),
        _ => None,
    }
}

const PASSWORD: &[u8] = b"the password of the database's user";

#[test_case("deploy/kubernetes", false; "one gateway")]
#[test_case("deploy/kubernetes/replicas", true; "replicas")]
fn arguments_probes_and_configuration_of_the_deployment_are_understood(directory: &str, is_shared: bool) {
    let documents = yaml(&format!("{directory}/gateway.yaml"));
    let of_kind = |kind: &str| documents.iter().find(|document| document["kind"] == kind).unwrap();
    let pod = &of_kind("Deployment")["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    understood(&strings(&container["args"]));
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        let asked = &container[probe]["httpGet"];
        let path = asked["path"].as_str().unwrap();
        assert!(["/livez", "/readyz"].contains(&path), "{probe}: {path}");
        assert_eq!(asked["port"], "admin", "{probe}");
    }

    let text = of_kind("ConfigMap")["data"]["approval-gateway.toml"].as_str().unwrap();
    let [secret] = yaml(&format!("{directory}/secret.example.yaml")).try_into().unwrap();
    let secrets = secret["stringData"].as_object().unwrap();
    let secrets: Vec<_> =
        secrets.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let environment = container["env"].as_array().unwrap().iter();
    let environment: Vec<_> = environment
        .map(|each| (each["name"].as_str().unwrap(), each["value"].as_str().unwrap().to_owned()))
        .collect();
    let config = loaded(text, &environment, "/etc/approval-gateway/secrets", &secrets);
    let verified = PostgresSslMode::VerifyFull { ca_file: None };
    assert_eq!(database(&config), is_shared.then_some((PASSWORD, &verified)));
}

#[test]
fn the_gateways_of_the_compose_file_with_replicas_are_understood() {
    let [compose] = yaml("deploy/compose.replicas.yaml").try_into().unwrap();
    let gateway = &compose["x-gateway"];
    understood(&strings(&gateway["command"]));
    understood(&strings(&gateway["healthcheck"]["test"])[2..]);
    // Whoever starts it names the app.
    let given = |value: &str| match value.strip_prefix("${GATEWAY_FEISHU__APP_ID:-") {
        Some(_) => "cli_0123456789abcdef".to_owned(),
        None => {
            value.rsplit_once(":-").map_or(value, |(_, default)| default.trim_end_matches('}')).to_owned()
        }
    };
    let environment = gateway["environment"].as_object().unwrap().iter();
    let environment = environment.filter(|(name, _)| *name != CONFIG_VARIABLE);
    let environment: Vec<_> =
        environment.map(|(name, value)| (name.as_str(), given(value.as_str().unwrap()))).collect();
    let text = compose["configs"]["gateway"]["content"].as_str().unwrap();
    let [example] = yaml("deploy/kubernetes/replicas/secret.example.yaml").try_into().unwrap();
    let secret = |name| (name, example["stringData"][name].as_str().unwrap());
    let secrets: Vec<_> = strings(&gateway["secrets"]).into_iter().map(secret).collect();
    let config = loaded(text, &environment, "/run/secrets", &secrets);
    assert_eq!(database(&config), Some((PASSWORD, &PostgresSslMode::Disable)));
    let servers = compose["services"].as_object().unwrap().keys();
    assert_eq!(servers.filter(|name| name.starts_with("gateway-")).count(), 3);
}

#[test]
fn the_start_of_the_systemd_unit_is_understood() {
    let unit = read("deploy/systemd/approval-gateway.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    understood(&start.split(' ').skip(1).collect::<Vec<_>>());
}

/// Where the ledger lies in every kind of deployment: the working directory, as its default path is relative.
const LEDGER: &str = "/var/lib/approval-gateway";

#[test]
fn the_ledger_lies_on_a_volume_that_one_gateway_alone_may_write() {
    let image = read("Dockerfile");
    for line in ["WORKDIR", "VOLUME"] {
        assert!(image.contains(&format!("\n{line} {LEDGER}\n")), "{line}");
    }
    let [compose] = yaml("deploy/compose.yaml").try_into().unwrap();
    let gateway = &compose["services"]["gateway"];
    assert_eq!(gateway["volumes"], serde_json::json!([format!("ledger:{LEDGER}")]));
    assert!(compose["volumes"].as_object().unwrap().contains_key("ledger"));

    let documents = yaml("deploy/kubernetes/gateway.yaml");
    let of_kind = |kind: &str| documents.iter().find(|document| document["kind"] == kind).unwrap();
    let deployment = &of_kind("Deployment")["spec"];
    assert_eq!((&deployment["replicas"], &deployment["strategy"]["type"]), (&1.into(), &"Recreate".into()));
    let pod = &deployment["template"]["spec"];
    let container = &pod["containers"][0];
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert_eq!(container["workingDir"], LEDGER);
    let named = |list: &Value| list.as_array().unwrap().iter().find(|each| each["name"] == "ledger").cloned();
    assert_eq!(named(&container["volumeMounts"]).unwrap()["mountPath"], LEDGER);
    let claim = named(&pod["volumes"]).unwrap()["persistentVolumeClaim"]["claimName"].clone();
    assert_eq!(claim, of_kind("PersistentVolumeClaim")["metadata"]["name"]);

    let unit = read("deploy/systemd/approval-gateway.service");
    let directory = LEDGER.rsplit('/').next().unwrap();
    for line in [format!("StateDirectory={directory}"), format!("WorkingDirectory=%S/{directory}")] {
        assert!(unit.lines().any(|each| each == line), "{line}");
    }
}

#[test]
fn whoever_stops_the_gateway_gives_it_the_time_that_it_may_take() {
    // The delay before the gateway no longer listens, and twice the longest deadline and five seconds, with the default
    // deadline, and some seconds more.
    for (name, time) in [
        ("deploy/compose.yaml", "stop_grace_period: 40s"),
        ("deploy/compose.replicas.yaml", "stop_grace_period: 40s"),
        ("deploy/kubernetes/replicas/gateway.yaml", "terminationGracePeriodSeconds: 40"),
        ("deploy/systemd/approval-gateway.service", "TimeoutStopSec=40s"),
        ("deploy/kubernetes/gateway.yaml", "terminationGracePeriodSeconds: 40"),
        ("docs/operations.md", "terminationGracePeriodSeconds: 40"),
    ] {
        assert!(read(name).contains(time), "{name}");
    }
}
