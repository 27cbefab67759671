//! Requests that are refused before they are read.

use test_case::test_case;

use crate::edge::support::{Edge, get_request, options, problem};

fn refused(status: &str, code: &str) -> (String, String) {
    (status.to_owned(), code.to_owned())
}

#[test_case("nonsense\r\n\r\n" => refused("400 Bad Request", "malformed_request"); "no request line")]
#[test_case("GET / HTTP/1.1\r\nbad header\r\n\r\n" => refused("400 Bad Request", "malformed_request"); "no header")]
#[test_case("GET /a b HTTP/1.1\r\n\r\n" => refused("400 Bad Request", "malformed_request"); "a blank in the path")]
#[test_case("\u{16}\u{3}\u{1}\u{2}\r\n\r\n" => refused("400 Bad Request", "malformed_request"); "TLS on a plain port")]
#[test_case(&get_request(&format!("/{}", "a".repeat(70_000))) => refused("414 URI Too Long", "uri_too_long"); "a long path")]
#[test_case(
    &format!("GET / HTTP/1.1\r\nX-Large: {}\r\n\r\n", "a".repeat(300_000))
    => refused("431 Request Header Fields Too Large", "headers_too_large");
    "a large header"
)]
#[test_case(
    &format!("GET / HTTP/1.1\r\n{}\r\n", "X-Many: 1\r\n".repeat(101))
    => refused("431 Request Header Fields Too Large", "headers_too_large");
    "many headers"
)]
#[tokio::test]
async fn request(bytes: &str) -> (String, String) {
    let edge = Edge::start(options()).await;
    problem(&edge.send(bytes).await.rest().await)
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
    assert_eq!(problem(&caller.rest().await).1, "malformed_request");
}
