//! `POST instances/query` (contract §7.1).

use serde::{Deserialize, Serialize};

use super::filter::{Asker, Candidate, Common, Window};
use super::paging::PageQuery;
use super::results::{Shared, Texts};
use crate::sandbox::instances::collisions;
use crate::sandbox::int64::Int64;
use crate::sandbox::paging::Next;
use crate::sandbox::refusal::Refusal;

/// The body.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct InstanceSearch {
    #[serde(flatten)]
    common: Common,
    instance_title: Option<String>,
    instance_status: Option<String>,
    instance_start_time_from: Option<Int64>,
    instance_start_time_to: Option<Int64>,
}

/// `data` of the answer.
#[derive(Debug, Serialize)]
pub(crate) struct InstancePage {
    count: usize,
    instance_list: Vec<Shared>,
    #[serde(flatten)]
    next: Next,
}

/// Finds instances, newest start first (the order is our choice).
pub(crate) fn query_instances(
    asker: Asker<'_>,
    search: &InstanceSearch,
    query: &PageQuery,
) -> Result<InstancePage, Refusal> {
    let window = Window::new(search.instance_start_time_from, search.instance_start_time_to)?;
    let locale = search.common.locale.as_deref();
    let mut found = search.common.candidates(asker)?;
    found.retain(|candidate| {
        let instance = candidate.instance;
        search.has_status(&instance.status)
            && window.contains(instance.start_time)
            && !collisions(instance).contains(instance.instance_id.as_str())
            && search.common.user_id.as_ref().is_none_or(|user_id| {
                query.id_type.pick(&instance.user_id, &instance.open_id) == Some(user_id)
            })
            && search
                .instance_title
                .as_ref()
                .is_none_or(|title| Texts::of(candidate, locale).title(candidate).contains(title))
    });
    found
        .sort_by_key(|candidate| std::cmp::Reverse((candidate.instance.start_time, candidate.stored.number)));
    let count = found.len();
    let mut page = query.cut(search, found, &asker.state.switches)?;
    page.items.retain(|candidate| search.shows(candidate));
    let shared = |candidate| Shared::of(&candidate, &Texts::of(&candidate, locale), query.id_type);
    Ok(InstancePage { count, instance_list: page.items.into_iter().map(shared).collect(), next: page.next })
}

impl InstanceSearch {
    /// The filter's words are other ones than the push's (contract §12.2); HIDDEN is in no answer (our choice).
    fn has_status(&self, status: &str) -> bool {
        match self.instance_status.as_deref() {
            None | Some("ALL") => status != "HIDDEN",
            Some("RECALL") => status == "CANCELED",
            Some("REJECT") => status == "REJECTED",
            Some(word) => status == word,
        }
    }

    /// Withdrawn instances are filtered out; that asking for them shows them is our reading.
    fn shows(&self, candidate: &Candidate<'_>) -> bool {
        !candidate.is_withdrawn()
            || self.common.with_revoked_instance
            || self.instance_status.as_deref() == Some("RECALL")
    }
}
