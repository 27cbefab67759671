//! The code under test, from the caller's bytes to the payload's.

use approval_gateway::document::{CardRules, Rejection, Rules, read_definition, read_instance};
use approval_gateway::domain::{Mode, Region, Timestamp};
use approval_gateway::feishu::translate::{definition_payload, instance_payload};

use crate::meaning::document::Request;

/// The version of an instance that names none.
pub(crate) const NOW: i64 = 1_773_450_000_000;

/// The payload of a push.
pub(crate) fn push(region: Region, request: &Request, body: &[u8]) -> Result<String, Rejection> {
    let rules = rules(region, request.default_locale);
    let mode = if request.mode == "update" { Mode::Update } else { Mode::Replace };
    let instance = read_instance(body, Some(&request.instance_id), mode, rules)?;
    let version = instance.updated_at.unwrap_or(Timestamp::from_unix_millis(NOW).unwrap());
    Ok(String::from_utf8(instance_payload(&instance, mode, version).unwrap().into()).unwrap())
}

/// The payload of an upsert.
pub(crate) fn upsert(region: Region, default_locale: &str, body: &[u8]) -> Result<String, Rejection> {
    let definition = read_definition(body, rules(region, default_locale))?;
    Ok(String::from_utf8(definition_payload(&definition).unwrap().into()).unwrap())
}

fn rules(region: Region, default_locale: &str) -> Rules {
    Rules {
        region,
        default_locale: default_locale.parse().unwrap(),
        update_needs_version: true,
        cards: CardRules::default(),
    }
}
