//! Whoever may reach Feishu through a proxy only, can.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use serde_json::json;
use test_case::test_case;

use crate::binary::documents::instance;
use crate::process::{Running, run};

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

const NOWHERE: [(&str, &str); 4] = [
    ("GATEWAY_FEISHU__BASE_URL", "https://feishu.invalid"),
    ("GATEWAY_FEISHU__LEGACY_BASE_URL", "https://feishu.invalid"),
    ("GATEWAY_FEISHU__APP_ID", "cli_a"),
    ("GATEWAY_FEISHU__APP_SECRET", "secret"),
];

#[test_case("HTTPS_PROXY", "::::"; "no address")]
#[test_case("https_proxy", "http://someone:hush@"; "no host")]
#[test_case("ALL_PROXY", "socks5://someone:hush@127.0.0.1:1080"; "another protocol")]
fn a_proxy_that_cannot_be_used_stops_the_start(variable: &str, address: &str) {
    let environment = [&NOWHERE[..], &[(variable, address)]].concat();
    let ended = run(&["serve", "--listen", "127.0.0.1:0"], &environment, b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains(&format!("environment variable {variable}")), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hush"), "{}", ended.stderr);
}

#[test]
fn a_proxy_that_cannot_be_used_does_not_matter_to_the_sandbox() {
    let ended = run(&["doctor", "--sandbox"], &[("HTTPS_PROXY", "::::")], b"");
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test]
async fn a_host_that_no_proxy_excepts_is_looked_up_and_dns_is_blamed() {
    let (address, _) = closed_proxy();
    let proxy = format!("http://{address}");
    let environment =
        [&NOWHERE[..], &[("HTTPS_PROXY", proxy.as_str()), ("NO_PROXY", "feishu.invalid")]].concat();
    let gateway = Running::start(&["serve", "--listen", "127.0.0.1:0"], &environment);
    let (status, problem) = gateway.put("a", "", &instance("a")).await;
    assert_eq!((status, &problem["outcome"]), (503, &json!("not_sent")));
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("DNS") && !detail.contains("feishu.invalid/"), "{detail}");
}

#[test]
fn doctor_names_the_proxy_that_lets_nothing_through_and_what_it_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for caller in listener.incoming() {
            let mut caller = caller.unwrap();
            let lines = BufReader::new(caller.try_clone().unwrap()).lines().map(Result::unwrap);
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let _ = caller.write_all(b"HTTP/1.1 418 Not Today\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let proxy = format!("http://someone:hush@{address}");
    let ended = run(&["doctor"], &[&NOWHERE[..], &[("HTTPS_PROXY", proxy.as_str())]].concat(), b"");
    assert_eq!(ended.code, Some(1));
    for words in [&format!("The proxy {address}"), "418 Not Today", "代理"] {
        assert!(ended.stdout.contains(words), "{}", ended.stdout);
    }
    assert!(!ended.stdout.contains("set HTTPS_PROXY"), "{}", ended.stdout);
    assert!(!format!("{ended:?}").contains("hush"), "{ended:?}");
}

#[test]
fn doctor_says_that_nothing_answers_at_the_proxy() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let ended = run(&["doctor"], &[&NOWHERE[..], &[("HTTPS_PROXY", closed.as_str())]].concat(), b"");
    assert!(ended.stdout.contains(&format!("Nothing answers at the proxy {closed}")), "{}", ended.stdout);
}
