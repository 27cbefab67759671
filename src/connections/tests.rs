//! Connections against real servers, which count them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use test_case::test_case;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Serves connection after connection; the function has one and its number.
async fn served<Served>(
    serve: impl Fn(TcpStream, usize) -> Served + Send + 'static,
) -> (Uri, Arc<AtomicUsize>)
where
    Served: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, count.fetch_add(1, Ordering::SeqCst)));
        }
    });
    (format!("http://{address}").parse().unwrap(), accepted)
}

/// Answers every request with its version, its address and its header `Host`.
async fn mirror(stream: TcpStream, _: usize) {
    let service = service_fn(async |request: Request<Incoming>| {
        let host = request.headers().get(HOST).map(|host| host.to_str().unwrap().to_owned());
        let seen = format!("{:?} {} {host:?}", request.version(), request.uri());
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(seen))))
    });
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

fn request(path: &str) -> Request<Body> {
    Request::post(path).body(Body::from("{}")).unwrap()
}

async fn text(answer: Response<AnswerBody>) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

/// Waits until so many connections are open and free.
async fn until_kept(connections: &Connections, count: usize) {
    while connections.0.kept.count() != count {
        tokio::task::yield_now().await;
    }
}

/// Answers one request, and closes the connection.
async fn answer_once(mut stream: TcpStream, _: usize) {
    read_head(&mut stream).await;
    stream.write_all(ANSWER).await.unwrap();
}

async fn read_head(stream: &mut TcpStream) {
    let mut read = Vec::new();
    while !read.windows(4).any(|end| end == b"\r\n\r\n") {
        let byte = stream.read_u8().await.unwrap();
        read.push(byte);
    }
}

