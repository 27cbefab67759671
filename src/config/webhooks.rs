//! Who is told what becomes of an app's deliveries.

use url::Url;

use super::parse;
use super::reader::{Noted, Reader};
use super::schema::{WEBHOOKS_SECRET_FILE, WEBHOOKS_URL};
use super::signing;
use super::sources::Purpose;
use crate::support::standard_webhooks::SigningSecret;

/// Goes behind the error for an app whose webhooks are half configured.
const NEEDS: &str = "; webhooks need webhooks.url and webhooks.secret_file";

/// What the address may look like.
const EXAMPLE: &str = "https://oa.example.com/feishu/events";

/// Who is told what becomes of an app's deliveries.
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// Where it listens.
    pub url: Url,
    /// What everything that it is told is signed with; never empty.
    pub secrets: Vec<SigningSecret>,
}

/// The webhooks of the app that is read; none when nothing is said about them.
pub(super) fn read(reader: &mut Reader, purpose: Purpose) -> Result<Option<WebhookConfig>, Noted> {
    let is_wanted =
        [&WEBHOOKS_URL, &WEBHOOKS_SECRET_FILE].into_iter().any(|setting| reader.is_given(setting));
    if !purpose.serves() || !is_wanted {
        return Ok(None);
    }
    let url = reader.needed(&WEBHOOKS_URL, |raw| signing::receiver(raw, EXAMPLE), NEEDS);
    let secrets = reader
        .needed(&WEBHOOKS_SECRET_FILE, parse::path, NEEDS)
        .and_then(|path| signing::secrets(reader, &WEBHOOKS_SECRET_FILE, &path));
    Ok(Some(WebhookConfig { url: url?, secrets: secrets? }))
}
