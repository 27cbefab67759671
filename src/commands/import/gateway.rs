//! The gateway that an import goes to.

use std::error::Error;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use url::Url;

use super::answers::ProblemText;
use crate::cli::ImportArgs;
use crate::http_client::{HttpClients, server};
use crate::support::file_reader::FileReader;

/// Time for an answer that is not streamed.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// A gateway to import into.
pub(super) struct Gateway {
    pub(super) client: Client,
    origin: Url,
    key: Option<String>,
}

impl Gateway {
    pub(super) fn new(args: &ImportArgs) -> Result<Self, Box<dyn Error>> {
        let origin = server(&args.gateway)?;
        let key = match &args.key_file {
            Some(file) => {
                let bytes = FileReader::new(file).read();
                let bytes = bytes.map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
                Some(String::from_utf8(bytes)?.trim().to_owned())
            }
            None => None,
        };
        Ok(Self { client: HttpClients::to([&origin])?.client()?, origin, key })
    }

    pub(super) fn url(&self, path: &str) -> Result<Url, url::ParseError> {
        self.origin.join(path)
    }

    pub(super) fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, Box<dyn Error>> {
        let answer = self.signed(self.client.get(url)).timeout(ANSWER_TIMEOUT).send().await?;
        let answer = checked(answer).await?;
        Ok(serde_json::from_slice(&answer.bytes().await?)?)
    }
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