#[tokio::test]
async fn requests_one_after_another_share_a_connection() {
    let (origin, accepted) = served(mirror).await;
    let connections = Connections::direct(&origin).unwrap();
    for _ in 0..3 {
        let seen = text(connections.request(request("/path?query=1")).await.unwrap()).await;
        assert_eq!(seen, format!("HTTP/1.1 /path?query=1 Some(\"{}\")", origin.authority().unwrap()));
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn requests_at_once_have_connections_of_their_own_and_both_are_kept() {
    let (origin, accepted) = served(mirror).await;
    let connections = Connections::direct(&origin).unwrap();
    for _ in 0..3 {
        let (one, other) = tokio::join!(connections.request(request("/")), connections.request(request("/")));
        let _ = tokio::join!(text(one.unwrap()), text(other.unwrap()));
        until_kept(&connections, 2).await;
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn requests_share_a_connection_of_http_2() {
    let (origin, accepted) = served(mirror).await;
    let connections = Connections::direct(&origin).unwrap();
    let stream = TcpStream::connect(origin.authority().unwrap().as_str()).await.unwrap();
    connector::http2(TokioIo::new(stream), &connections.0.kept).await.unwrap();
    let (one, other) = tokio::join!(connections.request(request("/1")), connections.request(request("/2")));
    assert_eq!(text(one.unwrap()).await, format!("HTTP/2.0 {origin}1 None"));
    assert_eq!(text(other.unwrap()).await, format!("HTTP/2.0 {origin}2 None"));
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connection_that_the_server_has_closed_is_replaced() {
    let (origin, accepted) = served(answer_once).await;
    let connections = Connections::direct(&origin).unwrap();
    for _ in 0..3 {
        assert_eq!(text(connections.request(request("/")).await.unwrap()).await, "ok");
        until_kept(&connections, 0).await;
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_request_comes_back_whole_from_a_connection_that_ended_before_it() {
    let (origin, _) = served(answer_once).await;
    let connections = Connections::direct(&origin).unwrap();
    let server = &*connections.0;
    let Ok(Sender::Http1(mut sender)) = server.connector.open(&server.origin(), &server.kept).await else {
        panic!("no connection of HTTP/1");
    };
    let answer = sender.send_request(request("/")).await.unwrap();
    drop(answer.into_body().collect().await);
    while !sender.is_closed() {
        tokio::task::yield_now().await;
    }
    let Err(Failed { unsent, .. }) = server.send(request("/again"), Sender::Http1(sender)).await else {
        panic!("an answer from a closed connection");
    };
    assert_eq!(unsent.unwrap().uri(), "/again");
}

#[tokio::test]
async fn a_request_that_could_not_leave_takes_another_connection() {
    let (origin, accepted) = served(mirror).await;
    let connections = Connections::direct(&origin).unwrap();
    let stream = TcpStream::connect(origin.authority().unwrap().as_str()).await.unwrap();
    let (sender, never_driven) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    connections.0.kept.rest(sender);
    let (answer, ()) = tokio::join!(connections.request(request("/path")), async { drop(never_driven) });
    assert!(text(answer.unwrap()).await.starts_with("HTTP/1.1 /path "));
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn whoever_waits_for_a_new_connection_takes_one_that_becomes_free() {
    let (origin, _) = served(mirror).await;
    let free = Connections::direct(&origin).unwrap();
    drop(text(free.request(request("/")).await.unwrap()).await);
    until_kept(&free, 1).await;
    let Some(Sender::Http1(sender)) = free.0.kept.take() else { panic!("no connection") };

    // Whoever comes there is never accepted, and waits for TLS.
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let silent = listener.local_addr().unwrap();
    let connections = Connections::direct(&format!("https://{silent}").parse().unwrap()).unwrap();
    let (answer, ()) = tokio::join!(connections.request(request("/path")), async {
        tokio::task::yield_now().await;
        connections.0.kept.rest(sender);
    });
    assert_eq!(text(answer.unwrap()).await, format!("HTTP/1.1 /path Some(\"{silent}\")"));
}

#[tokio::test]
async fn a_second_connection_of_http_2_is_not_needed() {
    let (origin, accepted) = served(mirror).await;
    let connections = Connections::direct(&origin).unwrap();
    for _ in 0..2 {
        let stream = TcpStream::connect(origin.authority().unwrap().as_str()).await.unwrap();
        connector::http2(TokioIo::new(stream), &connections.0.kept).await.unwrap();
        let seen = text(connections.request(request("/")).await.unwrap()).await;
        assert!(seen.starts_with("HTTP/2.0"), "{seen}");
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
    assert_eq!(connections.0.kept.count(), 1);
}

#[tokio::test]
async fn a_connection_that_breaks_under_a_request_is_told_from_one_that_was_never_there() {
    let (origin, _) = served(async |mut stream, _| read_head(&mut stream).await).await;
    let broken = Connections::direct(&origin).unwrap().request(request("/")).await.unwrap_err();
    assert!(matches!(broken, RequestError::Broken(_)), "{broken:?}");

    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let refused = Connections::direct(&nobody).unwrap().request(request("/")).await.unwrap_err();
    assert!(matches!(refused, RequestError::NotConnected(_)), "{refused:?}");
}

#[tokio::test]
async fn a_connection_with_the_rest_of_an_answer_in_it_is_not_used_again() {
    let (origin, accepted) = served(async |mut stream, _| {
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhal").await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let connections = Connections::direct(&origin).unwrap();
    for _ in 0..2 {
        let mut answer = connections.request(request("/")).await.unwrap().into_body();
        assert_eq!(answer.frame().await.unwrap().unwrap().into_data().unwrap(), "hal");
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
    assert_eq!(connections.0.kept.count(), 0);
}

#[tokio::test]
async fn a_connection_with_the_rest_of_a_request_in_it_is_not_used_again() {
    // The first server answers without reading what it is sent, which is more than fits into the buffers between.
    let (origin, accepted) = served(async |mut stream, number| {
        read_head(&mut stream).await;
        stream.write_all(ANSWER).await.unwrap();
        if number == 0 {
            std::future::pending::<()>().await;
        }
    })
    .await;
    let connections = Connections::direct(&origin).unwrap();
    let large = request("/").map(|_| Body::from(vec![b' '; 64 << 20]));
    assert_eq!(text(connections.request(large).await.unwrap()).await, "ok");
    assert_eq!(connections.0.kept.count(), 0);
    assert_eq!(text(connections.request(request("/")).await.unwrap()).await, "ok");
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_connection_that_rests_too_long_is_given_up() {
    let (origin, accepted) = served(mirror).await;
    let connections = Connections::direct(&origin).unwrap();
    drop(text(connections.request(request("/")).await.unwrap()).await);
    until_kept(&connections, 1).await;
    connections.0.kept.give_up_after(Duration::from_secs(49));
    assert_eq!(connections.0.kept.count(), 1);
    connections.0.kept.give_up_after(Duration::from_secs(50));
    assert_eq!(connections.0.kept.count(), 0);
    drop(text(connections.request(request("/")).await.unwrap()).await);
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
}

#[test_case("http://feishu.test/path" => "feishu.test"; "no port")]
#[test_case("http://feishu.test:80" => "feishu.test"; "the usual port")]
#[test_case("http://feishu.test:443" => "feishu.test:443"; "an unusual port")]
#[test_case("http://user:password@feishu.test:8080" => "feishu.test:8080"; "a password")]
#[test_case("http://[::1]:8080" => "[::1]:8080"; "an IPv6 address")]
fn host(address: &str) -> String {
    let connections = Connections::direct(&address.parse().unwrap()).unwrap();
    connections.0.host.to_str().unwrap().to_owned()
}

#[test]
fn an_address_without_a_server_is_refused() {
    for address in ["/path", "feishu.test", "*"] {
        let refused = Connections::direct(&address.parse().unwrap());
        assert!(matches!(refused, Err(SetupError::NoOrigin(_))), "{address}");
    }
}
