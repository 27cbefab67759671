//! Upstreams that reset, hold back, flood and never end: a typed problem each time, in bounded time and memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use test_case::test_case;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::harness::Gateway;
use crate::harness::documents::instance;
use crate::service::raw_upstream::{TOKEN, json_answer, read_request};

/// What a flood is cut off at, far beyond what the gateway takes.
const FLOOD: usize = 64 << 20;

/// The gateway takes 16 MiB of an answer; what lies in the buffers of two sockets comes on top.
const TAKEN_AT_MOST: usize = 40 << 20;

/// Ample for an answer on this machine; those who wait for one that never comes wait this long.
const DEADLINE_MILLIS: u64 = 2_000;

/// What becomes of a connection on which a push has come.
#[derive(Clone)]
struct Script {
    /// Sent first.
    opening: &'static str,
    /// Sent again and again, up to [`FLOOD`] bytes.
    flood: String,
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    Reset,
    Silence,
}

fn script(opening: &'static str, flood: &str, end: End) -> Script {
    Script { opening, flood: flood.to_owned(), end }
}

/// An upstream that gives a token and plays the script on every push.
struct Scripted {
    origin: String,
    pushes: Arc<AtomicUsize>,
    /// The most that one connection took.
    taken: Arc<AtomicUsize>,
}

impl Scripted {
    async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (pushes, taken) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let seen = (Arc::clone(&pushes), Arc::clone(&taken));
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let (script, (pushes, taken)) = (script.clone(), seen.clone());
                tokio::spawn(async move {
                    while let Some(head) = read_request(&mut connection).await {
                        if head.contains("/tenant_access_token/") {
                            connection.write_all(json_answer(TOKEN).as_bytes()).await.unwrap();
                        } else {
                            pushes.fetch_add(1, Ordering::SeqCst);
                            return play(&script, connection, &taken).await;
                        }
                    }
                });
            }
        });
        Self { origin, pushes, taken }
    }
}

async fn play(script: &Script, mut connection: TcpStream, taken: &AtomicUsize) {
    let _ = connection.write_all(script.opening.as_bytes()).await;
    let times = FLOOD.checked_div(script.flood.len()).unwrap_or(0);
    // In larger pieces, so that the flood does not take longer than the deadline.
    let many = 4_096.min(times.max(1));
    let piece = script.flood.repeat(many);
    for sent in 1..=times / many {
        if connection.write_all(piece.as_bytes()).await.is_err() {
            return;
        }
        taken.fetch_max(sent * piece.len(), Ordering::SeqCst);
    }
    match script.end {
        End::Reset => connection.set_zero_linger().unwrap(),
        // Until the gateway closes the connection.
        End::Silence => drop(read_request(&mut connection).await),
    }
}

#[test_case(script("", "", End::Reset) => "503 upstream_unavailable, unknown, retryable"; "reset before the headers")]
#[test_case(
    script("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"co", "", End::Reset)
    => "502 upstream_protocol_error, unknown, retryable";
    "reset after the headers"
)]
#[test_case(script("", "", End::Silence) => "504 upstream_timeout, unknown, retryable"; "silence")]
#[test_case(script("HTTP/1.1 200 O", "", End::Silence) => "504 upstream_timeout, unknown, retryable"; "silence in the head")]
#[test_case(
    script("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{", "", End::Silence)
    => "504 upstream_timeout, unknown, retryable";
    "silence in the body"
)]
#[test_case(
    script("HTTP/1.1 200 OK\r\nx: ", "y", End::Silence)
    => "503 upstream_unavailable, unknown, retryable";
    "a header without an end"
)]
#[test_case(
    script("HTTP/1.1 200 OK\r\n", "x: y\r\n", End::Silence)
    => "503 upstream_unavailable, unknown, retryable";
    "headers without an end"
)]
#[test_case(
    script("{\"code\":0,\"data\":{}}\r\n", "", End::Reset)
    => "503 upstream_unavailable, unknown, retryable";
    "a body without a head"
)]
#[test_case(
    script("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 9\r\n\r\n{}\n", "", End::Reset)
    => "503 upstream_unavailable, unknown, retryable";
    "two lengths"
)]
#[test_case(
    script("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n", " ", End::Silence)
    => "502 upstream_protocol_error, unknown, retryable";
    "a body without an end"
)]
#[test_case(
    script("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n", &format!("400\r\n{}\r\n", " ".repeat(1_024)), End::Silence)
    => "502 upstream_protocol_error, unknown, retryable";
    "chunks without an end"
)]
#[test_case(
    script("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1;", "x", End::Silence)
    => "502 upstream_protocol_error, unknown, retryable";
    "a chunk's extension without an end"
)]
#[test_case(
    script("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 67108864\r\n\r\n", " ", End::Silence)
    => "502 upstream_protocol_error, unknown, retryable";
    "64 MB"
)]
#[tokio::test]
async fn a_push_before(script: Script) -> String {
    let (problem, taken) = push_before(script).await;
    assert!(taken <= TAKEN_AT_MOST, "{taken} bytes were taken");
    problem
}

#[tokio::test]
async fn interim_answers_without_an_end_are_dropped_until_the_deadline() {
    let script = script("", "HTTP/1.1 100 Continue\r\n\r\n", End::Silence);
    assert_eq!(push_before(script).await.0, "504 upstream_timeout, unknown, retryable");
}

/// The problem, and how many bytes of the flood were taken.
async fn push_before(script: Script) -> (String, usize) {
    let upstream = Scripted::start(script).await;
    let setup = Gateway::builder().upstream(upstream.origin.clone()).deadline(Duration::from_secs(30));
    let harness = setup.start().await;
    let problem = harness.put_within(DEADLINE_MILLIS, "a", &instance("a")).await.problem();
    assert!((1..=3).contains(&upstream.pushes.load(Ordering::SeqCst)));
    assert_eq!(harness.preview("a", "", &instance("a")).await.status, 200, "it goes on");
    (problem, upstream.taken.load(Ordering::SeqCst))
}
