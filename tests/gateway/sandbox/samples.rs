//! Sample exchanges of the contract, replayed against the sandbox.

use approval_gateway::sandbox::Switches;
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use test_case::test_case;

use crate::sandbox::support::TestSandbox;

/// The samples' real code and internal id; the sandbox generates its own.
const SAMPLE_CODE: &str = "5E1B7C42-90AD-4F36-B8D3-71C2E64FA905";
const SAMPLE_APPROVAL_ID: &str = "7301550094428135452";

/// An app id that the samples' links carry.
const SAMPLE_APP_ID: &str = "cli_a5d1e7b3c9f2400e";

macro_rules! sample {
    ($name:literal) => {
        ($name, include_str!(concat!("samples/", $name, ".json")))
    };
}

/// Everything that happens to one definition and its instances, in an order in which it can happen.
const STORY: [(&str, &str); 23] = [
    sample!("definition_create_ok"),
    sample!("definition_get_ok"),
    sample!("definition_update_ok"),
    sample!("definition_get_by_custom_code"),
    sample!("definition_group_error"),
    sample!("definition_texts_map_error"),
    sample!("instance_sync_replace_ok"),
    sample!("instance_sync_update_ok"),
    sample!("instance_sync_stale_update"),
    sample!("instance_sync_numeric_zero"),
    sample!("instance_sync_trusteeship"),
    sample!("instance_wipe"),
    sample!("instance_missing_required"),
    sample!("instance_wrong_code"),
    sample!("check_in_sync"),
    sample!("check_unknown_instance"),
    sample!("check_unknown_task"),
    sample!("check_stale_task"),
    sample!("check_stale_instance"),
    sample!("check_field_validation"),
    sample!("external_tasks_by_instance"),
    sample!("external_tasks_by_user"),
    sample!("external_tasks_bad_filter"),
];

struct Exchange {
    request: Value,
    status: u64,
    body: Value,
}

impl Exchange {
    /// A sample in which the generated ids are those of this sandbox.
    fn read(text: &str, real_code: &str, approval_id: &str) -> Self {
        let text = text.replace(SAMPLE_CODE, real_code).replace(SAMPLE_APPROVAL_ID, approval_id);
        let mut sample: Value = serde_json::from_str(&text).unwrap();
        let mut response = sample["response"].take();
        let status = response["status"].as_u64().unwrap();
        Self { request: sample["request"].take(), status, body: response["body"].take() }
    }

    async fn replay(&self, sandbox: &TestSandbox, token: Option<&str>) -> (u64, Value) {
        let word = |name: &str| self.request[name].as_str().unwrap();
        let mut request =
            Request::builder().method(word("method")).uri(format!("{}?{}", word("path"), word("query")));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = &self.request["body"];
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let reply = sandbox.send(request.body(body).unwrap()).await;
        let mut json = reply.json();
        if let Some(error) = json.get_mut("error").and_then(Value::as_object_mut) {
            error.remove("log_id");
            error.remove("troubleshooter");
        }
        (u64::from(reply.status), json)
    }
}

/// Optional members of successes that the samples leave out; everything else must be as in them.
const LEFT_OUT: [&str; 9] = [
    "instance_sync_numeric_zero /data/process_record is more",
    "instance_sync_trusteeship /data/process_record is more",
    "instance_wipe /data/data/end_time is more",
    "instance_wipe /data/data/i18n_resources is more",
    "instance_wipe /data/data/links is more",
    "instance_wipe /data/data/start_time is more",
    "instance_wipe /data/data/update_mode is more",
    "instance_wipe /data/data/update_time is more",
    "instance_wipe /data/process_record is more",
];

/// Where two documents differ: members that samples leave out are named, other differences are shown.
fn differences(actual: &Value, expected: &Value, path: &str) -> Vec<String> {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            let missing = expected.keys().filter(|name| !actual.contains_key(*name));
            let missing = missing.map(|name| format!("{path}/{name} is missing"));
            let inside = actual.iter().flat_map(|(name, value)| match expected.get(name) {
                Some(expected) => differences(value, expected, &format!("{path}/{name}")),
                None => vec![format!("{path}/{name} is more")],
            });
            missing.chain(inside).collect()
        }
        (Value::Array(actual), Value::Array(expected)) if actual.len() == expected.len() => {
            let pairs = actual.iter().zip(expected);
            pairs.flat_map(|(actual, expected)| differences(actual, expected, &format!("{path}/*"))).collect()
        }
        (actual, expected) if actual == expected => Vec::new(),
        (actual, expected) => vec![format!("{path}: {actual} is not {expected}")],
    }
}

/// Real code and internal id of the sample's definition, once it exists.
async fn ids_of_definition(sandbox: &TestSandbox) -> (String, String) {
    let listed = sandbox.look("definitions").await;
    let travel = listed["definitions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|known| known["custom_code"] == "acme-travel-request-v1");
    let word = |name: &str| {
        let known = travel.map(|known| known[name].as_str().unwrap().to_owned());
        known.unwrap_or_default()
    };
    (word("approval_code"), word("approval_id"))
}

#[tokio::test]
async fn sample_exchanges_replay_in_order() {
    let sandbox = TestSandbox::new();
    let mut left_out = Vec::new();
    for (name, text) in STORY {
        let (real_code, approval_id) = ids_of_definition(&sandbox).await;
        let token = sandbox.token().await;
        let exchange = Exchange::read(text, &real_code, &approval_id);
        let (status, mut body) = exchange.replay(&sandbox, Some(&token)).await;
        let mut expected = exchange.body;
        if name == "definition_create_ok" {
            // Only now is the real code known.
            let (real_code, _) = ids_of_definition(&sandbox).await;
            assert_eq!(body["data"]["approval_code"], real_code);
            body["data"].take();
            expected["data"].take();
        }
        assert_eq!(status, exchange.status, "{name}: {body}");
        left_out.extend(differences(&body, &expected, "").into_iter().map(|found| format!("{name} {found}")));
    }
    assert_eq!(left_out, LEFT_OUT);
}

#[test_case(sample!("error_token_missing"), None; "no token")]
#[test_case(sample!("error_token_invalid"), Some("t-expired0000000000000000000000000000000"); "dead token")]
#[test_case(sample!("error_token_format"), Some("abcdef"); "malformed token")]
#[tokio::test]
async fn refused_token_is_answered_as_in_the_sample((name, text): (&str, &str), token: Option<&str>) {
    let exchange = Exchange::read(text, SAMPLE_CODE, SAMPLE_APPROVAL_ID);
    let answer = exchange.replay(&TestSandbox::new(), token).await;
    assert_eq!(answer, (exchange.status, exchange.body), "{name}");
}

#[tokio::test]
async fn missing_scope_is_answered_as_in_the_sample() {
    let sandbox = TestSandbox::with(Switches { granted_scopes: Some(Vec::new()), ..Switches::default() });
    let grant = sandbox.token_of(SAMPLE_APP_ID, "secret").await.json();
    let (_, text) = sample!("error_scope_missing");
    let exchange = Exchange::read(text, SAMPLE_CODE, SAMPLE_APPROVAL_ID);
    let answer = exchange.replay(&sandbox, grant["tenant_access_token"].as_str()).await;
    assert_eq!(answer, (exchange.status, exchange.body));
}
