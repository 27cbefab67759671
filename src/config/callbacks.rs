//! The callbacks: where Feishu's calls come in, and for each app what proves that they are Feishu's and where they are relayed.

use std::net::SocketAddr;

use url::Url;

use super::error::ConfigError;
use super::parse;
use super::proof;
use super::reader::{Noted, Reader};
use super::schema::{
    CALLBACKS_LISTEN, CALLBACKS_PUBLIC_URL, CALLBACKS_TARGET_FORMAT, CALLBACKS_TARGET_URL,
    CALLBACKS_TOKEN_FILE, ENCRYPT_KEY_FILE, LISTEN, SECRET_FILE,
};
use super::signing;
use super::sources::Purpose;
use crate::callbacks::{CallbackSettings, Proof, TargetFormat};
use crate::domain::AppName;
use crate::support::standard_webhooks::SigningSecret;

/// What proves callbacks of the sandbox; not worth a secret.
const SANDBOX_TOKEN: &str = "sandbox-callback-token";

/// What the sandbox encrypts callbacks with.
const SANDBOX_KEY: &str = "sandbox-callback-key";

/// What actions that began in the sandbox are signed with, unless a file says it; the examples know it.
pub const SANDBOX_SIGNING_SECRET: &str = "whsec_c2FuZGJveC1zaWduaW5nLXNlY3JldC0wMQ==";

/// Where actions that began in the sandbox are relayed to, unless a setting says it: the examples listen there.
const SANDBOX_TARGET: &str = "http://127.0.0.1:9000/";

/// Goes behind the error for an app whose callbacks are half configured.
const NEEDS: &str = "; callbacks need callbacks.target_url, callbacks.token_file and callbacks.secret_file";

/// Goes behind the error for callbacks without a listener.
const NEEDS_LISTENER: &str = "; callbacks of Feishu come in on a listener of their own";

/// The callbacks of the app that is read; none when nothing is said about them.
pub(super) fn read_app(reader: &mut Reader, purpose: Purpose) -> Result<Option<CallbackSettings>, Noted> {
    match purpose {
        Purpose::Offline | Purpose::Ledger => Ok(None),
        Purpose::ServeSandbox => sandbox(reader).map(Some),
        Purpose::Serve => {
            let settings = [
                &CALLBACKS_PUBLIC_URL,
                &CALLBACKS_TARGET_URL,
                &CALLBACKS_TOKEN_FILE,
                &ENCRYPT_KEY_FILE,
                &SECRET_FILE,
            ];
            let is_wanted = settings.into_iter().any(|setting| reader.is_given(setting))
                || reader.is_given(&CALLBACKS_TARGET_FORMAT);
            if is_wanted { configured(reader).map(Some) } else { Ok(None) }
        }
    }
}

fn configured(reader: &mut Reader) -> Result<CallbackSettings, Noted> {
    let public_url = reader.optional(&CALLBACKS_PUBLIC_URL, parse::web_origin);
    let target = reader.needed(&CALLBACKS_TARGET_URL, target_url, NEEDS);
    let format = format(reader);
    let proof = proof::read(reader, &CALLBACKS_TOKEN_FILE, &ENCRYPT_KEY_FILE, NEEDS);
    let secrets = reader
        .needed(&SECRET_FILE, parse::path, NEEDS)
        .and_then(|path| signing::secrets(reader, &SECRET_FILE, &path));
    Ok(CallbackSettings {
        proof: proof?,
        public_url: public_url?,
        target: target?,
        format: format?,
        secrets: secrets?,
    })
}

/// Everything makes itself; only the receiver may be the operator's own.
fn sandbox(reader: &mut Reader) -> Result<CallbackSettings, Noted> {
    let target = reader.optional(&CALLBACKS_TARGET_URL, target_url);
    let format = format(reader);
    let secrets = match reader.optional(&SECRET_FILE, parse::path) {
        Ok(None) => Ok(SigningSecret::parse(SANDBOX_SIGNING_SECRET).into_iter().collect()),
        Ok(Some(path)) => signing::secrets(reader, &SECRET_FILE, &path),
        Err(noted) => Err(noted),
    };
    let default_target = || Url::parse(SANDBOX_TARGET);
    let target = match target? {
        Some(target) => target,
        None => default_target().map_err(|_| reader.missing(&[&CALLBACKS_TARGET_URL], ""))?,
    };
    Ok(CallbackSettings {
        proof: Proof { tokens: vec![SANDBOX_TOKEN.into()], encrypt_keys: vec![SANDBOX_KEY.into()] },
        // Known when the listener is open.
        public_url: None,
        target,
        format: format?,
        secrets: secrets?,
    })
}

/// Where Feishu's calls come in; it makes sense only together with an app that Feishu calls. `first` is the first app.
pub(super) fn listen(
    reader: &mut Reader,
    purpose: Purpose,
    api: Result<SocketAddr, Noted>,
    first: Option<&AppName>,
    is_called: Result<bool, Noted>,
) -> Result<Option<SocketAddr>, Noted> {
    let listen = reader.optional(&CALLBACKS_LISTEN, parse::socket_address)?;
    match (listen, is_called?) {
        (Some(listen), _) if listen.port() != 0 && api.is_ok_and(|api| api == listen) => {
            let expected = format!("another address than {}: it faces the internet", LISTEN.name);
            let origin = reader.origin(&CALLBACKS_LISTEN);
            Err(reader.note(ConfigError::Invalid { origin, expected, found: None, suggestion: None }))
        }
        (None, true) if purpose == Purpose::Serve => {
            Err(reader.missing(&[&CALLBACKS_LISTEN], NEEDS_LISTENER))
        }
        // Beside a sandbox any port will do.
        (None, true) => Ok(Some(SocketAddr::from(([127, 0, 0, 1], 0)))),
        (Some(_), false) if purpose == Purpose::Serve => {
            if let Some(first) = first {
                reader.turn_to(first);
            }
            let noted = reader.missing(&[&CALLBACKS_TOKEN_FILE], NEEDS);
            reader.turn_to(&AppName::default());
            Err(noted)
        }
        (listen, _) => Ok(listen),
    }
}

fn format(reader: &mut Reader) -> Result<TargetFormat, Noted> {
    let words = [("gateway", TargetFormat::Gateway), ("feishu", TargetFormat::Feishu)];
    reader.value(&CALLBACKS_TARGET_FORMAT, |raw| parse::one_of(&words, raw))
}

fn target_url(raw: &super::value::Raw) -> parse::Parsed<Url> {
    signing::receiver(raw, "https://oa.example.com/feishu/actions")
}
