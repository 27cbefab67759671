//! Binds the second of two calls to what the first has shown: same tool, instance, document, revision and caller.
//!
//! Nothing is kept between the calls, so that any replica may take the second one. What the digest is made with is the
//! caller's own key, which its agent does not see. Where no key is needed anybody can make one: there it only keeps an agent from
//! sending by mistake what it has not been shown.

use std::fmt;
use std::time::Duration;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::support::keyed_mac::{SEAL_BYTES, keyed_mac, seal};

/// How long a digest holds; our choice: time for a person to look at what would be sent.
pub(super) const VALID: Duration = Duration::from_secs(600);

/// What is going to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intent<'a> {
    pub(super) tool: &'a str,
    pub(super) instance_id: &'a str,
    pub(super) mode: &'a str,
    pub(super) body: &'a [u8],
}

/// What the gateway keeps of the instance before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    /// A document with this revision.
    Revision(u64),
    /// No document.
    Nothing,
    /// Nothing of any instance: it has no ledger.
    NoLedger,
}

/// Why a digest is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is not that of this intent by this caller.
    Wrong,
    /// It was, and its time is over.
    Expired,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revision(revision) => write!(f, "{revision}"),
            Self::Nothing => f.write_str("new"),
            Self::NoLedger => f.write_str("none"),
        }
    }
}

impl Basis {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "new" => Some(Self::Nothing),
            "none" => Some(Self::NoLedger),
            digits => digits.parse().ok().map(Self::Revision),
        }
    }
}

impl Intent<'_> {
    /// The digest that lets this caller send it until some time after `now`, in milliseconds since 1970.
    pub(super) fn digest(&self, secret: &[u8], basis: Basis, now: i64) -> String {
        let until = now.saturating_add(i64::try_from(VALID.as_millis()).unwrap_or(i64::MAX)) / 1_000;
        let claim = format!("{basis}.{until}");
        let seal = seal(self.sealed(secret, &claim));
        format!("{claim}.{}", hex::encode(seal))
    }

    /// What the first call was answered from.
    ///
    /// # Errors
    /// When the digest is not that of this intent, or too old.
    pub(super) fn check(&self, secret: &[u8], digest: &str, now: i64) -> Result<Basis, Refused> {
        let (claim, seal) = digest.trim().rsplit_once('.').ok_or(Refused::Wrong)?;
        let mut bytes = [0; SEAL_BYTES];
        hex::decode_to_slice(seal, &mut bytes).map_err(|_| Refused::Wrong)?;
        self.sealed(secret, claim).verify_truncated_left(&bytes).map_err(|_| Refused::Wrong)?;
        let (basis, until) = claim.split_once('.').ok_or(Refused::Wrong)?;
        let until: i64 = until.parse().map_err(|_| Refused::Wrong)?;
        if now / 1_000 > until {
            return Err(Refused::Expired);
        }
        Basis::parse(basis).ok_or(Refused::Wrong)
    }

    fn sealed(&self, secret: &[u8], claim: &str) -> Hmac<Sha256> {
        let Self { tool, instance_id, mode, body } = self;
        let mut mac = keyed_mac(secret);
        let parts: [&[u8]; 6] = [
            b"approval-gateway mcp 1",
            tool.as_bytes(),
            instance_id.as_bytes(),
            mode.as_bytes(),
            body,
            claim.as_bytes(),
        ];
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const INTENT: Intent<'_> = Intent { tool: "put_instance", instance_id: "a", mode: "", body: b"{}" };
    const NOW: i64 = 1_767_323_045_678;

    fn digest() -> String {
        INTENT.digest(b"key", Basis::Revision(3), NOW)
    }

    #[test_case(Basis::Revision(3); "a revision")]
    #[test_case(Basis::Nothing; "nothing kept")]
    #[test_case(Basis::NoLedger; "no ledger")]
    fn the_second_call_finds_what_the_first_has_seen(basis: Basis) {
        let digest = INTENT.digest(b"key", basis, NOW);
        assert_eq!(INTENT.check(b"key", &digest, NOW + 599_000), Ok(basis));
    }

    #[test_case(Intent { tool: "patch_instance", ..INTENT }; "another tool")]
    #[test_case(Intent { instance_id: "b", ..INTENT }; "another instance")]
    #[test_case(Intent { mode: "update", ..INTENT }; "another mode")]
    #[test_case(Intent { body: b"{ }", ..INTENT }; "another document")]
    #[test_case(Intent { instance_id: "", mode: "a", ..INTENT }; "a border between parts moved")]
    fn a_digest_holds_for_what_was_shown_only(other: Intent<'_>) {
        assert_eq!(other.check(b"key", &digest(), NOW), Err(Refused::Wrong));
    }

    #[test_case(|digest| digest.replacen('3', "4", 1); "another revision")]
    #[test_case(|digest| digest.replace(".1767323645.", ".1999999999."); "another time")]
    #[test_case(|digest| digest[..digest.len() - 2].to_owned(); "cut short")]
    #[test_case(|_| String::new(); "empty")]
    #[test_case(|_| "..".to_owned(); "dots")]
    #[test_case(|_| "3.1767323645.zz".repeat(1_000); "long rubbish")]
    fn whatever_was_changed_is_seen(change: fn(&str) -> String) {
        let changed = change(&digest());
        assert_ne!(changed, digest());
        assert_eq!(INTENT.check(b"key", &changed, NOW), Err(Refused::Wrong));
    }

    #[test]
    fn a_digest_is_of_one_caller_and_for_ten_minutes() {
        assert_eq!(INTENT.check(b"other key", &digest(), NOW), Err(Refused::Wrong));
        assert_eq!(INTENT.check(b"key", &digest(), NOW + 601_000), Err(Refused::Expired));
    }
}
