//! kill -9 in the middle of an import.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::site::{Site, document, version};
use crate::feishu::{FOR_EVER, client, until};
use crate::process::Running;

const LINES: usize = 60;

/// The import of which only a part was sent when the gateway ended.
const SENT: usize = 40;

fn id(number: usize) -> String {
    format!("line-{number}")
}

fn line(number: usize) -> String {
    let mut document = document(&id(number), "one");
    document["instance_id"] = id(number).into();
    format!("{document}\n")
}

fn importing(gateway: &Running, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
    let request = client().post(format!("{}/v1/imports", gateway.origin)).timeout(FOR_EVER);
    request.header("content-type", "application/x-ndjson").body(body)
}

/// Takes the complete lines out of what has arrived.
fn results(text: &mut String) -> Vec<Value> {
    let complete = text.rfind('\n').map_or(0, |end| end + 1);
    let rest = text.split_off(complete);
    let lines = std::mem::replace(text, rest);
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_were_answered_stay_and_a_repeated_import_delivers_everything_once() {
    let site = Site::new().await;
    site.feishu.fault(json!({"down": true})).await;
    let gateway = site.start();
    // The rest never comes, so the import is under way when the gateway is killed.
    let (chunks, mut received) = tokio::sync::mpsc::unbounded_channel::<Result<String, std::io::Error>>();
    let body = futures_util::stream::poll_fn(move |cx| received.poll_recv(cx));
    chunks.send(Ok((0..SENT).map(line).collect())).unwrap();
    let mut response = importing(&gateway, reqwest::Body::wrap_stream(body)).send().await.unwrap();
    let (mut text, mut answered) = (String::new(), Vec::new());
    while answered.len() < SENT / 2 {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
        answered.extend(results(&mut text));
    }
    gateway.kill();
    drop((gateway, response, chunks));

    let gateway = site.start();
    for result in &answered {
        assert_eq!((&result["status"], &result["revision"]), (&json!("accepted"), &json!(1)), "{result}");
        let kept =
            gateway.get(&format!("/v1/instances/{}/delivery", result["instance_id"].as_str().unwrap())).await;
        assert_eq!((kept.0, &kept.1["state"]), (200, &json!("pending")), "{}", kept.1);
    }
    let whole = importing(&gateway, (0..LINES).map(line).collect::<String>()).send().await.unwrap();
    let location = whole.headers()["location"].to_str().unwrap().to_owned();
    let mut text = whole.text().await.unwrap();
    let repeated = results(&mut text);
    assert_eq!(repeated.len(), LINES);
    assert!(repeated.iter().all(|result| result["revision"] == 1), "{repeated:?}");
    site.clear_faults().await;
    until(|| async {
        let summary = gateway.get("/v1/deliveries/summary").await.1;
        summary["states"]["delivered"] == LINES
    })
    .await;
    let import = gateway.get(&location).await.1;
    assert_eq!((&import["lines"], &import["pending"]), (&json!(LINES), &json!(0)), "{import}");
    let mut versions = BTreeMap::<String, Vec<u64>>::new();
    for push in site.pushes().await {
        let id = push["body"]["instance_id"].as_str().unwrap().to_owned();
        versions.entry(id).or_default().push(version(&push));
    }
    assert_eq!(versions.len(), LINES);
    assert!(
        versions.values().all(|versions| versions.iter().all(|version| *version == versions[0])),
        "{versions:?}"
    );
    for number in 0..LINES {
        assert_eq!(site.title(&id(number)).await.as_deref(), Some("one"));
    }
}
