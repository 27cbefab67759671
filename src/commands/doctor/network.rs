//! Finds out where the way to Feishu ends, when it does.

use std::time::Duration;

use hyper_util::client::proxy::matcher::Intercept;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::Url;

use super::advice::{self, Advice};
use crate::http_client::proxy_for;

/// Longest that a step may take.
const STEP_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest first line of a proxy's answer that is read.
const LONGEST_LINE: u64 = 200;

/// How far a connection came.
enum Reached {
    NoName,
    NoConnection,
    Connected(TcpStream),
}

/// What to do when nothing was reached at this origin, or nothing answered in time: tries each step by itself, through the
/// proxy if there is one.
pub(super) async fn explain(origin: &str, timed_out: bool) -> Advice {
    let Ok(url) = Url::parse(origin) else { return advice::not_feishu() };
    // Names in brackets are addresses of IPv6.
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(443);
    if let Some(proxy) = proxy_for(&url) {
        return match through(&proxy, host, port).await {
            Ok(()) if timed_out => advice::no_answer(host),
            Ok(()) => advice::no_tls(host),
            Err(advice) => advice,
        };
    }
    match connect(host, port).await {
        Reached::NoName => advice::name_not_found(host),
        Reached::NoConnection => advice::not_connected(host, port),
        Reached::Connected(_) if timed_out || url.scheme() == "http" => advice::no_answer(host),
        Reached::Connected(_) => advice::no_tls(host),
    }
}

async fn connect(host: &str, port: u16) -> Reached {
    let Ok(Ok(addresses)) = timeout(STEP_TIMEOUT, lookup_host((host, port))).await else {
        return Reached::NoName;
    };
    let addresses: Vec<_> = addresses.collect();
    match timeout(STEP_TIMEOUT, TcpStream::connect(addresses.as_slice())).await {
        Ok(Ok(stream)) => Reached::Connected(stream),
        Ok(Err(_)) | Err(_) => Reached::NoConnection,
    }
}

/// Asks the proxy for a tunnel, as the HTTP client does.
async fn through(proxy: &Intercept, host: &str, port: u16) -> Result<(), Advice> {
    let uri = proxy.uri();
    let is_tls = uri.scheme_str() == Some("https");
    let proxy_host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let proxy_port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let name = format!("{proxy_host}:{proxy_port}");
    let stream = match connect(proxy_host, proxy_port).await {
        Reached::NoName => return Err(advice::proxy_not_found(&name)),
        Reached::NoConnection => return Err(advice::proxy_not_connected(&name)),
        Reached::Connected(_) if is_tls => return Err(advice::proxy_in_between(&name)),
        Reached::Connected(stream) => stream,
    };
    let authorization = proxy.basic_auth().and_then(|value| value.to_str().ok());
    let authorization =
        authorization.map(|value| format!("Proxy-Authorization: {value}\r\n")).unwrap_or_default();
    let request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{authorization}\r\n");
    match timeout(STEP_TIMEOUT, ask(stream, &request)).await {
        Ok(Ok(line)) if line.split_whitespace().nth(1) == Some("200") => Ok(()),
        Ok(Ok(line)) if !line.is_empty() => Err(advice::proxy_refuses(&name, &line)),
        Ok(Ok(_) | Err(_)) | Err(_) => Err(advice::proxy_silent(&name)),
    }
}

/// The first line of the answer, as far as it can be shown.
async fn ask(mut stream: TcpStream, request: &str) -> std::io::Result<String> {
    stream.write_all(request.as_bytes()).await?;
    let mut line = Vec::new();
    BufReader::new(stream.take(LONGEST_LINE)).read_until(b'\n', &mut line).await?;
    let shown = line.into_iter().filter(|byte| matches!(byte, b' '..=b'~'));
    Ok(shown.map(char::from).collect::<String>().trim().to_owned())
}
