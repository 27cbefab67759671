//! Where the way to Feishu ends, when it does.

use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::Url;

use super::advice::{self, Advice};

/// Longest that a step may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What to do when nothing was reached at this origin, or nothing answered in time: goes the way by foot, without any
/// proxy.
pub(super) async fn explain(origin: &str, timed_out: bool) -> Advice {
    let Ok(url) = Url::parse(origin) else { return advice::not_feishu() };
    // Names in brackets are addresses of IPv6.
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let found = timeout(PATIENCE, lookup_host((host.as_str(), port))).await;
    let addresses: Vec<_> = match found {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(_)) | Err(_) => return advice::name_not_found(&host),
    };
    match timeout(PATIENCE, TcpStream::connect(addresses.as_slice())).await {
        Ok(Ok(_)) if timed_out || url.scheme() == "http" => advice::no_answer(&host),
        Ok(Ok(_)) => advice::no_tls(&host),
        Ok(Err(_)) | Err(_) => advice::not_connected(&host, port),
    }
}
