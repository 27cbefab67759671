//! Credentials of a Feishu app.

use std::fmt;

use secrecy::SecretString;

/// Credentials of a Feishu app: id and secret.
#[derive(Clone)]
pub struct Credentials {
    /// The app's id, `cli_…`.
    pub app_id: String,
    /// The app's secret.
    pub app_secret: SecretString,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}
