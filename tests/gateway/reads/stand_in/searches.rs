//! `instances/query`, `tasks/search` and `instances/search_cc` (contract §7.1–§7.3).

use serde_json::{Value, json};

use super::filters::{Filters, Kind};
use super::found::Hit;
use super::{Answer, Asked, Count, Refusal, Shared};

pub(crate) fn answer(shared: &Shared, asked: &Asked, kind: Kind) -> Answer {
    asked.only(&["page_size", "page_token", "user_id_type"])?;
    let size = asked.page_size(Count(10, 5..=200))?;
    let user_id_type = asked.user_id_type()?;
    let filters = Filters::read(asked, kind)?;
    let hits = find(shared, kind, &filters)?;

    let question = format!("{} {size} {user_id_type} {}", asked.path, asked.body());
    let cut = shared.memory().cut(&question, asked.param("page_token"), size, hits.len())?;
    // Withdrawn instances are dropped after paging (stated for §7.1 and §7.2). Whether that holds for those who ask for
    // nothing else is unknown; there would be no point in the filter then.
    let wants_withdrawn = filters.statuses().is_some_and(|words| words == ["RECALL"]);
    let kept = hits[cut.from..cut.to]
        .iter()
        .filter(|hit| kind == Kind::Copies || wants_withdrawn || hit.instance.status != "CANCELED");
    let nodes: Vec<Value> = kept.map(|hit| hit.node(kind, user_id_type)).collect();

    let list = match kind {
        Kind::Instances => "instance_list",
        Kind::Tasks => "task_list",
        Kind::Copies => "cc_list",
    };
    // A list of nothing is sometimes `null`.
    let nodes = if nodes.is_empty() && hits.len() % 2 == 0 { Value::Null } else { nodes.into() };
    let mut data = json!({"count": hits.len(), list: nodes, "has_more": cut.has_more});
    if let Some(token) = cut.token {
        data["page_token"] = token.into();
    }
    Ok(data)
}

fn find<'w>(shared: &'w Shared, kind: Kind, filters: &Filters) -> Result<Vec<Hit<'w>>, Refusal> {
    let window = filters.window()?;
    let mut hits: Vec<Hit<'w>> =
        shared.world.instances.iter().flat_map(|found| Hit::all(found, kind)).collect();
    hits.retain(|hit| {
        let Hit { instance, .. } = hit;
        let either = |first: &str, first_is: &str, second: &str, second_is: &str| match (
            filters.text(first),
            filters.text(second),
        ) {
            (None, None) => true,
            (one, other) => one == Some(first_is) || other == Some(second_is),
        };
        either("approval_code", &instance.approval_code, "group_external_id", &instance.group)
            && either("instance_code", &instance.code(), "instance_external_id", &instance.id)
            && filters.text("user_id").is_none_or(|user| user == hit.user())
            && filters.title().is_none_or(|title| hit.title().contains(title))
            && filters.statuses().is_none_or(|words| words.contains(&hit.filter_word()))
            && window.is_none_or(|(from, to)| (from..=to).contains(&hit.began()))
    });
    match filters.order() {
        0 => hits.sort_by_key(|hit| std::cmp::Reverse(hit.changed())),
        1 => hits.sort_by_key(Hit::changed),
        3 => hits.sort_by_key(Hit::began),
        _ => hits.sort_by_key(|hit| std::cmp::Reverse(hit.began())),
    }
    Ok(hits)
}
