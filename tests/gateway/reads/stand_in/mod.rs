//! A small, strict Feishu, written from the contract (§2, §3.2, §5–§7, §11–§12) and its samples.
//!
//! It refuses every request that the documents do not list, and remembers that it had to: see [`StandIn::undocumented`].

mod answer;
mod check;
mod definitions;
mod filters;
mod found;
mod lies;
mod pages;
mod request;
mod searches;
mod task_list;
mod token;
mod user_tasks;
mod world;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use tokio::net::TcpListener;

pub(crate) use answer::{Answer, Refusal};
pub(crate) use definitions::{DEFINITION_KEY, DELETED_CODE, SECRETS, TEXTS};
pub(crate) use lies::Lie;
pub(crate) use request::{Asked, Count};
pub(crate) use world::{APPLICANT, APPROVER, CODE, DAY, GROUP, Instance, NOW, READER, World};

pub(crate) const APP_ID: &str = "cli_a5d1e7b3c9f2400e";

pub(crate) const APP_SECRET: &str = "qH2vTz8WmK4rYx0LbN6sJd3PfGc7UeAi";

#[derive(Default)]
pub(crate) struct Memory {
    asked: Vec<Asked>,
    undocumented: Vec<String>,
    pages: pages::Tokens,
    lie: Option<Lie>,
}

/// What is shared by all requests.
pub(crate) struct Shared {
    world: World,
    memory: Mutex<Memory>,
}

/// A running stand-in; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct StandIn {
    shared: Arc<Shared>,
    pub(crate) origin: String,
}

impl StandIn {
    /// Listens on a free port.
    pub(crate) async fn start(world: World) -> Self {
        let shared = Arc::new(Shared { world, memory: Mutex::default() });
        let router = Router::new().fallback(serve).with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { shared, origin }
    }

    /// Misbehaves from now on.
    pub(crate) fn lie(&self, lie: Lie) {
        self.shared.memory().lie = Some(lie);
    }

    /// Everything that was asked, tokens included, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.memory().asked.clone()
    }

    /// What was asked of one operation.
    pub(crate) fn asked_of(&self, path: &str) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.path.starts_with(path)).collect()
    }

    /// Requests that the documents do not list, and why.
    pub(crate) fn undocumented(&self) -> Vec<String> {
        self.shared.memory().undocumented.clone()
    }
}

impl Shared {
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap()
    }
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let asked = Asked::new(&head, to_bytes(body, usize::MAX).await.unwrap());
    shared.memory().asked.push(asked.clone());
    if shared.hangs(&asked) {
        std::future::pending::<()>().await;
    }
    let answer = route(&shared, &asked);
    if let Err(Refusal::Undocumented(why)) = &answer {
        shared.memory().undocumented.push(format!("{asked}: {why}"));
    }
    answer::response(answer)
}

fn route(shared: &Shared, asked: &Asked) -> Answer {
    if asked.path == token::PATH {
        return token::issue(asked);
    }
    token::judge(asked)?;
    if let Some(lie) = shared.lied(asked) {
        return lie;
    }
    match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", "/open-apis/approval/v4/instances/query") => {
            searches::answer(shared, asked, filters::Kind::Instances)
        }
        ("POST", "/open-apis/approval/v4/tasks/search") => {
            searches::answer(shared, asked, filters::Kind::Tasks)
        }
        ("POST", "/open-apis/approval/v4/instances/search_cc") => {
            searches::answer(shared, asked, filters::Kind::Copies)
        }
        ("GET", "/open-apis/approval/v4/tasks/query") => user_tasks::answer(shared, asked),
        ("GET", "/open-apis/approval/v4/external_tasks") => task_list::v4(shared, asked),
        ("POST", "/approval/openapi/v2/external/list") => task_list::v2(shared, asked),
        ("POST", "/open-apis/approval/v4/external_instances/check") => check::answer(shared, asked),
        ("GET", path) if path.starts_with(definitions::PATH) => definitions::answer(asked),
        _ => Err(Refusal::undocumented("there is no such operation")),
    }
}
