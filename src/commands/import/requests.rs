//! Requests to the gateway that an import goes to.

use std::error::Error;
use std::time::Duration;

use reqwest::Response;
use serde::de::DeserializeOwned;
use url::Url;

use super::answers::ProblemText;
use crate::commands::gateway::Gateway;

/// Time for an answer that is not streamed.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// What is answered at an address.
pub(super) async fn get<T: DeserializeOwned>(gateway: &Gateway, url: Url) -> Result<T, Box<dyn Error>> {
    let answer = gateway.signed(gateway.client.get(url)).timeout(ANSWER_TIMEOUT).send().await?;
    let answer = checked(answer).await?;
    Ok(serde_json::from_slice(&answer.bytes().await?)?)
}

/// An answer that is a success.
pub(super) async fn checked(answer: Response) -> Result<Response, Box<dyn Error>> {
    if answer.status().is_success() {
        return Ok(answer);
    }
    let status = answer.status();
    let body = answer.bytes().await.unwrap_or_default();
    Err(match serde_json::from_slice::<ProblemText>(&body) {
        Ok(problem) => format!("the gateway answered {status}: {problem}"),
        Err(_) => format!("the gateway answered {status}"),
    }
    .into())
}
