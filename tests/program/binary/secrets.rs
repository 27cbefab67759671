//! Nothing secret is ever in the log, however much of it is asked for, nor in metrics, traces and problems.

use std::sync::Mutex;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use test_case::test_case;

use crate::binary::collector::Collector;
use crate::binary::documents::instance;
use crate::feishu::client;
use crate::feishu::{APP_SECRET, Feishu};
use crate::process::{Ended, Running, answer, environment, file, start_feishu};

const KEY: &str = "caller-key-Zx81";
const WRONG_KEY: &str = "wrong-key-Pq52";
const CALLBACK_TOKEN: &str = "callback-token-Lm33";
const CALLBACK_KEY: &str = "callback-key-Nn44";

/// Words of documents: the log shows none of them.
const WORDS: [&str; 6] = ["TitleWord", "FormName", "FormValue", "ExtraWord", "ContextWord", "TranslatedWord"];

fn document() -> Value {
    let mut document = instance("a");
    document["title"] = json!("TitleWord");
    document["form"] = json!([{"name": "FormName", "value": "FormValue"}]);
    document["extra"] = json!({"note": "ExtraWord"});
    document["tasks"][0]["action_context"] = json!("ContextWord");
    document["translations"] = json!({"en-US": {"TitleWord": "TranslatedWord"}});
    document
}

fn definition() -> Value {
    json!({
        "definition_key": "trip",
        "name": "TitleWord",
        "support_pc": true,
        "viewers": {"scope": "everyone"},
        "action_callback_url": "https://oa.example.org/callback",
        "action_callback_token": CALLBACK_TOKEN,
        "action_callback_key": CALLBACK_KEY,
    })
}

/// Everything that may go well or wrong, against a gateway with a caller key; gives all that was answered.
async fn session(feishu: &Feishu, gateway: &Running) -> String {
    let answers = Mutex::new(String::new());
    let send = async |method: &str, path: &str, body: &Value, expected: u16| {
        let (status, body) = answer(gateway.request(method, path, body).bearer_auth(KEY)).await;
        assert_eq!(status, expected, "{method} {path}: {body}");
        answers.lock().unwrap().push_str(&format!("{body}\n"));
    };
    let put = async |path: &str, expected: u16| send("PUT", path, &document(), expected).await;

    send("POST", "/v1/definitions", &definition(), 200).await;
    put("/v1/instances/a?verify=true", 200).await;
    send("POST", "/v1/instances/a/preview", &document(), 200).await;

    let mut invalid = document();
    invalid["status"] = json!("FormValue");
    invalid["FormName"] = json!("ExtraWord");
    send("PUT", "/v1/instances/a", &invalid, 422).await;
    let mut broken = definition();
    broken["viewers"] = json!(null);
    broken["action_callback_url"] = json!(null);
    send("POST", "/v1/definitions", &broken, 422).await;
    let unauthenticated =
        answer(gateway.request("PUT", "/v1/instances/a", &document()).bearer_auth(WRONG_KEY)).await;
    assert_eq!(unauthenticated.0, 401);
    answers.lock().unwrap().push_str(&format!("{}\n", unauthenticated.1));

    let faults = [
        (json!({"api": "external_instances", "code": 1390001, "msg": "FormValue is wrong"}), 422),
        (json!({"api": "external_instances", "http_status": 500, "body_raw": "FormValue"}), 200),
        (json!({"api": "external_instances", "http_status": 200, "body_raw": "<html>FormValue</html>"}), 502),
        (json!({"api": "external_instances", "close": "before_headers"}), 200),
        (json!({"api": "external_instances", "close": "mid_body"}), 502),
        (json!({"api": "check", "code": 1390001, "msg": "TitleWord"}), 200),
    ];
    for (fault, expected) in faults {
        feishu.fault(fault).await;
        put("/v1/instances/a?verify=true", expected).await;
    }
    feishu.control("DELETE", "faults", Value::Null).await;
    feishu.control("POST", "tokens/revoke", Value::Null).await;
    put("/v1/instances/a", 200).await;
    feishu.switch(json!({"sticky_dead_token": true})).await;
    feishu.control("POST", "tokens/revoke", Value::Null).await;
    put("/v1/instances/a", 502).await;
    answers.into_inner().unwrap()
}

