//! Names the documents of an import that Feishu refused, or that are in conflict with somebody else's newer version.

use std::collections::HashSet;
use std::error::Error;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::answers::{ImportStanding, LostDelivery};
use super::rejects::Rejects;
use super::requests::get;
use crate::commands::gateway::Gateway;

/// The instances that were accepted: a hash of each id, because there may be millions.
#[derive(Debug, Default)]
pub(super) struct AcceptedIds(HashSet<u64>);

impl AcceptedIds {
    /// Adds an instance.
    pub(super) fn add(&mut self, instance_id: Option<&str>) {
        self.0.extend(instance_id.map(hash));
    }

    /// Whether it was accepted, and is not taken out yet.
    fn take(&mut self, instance_id: &str) -> bool {
        self.0.remove(&hash(instance_id))
    }
}

fn hash(instance_id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    instance_id.hash(&mut hasher);
    hasher.finish()
}

/// Puts what was refused or is in conflict among the rejects, and says how much is in conflict.
///
/// A document that was delivered has left its import. When Feishu's check finds later that somebody else has pushed a newer
/// version, only its id tells that it came from here.
pub(super) async fn name_lost(
    gateway: &Gateway,
    standing: &ImportStanding,
    ids: &mut AcceptedIds,
    rejects: &mut Rejects,
) -> Result<u64, Box<dyn Error>> {
    let mut conflicts = 0;
    let ImportStanding { import_id, created_at, .. } = standing;
    let own = [("import_id", import_id.as_str()), ("state", "refused"), ("state", "conflict")];
    let since = [("accepted_from", created_at.as_str()), ("state", "conflict")];
    for (filter, is_own) in [(&own[..], true), (&since[..], false)] {
        let mut cursor = None;
        loop {
            let Page { items, next_cursor } = page(gateway, filter, cursor.as_deref()).await?;
            for delivery in items {
                if ids.take(&delivery.instance_id) || is_own {
                    conflicts += u64::from(delivery.state == "conflict");
                    let document = document(gateway, &delivery, rejects).await?;
                    rejects.not_taken(&delivery, document.as_deref())?;
                }
            }
            match next_cursor {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
    }
    Ok(conflicts)
}

#[derive(Deserialize)]
struct Page {
    items: Vec<LostDelivery>,
    next_cursor: Option<String>,
}

async fn page(
    gateway: &Gateway,
    filter: &[(&str, &str)],
    cursor: Option<&str>,
) -> Result<Page, Box<dyn Error>> {
    let mut url = gateway.url("/v1/deliveries")?;
    let cursor = cursor.map(|cursor| ("cursor", cursor));
    url.query_pairs_mut().extend_pairs(filter).append_pair("limit", "200").extend_pairs(cursor);
    get(gateway, url).await
}

/// Its document, if it is wanted.
async fn document(
    gateway: &Gateway,
    delivery: &LostDelivery,
    rejects: &Rejects,
) -> Result<Option<Box<RawValue>>, Box<dyn Error>> {
    if !rejects.wants_documents() {
        return Ok(None);
    }
    let mut url = gateway.url("/v1/instances/")?;
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend([delivery.instance_id.as_str(), "document"]);
    }
    // It may have been forgotten meanwhile.
    Ok(get(gateway, url).await.ok())
}
