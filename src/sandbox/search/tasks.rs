//! `POST tasks/search` (contract §7.2).

use serde::{Deserialize, Serialize};

use super::filter::{Asker, Candidate, Common, Window};
use super::ids::numeric_id;
use super::paging::PageQuery;
use super::results::{Shared, Texts};
use crate::sandbox::documents::{Links, Task};
use crate::sandbox::instances::collisions;
use crate::sandbox::int64::Int64;
use crate::sandbox::paging::Next;
use crate::sandbox::query::UserIdType;
use crate::sandbox::refusal::Refusal;

/// The body.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct TaskSearch {
    #[serde(flatten)]
    common: Common,
    task_title: Option<String>,
    task_status: Option<String>,
    task_status_list: Option<Vec<String>>,
    task_start_time_from: Option<Int64>,
    task_start_time_to: Option<Int64>,
    order: Option<Int64>,
}

/// `data` of the answer.
#[derive(Debug, Serialize)]
pub(crate) struct TaskSearchPage {
    count: usize,
    task_list: Vec<FoundTask>,
    #[serde(flatten)]
    next: Next,
}

#[derive(Debug, Serialize)]
struct FoundTask {
    #[serde(flatten)]
    shared: Shared,
    task: TaskResult,
}

#[derive(Debug, Serialize)]
struct TaskResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    start_time: Int64,
    end_time: Int64,
    status: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<String>,
    link: Links,
    task_id: String,
    update_time: Int64,
    task_external_id: String,
}

type Pair<'a> = (usize, &'a Task);

/// Finds tasks.
pub(crate) fn search_tasks(
    asker: Asker<'_>,
    search: &TaskSearch,
    query: &PageQuery,
) -> Result<TaskSearchPage, Refusal> {
    let window = Window::new(search.task_start_time_from, search.task_start_time_to)?;
    let order = search.order.unwrap_or(Int64(2));
    if !(0..=3).contains(&order.0) {
        return Err(Refusal::param("param is invalid"));
    }
    let candidates = search.common.candidates(asker)?;
    let mut found: Vec<Pair<'_>> = Vec::new();
    for (place, candidate) in candidates.iter().enumerate() {
        let tasks = search.matching(candidate, window, query.id_type);
        found.extend(tasks.into_iter().map(|task| (place, task)));
    }
    let version = |(place, task): &Pair<'_>| candidates[*place].instance.version_of(task);
    match order {
        // Contract §7.2: 0 update descending, 1 update ascending, 2 start descending, 3 start ascending.
        Int64(0) => found.sort_by_key(|pair| std::cmp::Reverse(version(pair))),
        Int64(1) => found.sort_by_key(version),
        Int64(3) => found.sort_by_key(|(_, task)| task.create_time),
        _ => found.sort_by_key(|(_, task)| std::cmp::Reverse(task.create_time)),
    }
    let count = found.len();
    let mut page = query.cut(search, found, &asker.state.switches)?;
    page.items.retain(|(place, _)| !candidates[*place].is_withdrawn() || search.common.with_revoked_instance);
    let task_list =
        page.items.into_iter().map(|(place, task)| search.result(&candidates[place], task, query.id_type));
    Ok(TaskSearchPage { count, task_list: task_list.collect(), next: page.next })
}

impl TaskSearch {
    fn matching<'a>(&self, candidate: &Candidate<'a>, window: Window, id_type: UserIdType) -> Vec<&'a Task> {
        let instance = candidate.instance;
        let hidden = collisions(instance);
        let texts = self
            .task_title
            .as_ref()
            .map(|title| (title, Texts::of(candidate, self.common.locale.as_deref())));
        let wanted = |task: &&Task| {
            !hidden.contains(task.task_id.as_str())
                && self.has_status(&status_word(candidate, task))
                && window.contains(task.create_time)
                && self
                    .common
                    .user_id
                    .as_ref()
                    .is_none_or(|user_id| id_type.pick(&task.user_id, &task.open_id) == Some(user_id))
                && texts
                    .as_ref()
                    .is_none_or(|(title, texts)| texts.text(&task.title).contains(title.as_str()))
        };
        instance.tasks().iter().filter(wanted).collect()
    }

    /// A list overrides the single word (contract §7.2).
    fn has_status(&self, status: &str) -> bool {
        let is = |word: &String| word == "ALL" || word.eq_ignore_ascii_case(status);
        match &self.task_status_list {
            Some(words) if !words.is_empty() => words.iter().any(is),
            _ => self.task_status.as_ref().is_none_or(is),
        }
    }

    fn result(&self, candidate: &Candidate<'_>, task: &Task, id_type: UserIdType) -> FoundTask {
        let texts = Texts::of(candidate, self.common.locale.as_deref());
        FoundTask {
            shared: Shared::of(candidate, &texts, id_type),
            task: TaskResult {
                user_id: id_type.pick(&task.user_id, &task.open_id).cloned(),
                start_time: task.create_time,
                end_time: task.end_time,
                status: status_word(candidate, task),
                title: texts.text(&task.title),
                extra: task.extra.clone(),
                link: task.links.clone(),
                task_id: numeric_id(&[
                    &candidate.stored.app_id,
                    &candidate.instance.instance_id,
                    &task.task_id,
                ]),
                update_time: candidate.instance.version_of(task),
                task_external_id: task.task_id.clone(),
            },
        }
    }
}

/// Lower case in results; `hidden` is a documented word, and that a hidden instance causes it is our reading.
fn status_word(candidate: &Candidate<'_>, task: &Task) -> String {
    if candidate.instance.status == "HIDDEN" { "hidden".to_owned() } else { task.status.to_lowercase() }
}