/// What a session left behind.
struct Left {
    feishu: Feishu,
    ended: Ended,
    /// What callers were answered.
    answers: String,
    /// `/metrics` at the end.
    metrics: String,
    /// What the trace collector was told.
    traces: String,
}

/// Runs the session with this filter of the log.
async fn log_of_a_session(filter: &str, format: &str) -> Left {
    let (feishu, collector) = (start_feishu().await, Collector::start().await);
    let keys = file(&format!("erp {}\n", hex::encode(Sha256::digest(KEY))));
    let mut environment = environment(&feishu);
    environment.extend([
        ("GATEWAY_AUTH__KEYS_FILE", keys.to_str().unwrap()),
        ("GATEWAY_LOG__FILTER", filter),
        ("GATEWAY_LOG__FORMAT", format),
        ("GATEWAY_OTLP__ENDPOINT", collector.origin.as_str()),
    ]);
    let gateway = Running::start(&["serve"], &environment);
    let answers = session(&feishu, &gateway).await;
    let metrics = client().get(format!("{}/metrics", gateway.origin)).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    Left { feishu, ended, answers, metrics, traces: collector.text() }
}

/// The lines that show one of these.
fn lines_with<'a>(log: &'a str, needles: &[&str]) -> Vec<&'a str> {
    log.lines().filter(|line| needles.iter().any(|needle| line.contains(needle))).collect()
}

#[test_case("text")]
#[test_case("json")]
#[tokio::test(flavor = "multi_thread")]
async fn not_even_a_trace_shows_a_secret(format: &str) {
    let Left { feishu, ended, answers, metrics, traces } = log_of_a_session("trace", format).await;
    assert!(ended.stderr.contains("TRACE"), "nothing was traced");
    assert!(answers.contains("upstream_rejected") && metrics.contains("upstream_rejected"));
    assert!(traces.contains("feishu.log_id"), "nothing was exported");
    let tokens = feishu.tokens();
    assert!(tokens.len() >= 2, "{tokens:?}");
    let mut secrets = vec![APP_SECRET, KEY, WRONG_KEY, CALLBACK_TOKEN, CALLBACK_KEY];
    secrets.extend(tokens.iter().map(String::as_str));
    for text in [&ended.stderr, &ended.stdout, &answers, &metrics, &traces] {
        assert_eq!(lines_with(text, &secrets), Vec::<&str>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn not_even_a_trace_shows_a_word_of_a_document() {
    let Left { ended, metrics, traces, .. } = log_of_a_session("trace", "json").await;
    for text in [&ended.stderr, &metrics, &traces] {
        assert_eq!(lines_with(text, &WORDS), Vec::<&str>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_usual_log_shows_no_word_of_a_document_and_no_secret() {
    let Left { ended, .. } = log_of_a_session("info", "json").await;
    assert!(!lines_with(&ended.stderr, &["request answered"]).is_empty(), "{}", ended.stderr);
    let mut unwanted = WORDS.to_vec();
    unwanted.extend([APP_SECRET, KEY, WRONG_KEY, CALLBACK_TOKEN, CALLBACK_KEY]);
    assert_eq!(lines_with(&ended.stderr, &unwanted), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_sent_over_http_2_is_not_traced_either() {
    let feishu = start_feishu().await;
    let keys = file(&format!("erp {}\n", hex::encode(Sha256::digest(KEY))));
    let mut environment = environment(&feishu);
    environment
        .extend([("GATEWAY_AUTH__KEYS_FILE", keys.to_str().unwrap()), ("GATEWAY_LOG__FILTER", "trace")]);
    let gateway = Running::start(&["serve"], &environment);
    let http2 =
        reqwest::Client::builder().tls_certs_only([]).no_proxy().http2_prior_knowledge().build().unwrap();
    let request = http2.put(format!("{}/v1/instances/a", gateway.origin)).bearer_auth(KEY);
    let request = request.header("content-type", "application/json").body(document().to_string());
    assert_eq!(answer(request).await.0, 200);
    let ended = gateway.stop().await;
    assert!(!lines_with(&ended.stderr, &["hpack"]).is_empty(), "the headers were not traced");
    let mut unwanted = WORDS.to_vec();
    unwanted.push(KEY);
    assert_eq!(lines_with(&ended.stderr, &unwanted), Vec::<&str>::new());
}
