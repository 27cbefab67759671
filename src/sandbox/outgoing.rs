//! What the sandbox sends to whom Feishu would call: encrypted and signed as Feishu does it, and hit by faults (contract §8.1, §9.3).

use std::time::Duration;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use axum::http::header::CONTENT_TYPE;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;
use uuid::Uuid;

use super::faults::Fault;
use crate::http_client::{HttpClients, read_whole};

/// Most of an answer that is read.
const LONGEST_ANSWER: usize = 64 << 10;

/// A request on its way.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) url: String,
    pub(super) content_type: &'static str,
    /// The body in the clear.
    pub(super) plain: Value,
    /// What it is encrypted with; plain without it.
    pub(super) key: Option<String>,
    /// The second by which it is signed, where it is encrypted; not signed without it.
    pub(super) signed_at: Option<String>,
    pub(super) fault: Option<Fault>,
}

/// An answer, or why there is none.
pub(super) enum Answered {
    With(u16, Vec<u8>),
    Late,
    Unreachable,
}

impl Outgoing {
    /// Sends it, and waits so long for the answer.
    pub(super) async fn send(&self, time_limit: Duration) -> Answered {
        tokio::time::sleep(self.fault.as_ref().map(Fault::delay).unwrap_or_default()).await;
        match tokio::time::timeout(time_limit, self.exchange()).await {
            Ok(Some((status, body))) => Answered::With(status, body),
            Ok(None) => Answered::Unreachable,
            Err(_) => Answered::Late,
        }
    }

    async fn exchange(&self) -> Option<(u16, Vec<u8>)> {
        let Self { url, content_type, plain, key, signed_at, fault } = self;
        let url = Url::parse(url).ok()?;
        let client = HttpClients::to([&url]).ok()?.client().ok()?;
        let plain = plain.to_string().into_bytes();
        let body = match fault.as_ref().and_then(Fault::raw_body) {
            Some(raw) => raw.to_owned().into_bytes(),
            None => match key {
                Some(key) => encrypted(&plain, key).to_string().into_bytes(),
                None => plain,
            },
        };
        let mut request = client.post(url).header(CONTENT_TYPE, *content_type);
        if let Some((key, timestamp)) = key.as_ref().zip(signed_at.as_ref()) {
            let nonce = Uuid::new_v4().simple().to_string();
            let signed = [timestamp.as_bytes(), nonce.as_bytes(), key.as_bytes(), &body].concat();
            request = request
                .header("X-Lark-Request-Timestamp", timestamp)
                .header("X-Lark-Request-Nonce", nonce)
                .header("X-Lark-Signature", hex::encode(Sha256::digest(signed)));
        }
        for (name, value) in fault.iter().flat_map(Fault::headers) {
            request = request.header(name, value);
        }
        let mut response = request.body(body).send().await.ok()?;
        let status = response.status().as_u16();
        let answer = read_whole(&mut response, LONGEST_ANSWER).await.ok()?;
        Some((status, answer.into()))
    }
}

/// The body as it is sent with an encryption key.
fn encrypted(plain: &[u8], key: &str) -> Value {
    // Sixteen random bytes: the random part of a UUID is enough for a simulation.
    let iv = *Uuid::new_v4().as_bytes();
    let key = Sha256::digest(key.as_bytes());
    let sealed = cbc::Encryptor::<aes::Aes256>::new(&key, &iv.into()).encrypt_padded_vec::<Pkcs7>(plain);
    json!({ "encrypt": BASE64_STANDARD.encode([iv.as_slice(), sealed.as_slice()].concat()) })
}
