//! A running gateway that a command calls.

use std::error::Error;
use std::path::Path;

use reqwest::{Client, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::http_client::{HttpClients, server};
use crate::support::file_reader::FileReader;

/// A gateway, and the key with which it is called.
pub(super) struct Gateway {
    pub(super) client: Client,
    origin: Url,
    key: Option<SecretString>,
}

impl Gateway {
    /// The gateway at an address; the key is what its file holds.
    pub(super) fn new(address: &str, key_file: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let origin = server(address)?;
        let key = match key_file {
            Some(file) => {
                let bytes = FileReader::new(file).read();
                let bytes = bytes.map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
                Some(String::from_utf8(bytes)?.trim().to_owned().into())
            }
            None => None,
        };
        Ok(Self { client: HttpClients::to([&origin])?.client()?, origin, key })
    }

    /// The address of a path, or of a path with its query.
    pub(super) fn url(&self, path: &str) -> Result<Url, url::ParseError> {
        self.origin.join(path)
    }

    /// The request with the key.
    pub(super) fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.key {
            Some(key) => request.bearer_auth(key.expose_secret()),
            None => request,
        }
    }

    /// The key; empty where there is none.
    #[cfg(feature = "mcp")]
    pub(super) fn key(&self) -> &str {
        self.key.as_ref().map(SecretString::expose_secret).unwrap_or_default()
    }
}
