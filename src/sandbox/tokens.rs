//! Tenant access tokens: who gets one, how long it lives, and when a new one is issued (contract §2).

use std::collections::HashMap;

use uuid::Uuid;

use super::refusal::Refusal;
use super::switches::Switches;

/// With at least this much life left a token is handed out again (contract §2.2: 30 minutes).
const REISSUE_BELOW_MILLIS: i64 = 30 * 60 * 1_000;

/// Expired tokens are forgotten when this many are known.
const MAX_TOKENS: usize = 10_000;

/// The tokens issued so far.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    by_value: HashMap<String, Issued>,
    newest: HashMap<String, String>,
}

#[derive(Debug)]
struct Issued {
    app_id: String,
    expires_at: i64,
    revoked: bool,
}

/// A token as the endpoint hands it out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// The token.
    pub(super) token: String,
    /// What is left of its life, in whole seconds.
    pub(super) expire: i64,
}

impl Tokens {
    /// Hands out the newest token while 30 minutes are left, else a new one; the old one stays valid (contract §2.2).
    /// Its kind is told by how it begins.
    pub(super) fn grant(&mut self, prefix: &str, app_id: &str, now: i64, switches: &Switches) -> Grant {
        if let Some(token) = self.newest.get(app_id)
            && let Some(issued) = self.by_value.get(token)
        {
            let left = issued.expires_at - now;
            let usable = !issued.revoked || switches.sticky_dead_token;
            if usable && left >= REISSUE_BELOW_MILLIS {
                return Grant { token: token.clone(), expire: left / 1_000 };
            }
        }
        if self.by_value.len() >= MAX_TOKENS {
            self.by_value.retain(|_, issued| issued.expires_at > now);
            if self.by_value.len() >= MAX_TOKENS {
                self.by_value.clear();
                self.newest.clear();
            }
        }
        let token = format!("{prefix}g2{}", Uuid::new_v4().simple());
        let life = i64::from(switches.token_life_seconds);
        let issued = Issued { app_id: app_id.to_owned(), expires_at: now + life * 1_000, revoked: false };
        self.by_value.insert(token.clone(), issued);
        self.newest.insert(app_id.to_owned(), token.clone());
        Grant { token, expire: life }
    }

    /// The app of a living token.
    pub(super) fn app_of(&self, token: &str, now: i64) -> Option<&str> {
        let issued = self.by_value.get(token)?;
        (!issued.revoked && now < issued.expires_at).then_some(issued.app_id.as_str())
    }

    /// Kills every token at once; answers how many were alive.
    pub(super) fn revoke_all(&mut self, now: i64) -> usize {
        let mut killed = 0;
        for issued in self.by_value.values_mut().filter(|issued| !issued.revoked) {
            issued.revoked = true;
            killed += usize::from(now < issued.expires_at);
        }
        killed
    }
}

/// Checks a pair against the one that exists; without one, any pair that is not blank is an app.
///
/// All refusals come with HTTP 200, and a wrong secret is 10014, not the documented 10015 (contract §2.5).
pub(super) fn authenticate(
    app_id: &str,
    app_secret: &str,
    known: Option<&(String, String)>,
) -> Result<(), Refusal> {
    if app_id.trim().is_empty() || app_secret.trim().is_empty() {
        return Err(Refusal::token(10003, "invalid param"));
    }
    let Some((known_id, known_secret)) = known else { return Ok(()) };
    if app_id != known_id {
        // Contract §2.5: 10003 for an id that is malformed; that ids begin with `cli_` is seen in every example.
        let malformed = !app_id.starts_with("cli_");
        return Err(if malformed {
            Refusal::token(10003, "invalid param")
        } else {
            Refusal::token(10014, "app id not exists")
        });
    }
    if app_secret != known_secret {
        return Err(Refusal::token(10014, "app secret invalid"));
    }
    Ok(())
}
