//! The callbacks: does the listener answer where Feishu is told to call?

use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use url::Url;

use super::advice;
use super::report::{Finding, State};
use crate::http_client::HttpClients;
use crate::support::error_chain::ErrorChain;

/// Feishu waits ten seconds.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Calls the public address with nothing that could prove a caller: the listener refuses that in a way of its own.
pub(super) async fn finding(public_address: &str) -> Finding {
    match ask(public_address).await {
        Ok(401) => found(State::Ok, "the listener answers at the public address".to_owned(), None),
        Ok(status) => {
            let detail =
                format!("{public_address} answers HTTP {status}, which is not the listener for callbacks");
            found(State::Failed, detail, Some(advice::callbacks_elsewhere(public_address)))
        }
        Err(cause) => {
            let detail = format!("{public_address} does not answer: {cause}");
            found(State::Failed, detail, Some(advice::callbacks_unreached(public_address)))
        }
    }
}

async fn ask(address: &str) -> Result<u16, String> {
    let url = Url::parse(address).map_err(|error| error.to_string())?;
    let clients = HttpClients::to([&url]).and_then(|clients| clients.client());
    let client = clients.map_err(|error| ErrorChain(&error).to_string())?;
    let sent =
        client.post(url).header(CONTENT_TYPE, "application/json").body("{}").timeout(TIMEOUT).send().await;
    let response = sent.map_err(|error| ErrorChain(&error.without_url()).to_string())?;
    Ok(response.status().as_u16())
}

fn found(state: State, detail: String, advice: Option<advice::Advice>) -> Finding {
    Finding { check: "callbacks", subject: None, state, detail, advice }
}
