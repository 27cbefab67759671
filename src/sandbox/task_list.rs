//! `GET external_tasks`, and the historic `external/list`: the statuses that Feishu has (contract §6).

use serde::{Deserialize, Serialize};

use super::documents::{Instance, Task};
use super::instances::Stored;
use super::int64::Int64;
use super::paging::{Next, Position};
use super::refusal::Refusal;
use super::state::State;
use super::switches::{Pages, Switches};

/// Contract §6.1: 50 unless asked otherwise.
pub(super) const DEFAULT_PAGE: usize = 50;

/// Contract §6.1: 500 at most.
pub(super) const MAX_PAGE: usize = 500;

/// The filter, as the body gives it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct TaskFilter {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    approval_codes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instance_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    user_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// Position of the historic list.
    #[serde(skip_serializing)]
    scroll_id: Option<String>,
}

/// `data` of `GET external_tasks`.
#[derive(Debug, Serialize)]
pub(super) struct TaskPage {
    data: Vec<InstanceTasks<Int64>>,
    #[serde(flatten)]
    next: Next,
}

/// `data` of the historic list: times are numbers, and the end is an empty `scroll_id`.
#[derive(Debug, Serialize)]
pub(super) struct LegacyTaskPage {
    data: Vec<InstanceTasks<i64>>,
    scroll_id: String,
}

#[derive(Debug, Serialize)]
struct InstanceTasks<T> {
    instance_id: String,
    approval_id: String,
    approval_code: String,
    status: String,
    update_time: T,
    tasks: Vec<TaskStatus<T>>,
}

#[derive(Debug, Serialize)]
struct TaskStatus<T> {
    id: String,
    status: String,
    update_time: T,
}

/// One page of `GET external_tasks`.
pub(super) fn page(
    state: &State,
    app_id: &str,
    filter: TaskFilter,
    size: usize,
    page_token: Option<&str>,
) -> Result<TaskPage, Refusal> {
    let position = start(filter, size, page_token, &state.switches)?;
    let (data, next) = read(state, app_id, position, Int64);
    Ok(TaskPage { data, next })
}

/// One page of the historic list; its page size is not documented.
pub(super) fn legacy_page(
    state: &State,
    app_id: &str,
    filter: TaskFilter,
) -> Result<LegacyTaskPage, Refusal> {
    let scroll_id = filter.scroll_id.clone().filter(|scroll_id| !scroll_id.is_empty());
    let size = state.switches.legacy_page_size;
    let position = start(filter, size, scroll_id.as_deref(), &state.switches)?;
    let (data, next) = read(state, app_id, position, |time| time);
    Ok(LegacyTaskPage { data, scroll_id: next.page_token.unwrap_or_default() })
}

/// What a list asks for; its tokens carry it, because only the token is needed to go on (contract §6.1).
#[derive(Debug, Serialize, Deserialize)]
struct Question {
    filter: TaskFilter,
    size: usize,
}

/// A token goes on with the filter it carries; without one the filter must be a legal combination (contract §6.1).
///
/// That other combinations are 1390001 is inferred; that a token is refused beside another filter than its own, and
/// under the switch `strict` with another page size, is our choice.
fn start(
    filter: TaskFilter,
    size: usize,
    token: Option<&str>,
    switches: &Switches,
) -> Result<Position<Question>, Refusal> {
    let filter = TaskFilter { scroll_id: None, ..filter };
    if let Some(token) = token {
        let mut position: Position<Question> = Position::read(token)?;
        let own = &mut position.question;
        let is_own = (own.size == size || !switches.strict)
            && (filter == TaskFilter::default() || filter == own.filter);
        own.size = size;
        return if is_own { Ok(position) } else { Err(Refusal::param("param is invalid")) };
    }
    let TaskFilter { approval_codes, instance_ids, user_ids, status, scroll_id: _ } = &filter;
    let by_instance =
        !instance_ids.is_empty() && approval_codes.is_empty() && user_ids.is_empty() && status.is_none();
    let by_code = instance_ids.is_empty() && !approval_codes.is_empty() && status.is_some();
    if by_instance || by_code {
        Ok(Position::first(Question { filter, size }))
    } else {
        Err(Refusal::param("param is invalid"))
    }
}

fn read<T>(
    state: &State,
    app_id: &str,
    position: Position<Question>,
    time: impl Fn(i64) -> T,
) -> (Vec<InstanceTasks<T>>, Next) {
    let Question { filter, size } = &position.question;
    let pages = state.switches.pages;
    let size = if pages == Pages::Empty { 0 } else { *size };
    let mut found = state
        .instances
        .after(position.after)
        .filter(|stored| stored.app_id == app_id)
        .filter_map(|stored| Some((stored, selected(filter, &stored.instance)?)));
    let page: Vec<(&Stored, Vec<&Task>)> = found.by_ref().take(size).collect();
    let more = found.next().is_some();
    let last = page.last().map(|(stored, _)| stored.number).filter(|_| more);
    let data = page
        .into_iter()
        .map(|(stored, tasks)| {
            let instance = &stored.instance;
            let definition = state.definitions.of_instance(&instance.approval_code);
            InstanceTasks {
                instance_id: instance.instance_id.clone(),
                approval_id: definition.map(|known| known.approval_id.clone()).unwrap_or_default(),
                approval_code: instance.approval_code.clone(),
                // TERMINATED is not among the documented words; what Feishu says instead is unknown.
                status: instance.status.clone(),
                update_time: time(instance.update_time.0),
                tasks: tasks
                    .into_iter()
                    .map(|task| TaskStatus {
                        id: task.task_id.clone(),
                        status: task.status.clone(),
                        update_time: time(instance.version_of(task).0),
                    })
                    .collect(),
            }
        })
        .collect();
    (data, position.next(last, pages))
}

/// The tasks of an instance that the filter asks for; nothing when the instance is not asked for.
fn selected<'a>(filter: &TaskFilter, instance: &'a Instance) -> Option<Vec<&'a Task>> {
    if !filter.instance_ids.is_empty() {
        return filter
            .instance_ids
            .contains(&instance.instance_id)
            .then(|| instance.tasks().iter().collect());
    }
    if !filter.approval_codes.contains(&instance.approval_code) {
        return None;
    }
    let tasks: Vec<&Task> = instance
        .tasks()
        .iter()
        .filter(|task| filter.status.as_ref() == Some(&task.status))
        .filter(|task| {
            filter.user_ids.is_empty() || task.user_id.as_ref().is_some_and(|id| filter.user_ids.contains(id))
        })
        .collect();
    (!tasks.is_empty()).then_some(tasks)
}
