//! What an operator says about the callbacks of one app.

use secrecy::SecretString;
use url::Url;

use crate::domain::AppName;
use crate::support::standard_webhooks::SigningSecret;

/// The callbacks of one app.
#[derive(Debug, Clone)]
pub struct CallbackSettings {
    /// What proves that Feishu calls: any of these is taken, definitions get the first. Never empty.
    pub tokens: Vec<SecretString>,
    /// What bodies may be encrypted with, likewise; without any, bodies are plain.
    pub encrypt_keys: Vec<SecretString>,
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

/// The events that Feishu pushes to a store app.
#[derive(Debug, Clone)]
pub struct EventSettings {
    /// What proves that Feishu sends them: any of these is taken. Never empty.
    pub tokens: Vec<SecretString>,
    /// What they may be encrypted with, likewise; without any, they are plain.
    pub encrypt_keys: Vec<SecretString>,
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
