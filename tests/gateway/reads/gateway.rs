//! The real gateway before the stand-in, called over HTTP.

use approval_gateway::app::{App, Upstream};
use approval_gateway::config::{Config, Purpose, Sources};
use approval_gateway::feishu::{Credentials, Origins};
use approval_gateway::support::clock::Clock;
use axum::Router;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::reads::stand_in::{APP_ID, APP_SECRET, Asked, Lie, StandIn, World};

/// Pages that a list may take before it counts as endless.
const MAX_PAGES: usize = 2000;

/// A gateway and its stand-in. When it is dropped, no undocumented request may have been made.
pub(crate) struct Gateway {
    pub(crate) feishu: StandIn,
    pub(crate) base: String,
    client: reqwest::Client,
}

/// Which generation of the task list is asked (`feishu.task_status_api`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Generation {
    V4,
    V2,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) text: String,
}

impl Gateway {
    pub(crate) async fn before(world: World) -> Self {
        Self::of(Generation::V4, world).await
    }

    pub(crate) async fn of(generation: Generation, world: World) -> Self {
        Self::start(StandIn::start(world).await, generation, APP_SECRET).await
    }

    /// A gateway before a stand-in that others use, too.
    pub(crate) async fn start(feishu: StandIn, generation: Generation, app_secret: &str) -> Self {
        let generation = match generation {
            Generation::V4 => "v4",
            Generation::V2 => "v2",
        };
        let sources = Sources { purpose: Purpose::ServeSandbox, ..Sources::default() };
        let config = Config::load(sources.with_environment([
            ("GATEWAY_FEISHU__TASK_STATUS_API", generation),
            ("GATEWAY_FEISHU__RATE__PER_SECOND", "0"),
            ("GATEWAY_FEISHU__RATE__PER_MINUTE", "0"),
            ("GATEWAY_REQUEST__DEADLINE_MS", "60000"),
        ]));
        let origins = Origins { open_api: feishu.origin.clone(), legacy: feishu.origin.clone() };
        let credentials = Credentials { app_id: APP_ID.to_owned(), app_secret: app_secret.into() };
        let upstream = Upstream { origins, credentials };
        let app = App::build(&config.unwrap(), upstream, Clock::System, Router::new()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app.router).await });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { feishu, base, client }
    }

    pub(crate) async fn get(&self, uri: &str) -> Answer {
        self.send(self.client.get(format!("{}{uri}", self.base))).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        let request = self.client.post(format!("{}{path}", self.base));
        self.send(request.header("Content-Type", "application/json").body(body.to_string())).await
    }

    /// Asks for lines; the body is not read yet.
    pub(crate) async fn stream(&self, uri: &str) -> reqwest::Response {
        let request = self.client.get(format!("{}{uri}", self.base));
        request.header("Accept", "application/x-ndjson").send().await.unwrap()
    }

    /// Sends a request line as it is, and returns the answer as it is.
    pub(crate) async fn raw(&self, request_line: &str) -> String {
        let address = self.base.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("{request_line}\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// Asks for lines with a deadline for each page of Feishu's.
    pub(crate) async fn stream_within(&self, uri: &str, millis: u32) -> reqwest::Response {
        let request = self.client.get(format!("{}{uri}", self.base));
        let request = request.header("Accept", "application/x-ndjson");
        request.header("X-Request-Timeout-Ms", millis).send().await.unwrap()
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::of(request.send().await.unwrap()).await
    }

    /// The items of a page that must be answered, and the cursor.
    pub(crate) async fn page(&self, uri: &str) -> (Vec<Value>, Option<String>) {
        let page = self.get(uri).await.ok();
        let next = page.get("next_cursor").map(|cursor| cursor.as_str().unwrap().to_owned());
        (page["items"].as_array().unwrap().clone(), next)
    }

    /// All items, page by page; `uri` has a query.
    pub(crate) async fn all(&self, uri: &str, limit: usize) -> Vec<Value> {
        let (mut all, mut next) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let cursor = next.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let (items, after) = self.page(&format!("{uri}&limit={limit}{cursor}")).await;
            assert!(items.len() <= limit, "{} items on a page of {limit}", items.len());
            all.extend(items);
            if after.is_none() {
                return all;
            }
            next = after;
        }
        panic!("{uri} does not end");
    }

    /// All items as lines.
    pub(crate) async fn lines(&self, uri: &str) -> Vec<Value> {
        let answer = Answer::of(self.stream(uri).await).await;
        assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/x-ndjson"));
        answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Requests beside those for tokens.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.feishu
            .asked_of("/open-apis/approval/")
            .into_iter()
            .chain(self.feishu.asked_of("/approval/"))
            .collect()
    }

    pub(crate) fn lie(self, lie: Lie) -> Self {
        self.feishu.lie(lie);
        self
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.feishu.undocumented(), Vec::<String>::new(), "requests that no document lists");
        }
    }
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        Self { status: response.status().as_u16(), content_type, text: response.text().await.unwrap() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {:?}", self.text))
    }

    /// The document of a success.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!((self.status, self.content_type.as_str()), (200, "application/json"), "{}", self.text);
        self.json()
    }

    /// Status and code of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.content_type, "application/problem+json", "{}", self.text);
        let document = self.json();
        assert_eq!(document["status"], self.status);
        (self.status, document["code"].as_str().unwrap().to_owned())
    }

    /// Where each violation is, and what.
    pub(crate) fn violations(&self) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let document = self.json();
        let errors = document["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|error| (text(&error["in"]), text(&error["pointer"]), text(&error["code"])))
            .collect()
    }
}

/// One member of every item, as text.
pub(crate) fn column(items: &[Value], name: &str) -> Vec<String> {
    items
        .iter()
        .map(|item| item[name].as_str().unwrap_or_else(|| panic!("no {name} in {item}")).to_owned())
        .collect()
}
