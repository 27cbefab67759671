//! Store apps: one app of Feishu's store serves several tenants, and gets its tokens with a ticket that Feishu pushes.

use super::error::ConfigError;
use super::parse;
use super::proof;
use super::reader::{Noted, Reader};
use super::schema::{EVENTS_ENCRYPT_KEY_FILE, EVENTS_TOKEN_FILE, KIND, TENANT_KEY};
use super::sources::Purpose;
use crate::callbacks::{Proof, events_path};
use crate::domain::AppName;

/// The tenant of a store app of the sandbox.
const SANDBOX_TENANT: &str = "sandbox_tenant";

/// What proves events of the sandbox; not worth a secret.
const SANDBOX_TOKEN: &str = "sandbox-event-token";

/// What the sandbox encrypts events with.
const SANDBOX_KEY: &str = "sandbox-event-key";

/// Goes behind the error for a store app without a tenant.
const NEEDS_TENANT: &str = "; a store app is told which tenant it serves";

/// Goes behind the error for a store app whose ticket could not come in.
pub(super) const NEEDS_EVENTS: &str =
    "; Feishu pushes the ticket of a store app as an event, and this proves that it is Feishu's";

/// An app of Feishu's store, for one of its tenants.
#[derive(Debug, Clone)]
pub struct StoreApp {
    /// Feishu's key of the tenant.
    pub tenant_key: String,
    /// What proves events; those of an app come in at one address, so its other entries need none.
    pub events: Option<Proof>,
}

impl StoreApp {
    /// Where Feishu pushes the events of an app to a listener that it reaches under this origin.
    pub fn events_address(origin: &str, app: &AppName) -> String {
        format!("{origin}{}", events_path(app))
    }
}

/// What is said about the app that is read as a store app; none for one that a company has made for itself.
pub(super) fn read(reader: &mut Reader, purpose: Purpose) -> Result<Option<StoreApp>, Noted> {
    let is_store = reader.value(&KIND, |raw| parse::one_of(&[("custom", false), ("store", true)], raw));
    match purpose {
        Purpose::Offline | Purpose::Ledger => is_store.map(|_| None),
        Purpose::ServeSandbox if is_store? => {
            let tenant_key = reader.value_or(&TENANT_KEY, parse::one_word, || SANDBOX_TENANT.to_owned())?;
            let events = Proof { tokens: vec![SANDBOX_TOKEN.into()], encrypt_keys: vec![SANDBOX_KEY.into()] };
            Ok(Some(StoreApp { tenant_key, events: Some(events) }))
        }
        Purpose::ServeSandbox => Ok(None),
        Purpose::Serve if is_store? => {
            let tenant_key = reader.needed(&TENANT_KEY, parse::one_word, NEEDS_TENANT);
            let events = events(reader);
            Ok(Some(StoreApp { tenant_key: tenant_key?, events: events? }))
        }
        Purpose::Serve => {
            let for_store_apps = [&TENANT_KEY, &EVENTS_TOKEN_FILE, &EVENTS_ENCRYPT_KEY_FILE];
            let mut refused = Ok(None);
            for setting in for_store_apps {
                if !reader.is_given(setting) {
                    continue;
                }
                let (origin, expected) =
                    (reader.origin(setting), "left out, unless kind is \"store\"".to_owned());
                let error = ConfigError::Invalid { origin, expected, found: None, suggestion: None };
                refused = Err(reader.note(error));
            }
            refused
        }
    }
}

fn events(reader: &mut Reader) -> Result<Option<Proof>, Noted> {
    if ![&EVENTS_TOKEN_FILE, &EVENTS_ENCRYPT_KEY_FILE].into_iter().any(|setting| reader.is_given(setting)) {
        return Ok(None);
    }
    proof::read(reader, &EVENTS_TOKEN_FILE, &EVENTS_ENCRYPT_KEY_FILE, NEEDS_EVENTS).map(Some)
}
