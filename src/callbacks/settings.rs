//! What an operator says about the callbacks of one app.

use secrecy::SecretString;
use url::Url;

use crate::domain::AppName;
use crate::support::standard_webhooks::SigningSecret;

/// What proves that Feishu calls: of several tokens and keys any is taken, so that they can be changed without a gap.
#[derive(Debug, Clone)]
pub struct Proof {
    /// What each body holds. Never empty.
    pub tokens: Vec<SecretString>,
    /// What bodies are encrypted with; without any, they are plain.
    pub encrypt_keys: Vec<SecretString>,
}

impl Proof {
    /// The token that Feishu is told: the first.
    pub fn token(&self) -> Option<&SecretString> {
        self.tokens.first()
    }

    /// The key that Feishu is told: the first, if there is any.
    pub fn encrypt_key(&self) -> Option<&SecretString> {
        self.encrypt_keys.first()
    }
}

/// The callbacks of one app.
#[derive(Debug, Clone)]
pub struct CallbackSettings {
    /// What proves that Feishu calls.
    pub proof: Proof,
    /// The origin under which Feishu reaches the listener.
    pub public_url: Option<String>,
    /// Where actions are relayed to.
    pub target: Url,
    /// What is relayed.
    pub format: TargetFormat,
    /// What relayed actions are signed with; all of them sign. Never empty.
    pub secrets: Vec<SigningSecret>,
}

impl CallbackSettings {
    /// The address that Feishu is told to call, when it is known under which the listener is reached.
    pub fn public_address(&self, app: &AppName) -> Option<String> {
        self.public_url.as_ref().map(|origin| format!("{origin}{}", action_path(app)))
    }
}

/// What a target is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TargetFormat {
    /// One event, whatever shape the callback had.
    #[default]
    Gateway,
    /// The body that Feishu sent, decrypted: for handlers that were written for Feishu.
    Feishu,
}

/// The path on the listener to which Feishu pushes the events of an app.
pub fn events_path(app: &AppName) -> String {
    format!("/feishu/{app}/events")
}

/// The path on the listener to which Feishu sends the actions of an app.
pub fn action_path(app: &AppName) -> String {
    format!("/feishu/{app}/approval-action")
}
