//! `POST instances/search_cc` (contract §7.3).

use serde::{Deserialize, Serialize};

use super::filter::{Asker, Common, Window};
use super::paging::PageQuery;
use super::results::{Shared, Texts};
use crate::sandbox::documents::{Cc, Links};
use crate::sandbox::instances::collisions;
use crate::sandbox::int64::Int64;
use crate::sandbox::paging::Next;
use crate::sandbox::refusal::Refusal;

/// The body.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct CcSearch {
    #[serde(flatten)]
    common: Common,
    cc_title: Option<String>,
    read_status: Option<String>,
    cc_create_time_from: Option<Int64>,
    cc_create_time_to: Option<Int64>,
}

/// `data` of the answer; no id of the copy itself is in it.
#[derive(Debug, Serialize)]
pub(crate) struct CcPage {
    count: usize,
    cc_list: Vec<FoundCc>,
    #[serde(flatten)]
    next: Next,
}

#[derive(Debug, Serialize)]
struct FoundCc {
    #[serde(flatten)]
    shared: Shared,
    cc: CcResult,
}

#[derive(Debug, Serialize)]
struct CcResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    create_time: Int64,
    read_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<String>,
    link: Links,
}

/// Finds copies, newest first (the order is our choice); withdrawn instances stay, as the page does not drop them.
pub(crate) fn search_cc(asker: Asker<'_>, search: &CcSearch, query: &PageQuery) -> Result<CcPage, Refusal> {
    let window = Window::new(search.cc_create_time_from, search.cc_create_time_to)?;
    let candidates = search.common.candidates(asker)?;
    let id_type = query.id_type;
    let mut found: Vec<(usize, &Cc)> = Vec::new();
    for (place, candidate) in
        candidates.iter().enumerate().filter(|(_, known)| known.instance.status != "HIDDEN")
    {
        let hidden = collisions(candidate.instance);
        let wanted = |cc: &&Cc| {
            !hidden.contains(cc.cc_id.as_str())
                && search.has_read_status(&cc.read_status)
                && window.contains(cc.create_time)
                && search
                    .common
                    .user_id
                    .as_ref()
                    .is_none_or(|user_id| id_type.pick(&cc.user_id, &cc.open_id) == Some(user_id))
                && search
                    .cc_title
                    .as_ref()
                    .is_none_or(|title| cc.title.as_ref().is_some_and(|known| known.contains(title.as_str())))
        };
        found.extend(candidate.instance.ccs().iter().filter(wanted).map(|cc| (place, cc)));
    }
    found.sort_by_key(|(_, cc)| std::cmp::Reverse(cc.create_time));
    let count = found.len();
    let page = query.cut(search, found, &asker.state.switches)?;
    let result = |(place, cc): (usize, &Cc)| {
        let candidate = &candidates[place];
        let texts = Texts::of(candidate, search.common.locale.as_deref());
        FoundCc {
            shared: Shared::of(candidate, &texts, id_type),
            cc: CcResult {
                user_id: id_type.pick(&cc.user_id, &cc.open_id).cloned(),
                create_time: cc.create_time,
                read_status: cc.read_status.to_lowercase(),
                title: cc.title.clone(),
                extra: cc.extra.clone(),
                link: cc.links.clone(),
            },
        }
    };
    Ok(CcPage { count, cc_list: page.items.into_iter().map(result).collect(), next: page.next })
}

impl CcSearch {
    fn has_read_status(&self, status: &str) -> bool {
        self.read_status.as_deref().is_none_or(|word| word == "ALL" || word == status)
    }
}
