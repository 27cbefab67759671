//! Entry of the wire API: reads a request, lets a fault hit it, records it, and puts the answer on the
//! connection whole, late, in part, or not at all.

use std::convert::Infallible;
use std::io;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, HeaderValue};
use axum::http::{Response, StatusCode};
use bytes::Bytes;
use futures_util::stream;
use tokio::task::JoinError;

use super::answer::Answer;
use super::api::{Api, Route};
use super::call::Call;
use super::faults::{Close, Fault, LONGEST_WAIT};
use super::operations;
use super::refusal::Refusal;
use super::requests::Arrival;
use super::running::{Releases, Sandbox};
use super::trace::Trace;
use super::undocumented;

/// Larger bodies are refused unread: 16 MiB. Feishu's own limit is unknown (contract §4.1).
const MAX_BODY_BYTES: usize = 16 << 20;

/// Answers any request that is not for the control API.
pub(super) async fn serve(
    State(sandbox): State<Sandbox>,
    request: Request,
) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let trace = sandbox.with(|_, now| Trace::new(now));
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        let mut answer = Answer::failure(Refusal::wrong_type("body"), &trace);
        answer.status = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(answer.into_response(&trace, Body::from));
    };
    let releases = sandbox.releases();
    let (route, api, fault, refused, number) = sandbox.with(|state, now| {
        let route = Api::route(&parts.method, parts.uri.path(), &state.switches);
        let api = match &route {
            Route::Found(api, _) => Some(*api),
            Route::WrongMethod | Route::Unknown => None,
        };
        let fault = state.faults.hit(api);
        let undocumented = api.map_or_else(
            || vec!["no such operation".to_owned()],
            |api| {
                let (query, headers) = (parts.uri.query(), &parts.headers);
                undocumented::of(&undocumented::Parts { api, query, headers, body: &body })
            },
        );
        let refused = undocumented.first().cloned().filter(|_| state.switches.strict);
        let number = state.requests.arrive(Arrival {
            now,
            api: api.map_or("unknown", Api::name),
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query(),
            headers: &parts.headers,
            body: &body,
            undocumented,
            faulted: fault.is_some(),
        });
        (route, api, fault, refused, number)
    });
    let work = {
        let (sandbox, trace) = (sandbox.clone(), trace.clone());
        async move {
            let (answer, mut close) = match route {
                Route::Unknown => (Answer::unknown_path(), fault.and_then(|fault| fault.close())),
                // The code is documented, its HTTP status is not (contract §11.1).
                Route::WrongMethod => {
                    (Answer::failure(Refusal::business(99991301, "wrong HTTP method"), &trace), None)
                }
                Route::Found(..) if let Some(what) = refused => {
                    (Answer::failure(Refusal::undocumented(&what), &trace), None)
                }
                Route::Found(api, parameter) => {
                    let (query, headers) = (parts.uri.query(), &parts.headers);
                    let call = Call { api, parameter, query, headers, body: &body, number };
                    match fault {
                        None => (run(&sandbox, &call, &trace), None),
                        Some(fault) => struck(&sandbox, &call, &fault, releases, &trace).await,
                    }
                }
            };
            sandbox.with(|state, now| {
                // It may have gone down in the meantime.
                if state.faults.is_down(api) {
                    close = Some(Close::BeforeHeaders);
                }
                if close != Some(Close::BeforeHeaders) {
                    state.requests.answered(number, answer.status, answer.code);
                }
                state.requests.ended(number, now);
            });
            (answer, close)
        }
    };
    // As at Feishu, what has arrived is done although its caller leaves.
    match tokio::spawn(work).await.map_err(JoinError::try_into_panic) {
        Ok((answer, close)) => Ok(put_on_wire(answer, close, &trace)),
        Err(Ok(payload)) => std::panic::resume_unwind(payload),
        // The runtime is being shut down, and this with it.
        Err(Err(_)) => std::future::pending().await,
    }
}

/// Carries out a call.
fn run(sandbox: &Sandbox, call: &Call<'_>, trace: &Trace) -> Answer {
    let answer = operations::answer(sandbox, call, trace);
    if answer.code == Some(0) {
        sandbox.with(|state, _| state.requests.applied(call.number));
        if call.api.changes_what_is_seen() {
            sandbox.announce_change();
        }
    }
    answer
}

/// Answers a call that a fault hits, and says where to cut its connection.
async fn struck(
    sandbox: &Sandbox,
    call: &Call<'_>,
    fault: &Fault,
    releases: Releases,
    trace: &Trace,
) -> (Answer, Option<Close>) {
    let run = || run(sandbox, call, trace);
    let early = fault.apply.then(run);
    tokio::time::sleep(fault.delay()).await;
    let real = early.or_else(|| fault.runs_call().then(run));
    if fault.hang {
        releases.hang(LONGEST_WAIT).await;
    }
    (fault.answer(real, trace), fault.close())
}

fn put_on_wire(answer: Answer, close: Option<Close>, trace: &Trace) -> Response<Body> {
    match close {
        None => answer.into_response(trace, Body::from),
        // The server gives a connection up when the first piece of a body fails, before it has flushed the headers.
        Some(Close::BeforeHeaders) => answer
            .into_response(trace, |_| Body::from_stream(stream::once(async { Err::<Bytes, _>(broken()) }))),
        Some(Close::MidBody) => {
            let announced_len = answer.body.len();
            let mut response = answer.into_response(trace, |bytes| {
                let half = Bytes::from(bytes).split_to(announced_len / 2);
                Body::from_stream(stream::unfold(Some(half), |rest| async {
                    match rest {
                        Some(half) => Some((Ok(half), None)),
                        None => {
                            // Lets the server flush the half before it learns that the rest is lost.
                            tokio::task::yield_now().await;
                            Some((Err(broken()), None))
                        }
                    }
                }))
            });
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(announced_len));
            response
        }
    }
}

fn broken() -> io::Error {
    io::Error::other("the connection is cut on demand")
}
