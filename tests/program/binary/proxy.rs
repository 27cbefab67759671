//! Whoever may reach Feishu through a proxy only, can.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use serde_json::json;
use test_case::test_case;

use crate::binary::documents::instance;
use crate::process::Running;

/// A proxy that lets nobody through and tells what the first caller said.
fn closed_proxy() -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let heard = std::thread::spawn(move || {
        let (mut caller, _) = listener.accept().unwrap();
        let lines = BufReader::new(caller.try_clone().unwrap()).lines().map(Result::unwrap);
        let heard = lines.take_while(|line| !line.is_empty()).collect();
        caller.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").unwrap();
        heard
    });
    (address.to_string(), heard)
}

fn gateway(proxy_variable: (&str, &str)) -> Running {
    Running::start(
        &["serve", "--listen", "127.0.0.1:0"],
        &[
            // Reserved by RFC 2606, so that nothing is ever there.
            ("GATEWAY_FEISHU__BASE_URL", "https://feishu.invalid"),
            ("GATEWAY_FEISHU__LEGACY_BASE_URL", "https://feishu.invalid"),
            ("GATEWAY_FEISHU__APP_ID", "cli_a"),
            ("GATEWAY_FEISHU__APP_SECRET", "secret"),
            proxy_variable,
        ],
    )
}

#[test_case("HTTPS_PROXY")]
#[test_case("https_proxy")]
#[test_case("ALL_PROXY")]
#[tokio::test]
async fn feishu_is_asked_for_by_name_at_the_proxy_with_its_credentials(variable: &str) {
    let (address, heard) = closed_proxy();
    let gateway = gateway((variable, &format!("http://someone:hush@{address}")));

    let (status, problem) = gateway.put("a", "", &instance("a")).await;

    let heard = heard.join().unwrap();
    assert_eq!(heard[0], "CONNECT feishu.invalid:443 HTTP/1.1");
    // someone:hush in Base64.
    let credentials =
        |line: &String| line.eq_ignore_ascii_case("proxy-authorization: Basic c29tZW9uZTpodXNo");
    assert!(heard.iter().any(credentials), "{heard:?}");
    assert_eq!((status, &problem["code"]), (503, &json!("upstream_unavailable")));
    let log = gateway.stop().await.stderr;
    assert!(!log.contains("hush") && !log.contains("c29tZW9uZTpodXNo"), "{log}");
}
