//! Requests that are refused before they are read: hyper answers them, with a status and nothing else.

use test_case::test_case;

use crate::edge::support::{Edge, get_request, options};

#[test_case("nonsense\r\n\r\n" => "400 Bad Request"; "no request line")]
#[test_case("GET / HTTP/1.1\r\nbad header\r\n\r\n" => "400 Bad Request"; "no header")]
#[test_case("GET /a b HTTP/1.1\r\n\r\n" => "400 Bad Request"; "a blank in the path")]
#[test_case("\u{16}\u{3}\u{1}\u{2}\r\n\r\n" => "400 Bad Request"; "TLS on a plain port")]
#[test_case(&get_request(&format!("/{}", "a".repeat(70_000))) => "414 URI Too Long"; "a long path")]
#[test_case(
    &format!("GET / HTTP/1.1\r\nX-Large: {}\r\n\r\n", "a".repeat(300_000))
    => "431 Request Header Fields Too Large";
    "a large header"
)]
#[test_case(
    &format!("GET / HTTP/1.1\r\n{}\r\n", "X-Many: 1\r\n".repeat(101))
    => "431 Request Header Fields Too Large";
    "many headers"
)]
#[tokio::test]
async fn request(bytes: &str) -> String {
    let edge = Edge::start(options()).await;
    status(&edge.send(bytes).await.rest().await)
}

/// The status of an answer without a body, the last of its connection.
fn status(answer: &str) -> String {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(body.is_empty() && head.contains("\r\nconnection: close"), "{answer}");
    head.lines().next().unwrap().strip_prefix("HTTP/1.1 ").unwrap().to_owned()
}

#[tokio::test]
async fn a_head_of_almost_192_kib_is_read() {
    let edge = Edge::start(options()).await;
    let request =
        format!("GET /v1/quick HTTP/1.1\r\nHost: gateway\r\nX-Large: {}\r\n\r\n", "a".repeat(190_000));
    assert!(edge.send(request).await.answer().await.starts_with("HTTP/1.1 200 OK\r\n"));
}

#[tokio::test]
async fn what_follows_a_good_request_is_refused_the_same_way() {
    let edge = Edge::start(options()).await;
    let mut caller = edge.send(get_request("/v1/quick")).await;
    caller.answer().await;
    caller.send("nonsense\r\n\r\n").await;
    assert_eq!(status(&caller.rest().await), "400 Bad Request");
}
