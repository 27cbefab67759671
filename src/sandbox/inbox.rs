//! What one person would see in the approval centre: 待办, 已办, 已发起, 抄送我.

use serde::Serialize;

use super::documents::{Cc, Instance, Links, Task};
use super::i18n::Lexicon;
use super::instances::{Stored, collisions};
use super::int64::Int64;
use super::messages::{MessageView, messages_of};
use super::state::State;
use super::times::rfc3339;

/// A list summary shows the first three rows (contract §4.1).
const SHOWN_FORM_ROWS: usize = 3;

/// The four lists of one person and the messages to them, newest first.
#[derive(Debug, Default, Serialize)]
pub(super) struct Inbox {
    /// 待办: open tasks.
    todo: Vec<Item>,
    /// 已办: tasks on which this person acted.
    done: Vec<Item>,
    /// 已发起: instances of which this person is the initiator.
    initiated: Vec<Item>,
    /// 抄送我: copies.
    cc: Vec<Item>,
    /// 审批 Bot: messages.
    messages: Vec<MessageView>,
}

/// One line of a list, texts resolved.
#[derive(Debug, Serialize)]
struct Item {
    instance_id: String,
    approval_code: String,
    /// The definition's name.
    approval_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_name: Option<String>,
    /// The instance's title; the definition's name when it has none (contract §4.1).
    title: String,
    /// Status of the instance.
    instance_status: String,
    /// Status of the task; of the instance in 已发起; `READ` or `UNREAD` in 抄送我.
    status: String,
    form: Vec<Row>,
    initiator: Initiator,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    links: Links,
    #[serde(flatten)]
    times: Times,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<TaskLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cc: Option<CcLine>,
}

/// Times for people, as RFC 3339.
#[derive(Debug, Serialize)]
struct Times {
    created_at: String,
    /// Absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    updated_at: String,
    /// The order of the lists.
    #[serde(skip)]
    version: Int64,
}

impl Times {
    fn new(created: Int64, ended: Int64, version: Int64) -> Self {
        let ended_at = (ended != Int64(0)).then(|| rfc3339(ended.0));
        Self { created_at: rfc3339(created.0), ended_at, updated_at: rfc3339(version.0), version }
    }
}

#[derive(Debug, Serialize)]
struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

#[derive(Debug, Serialize)]
struct Initiator {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[derive(Debug, Serialize)]
struct TaskLine {
    task_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node_name: Option<String>,
    actions: Vec<ActionLine>,
    /// Whether Feishu shows the actions as buttons: the definition says where a tap goes (contract §8.1).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    quick_approval: bool,
}

#[derive(Debug, Serialize)]
struct ActionLine {
    action_type: String,
    label: String,
    is_need_reason: bool,
    is_reason_required: bool,
    is_need_attachment: bool,
}

#[derive(Debug, Serialize)]
struct CcLine {
    cc_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
}

/// A line that an instance has in somebody's lists.
pub(super) struct Place<'a> {
    pub(super) user_id: Option<&'a str>,
    pub(super) open_id: Option<&'a str>,
    pub(super) list: List<'a>,
}

/// The four lists, with what stands in each.
pub(super) enum List<'a> {
    /// 待办.
    Todo(&'a Task),
    /// 已办.
    Done(&'a Task),
    /// 已发起.
    Initiated,
    /// 抄送我.
    Cc(&'a Cc),
}

/// Where an instance stands in anybody's lists.
///
/// HIDDEN and DELETED instances are in no list; a DONE task is invisible to its approver (contract §4.1); what shares an
/// id with something else of its instance is invisible too.
pub(super) fn places(instance: &Instance) -> Vec<Place<'_>> {
    if matches!(instance.status.as_str(), "HIDDEN" | "DELETED") {
        return Vec::new();
    }
    let hidden = collisions(instance);
    let tasks = instance.tasks().iter().filter(|task| task.status != "DONE").map(|task| {
        let list = if task.status == "PENDING" { List::Todo(task) } else { List::Done(task) };
        (task.task_id.as_str(), &task.user_id, &task.open_id, list)
    });
    let ccs = instance.ccs().iter().map(|cc| (cc.cc_id.as_str(), &cc.user_id, &cc.open_id, List::Cc(cc)));
    let own = (instance.instance_id.as_str(), &instance.user_id, &instance.open_id, List::Initiated);
    let all = std::iter::once(own).chain(tasks).chain(ccs).filter(|(id, ..)| !hidden.contains(id));
    all.map(|(_, user_id, open_id, list)| Place {
        user_id: user_id.as_deref().filter(|id| !id.is_empty()),
        open_id: open_id.as_deref().filter(|id| !id.is_empty()),
        list,
    })
    .collect()
}

/// Collects the lists of the person with this `user_id` or `open_id`, at most `limit` lines each.
pub(super) fn inbox(state: &State, person: &str, locale: Option<&str>, limit: Option<usize>) -> Inbox {
    let mut inbox = Inbox::default();
    for stored in state.instances.all().filter(|stored| concerns(&stored.instance, person)) {
        let reader = Reader::new(state, stored, locale);
        let is_theirs = |place: &Place<'_>| [place.user_id, place.open_id].contains(&Some(person));
        for place in places(&stored.instance).into_iter().filter(is_theirs) {
            match place.list {
                List::Todo(task) => inbox.todo.push(reader.task(task)),
                List::Done(task) => inbox.done.push(reader.task(task)),
                List::Initiated => inbox.initiated.push(reader.item()),
                List::Cc(cc) => inbox.cc.push(reader.cc(cc)),
            }
        }
    }
    for list in [&mut inbox.todo, &mut inbox.done, &mut inbox.initiated, &mut inbox.cc] {
        list.sort_by_key(|item| std::cmp::Reverse(item.times.version));
        list.truncate(limit.unwrap_or(usize::MAX));
    }
    inbox.messages = messages_of(&state.messages, Some(person), locale, limit);
    inbox
}

/// Whether this person may have a line; cheaper than looking for it.
fn concerns(instance: &Instance, person: &str) -> bool {
    is(person, &instance.user_id, &instance.open_id)
        || instance.tasks().iter().any(|task| is(person, &task.user_id, &task.open_id))
        || instance.ccs().iter().any(|cc| is(person, &cc.user_id, &cc.open_id))
}

fn is(person: &str, user_id: &Option<String>, open_id: &Option<String>) -> bool {
    [user_id, open_id].into_iter().any(|id| id.as_deref() == Some(person))
}

/// Turns one instance into lines for readers of one locale.
struct Reader<'a> {
    instance: &'a Instance,
    locale: Option<&'a str>,
    texts: Lexicon<'a>,
    approval_name: String,
    source: Option<String>,
    group_name: Option<String>,
    quick_approval: bool,
}

impl<'a> Reader<'a> {
    fn new(state: &State, stored: &'a Stored, locale: Option<&'a str>) -> Self {
        let instance = &*stored.instance;
        let body = state.definitions.of_instance(&instance.approval_code).map(|definition| &definition.body);
        let names = body.map(|body| Lexicon::new(&body.i18n_resources));
        let read = |key: Option<&String>| names.as_ref().zip(key).map(|(names, key)| names.read(key, locale));
        Self {
            instance,
            locale,
            texts: Lexicon::new(&instance.i18n_resources),
            approval_name: read(body.map(|body| &body.approval_name)).unwrap_or_default(),
            source: read(body.and_then(|body| body.external.biz_name.as_ref())),
            group_name: read(body.and_then(|body| body.group_name.as_ref())),
            quick_approval: body.is_some_and(|body| body.external.callback_url().is_some()),
        }
    }

    fn text(&self, key: &Option<String>) -> Option<String> {
        key.as_deref().map(|key| self.texts.read(key, self.locale))
    }

    fn item(&self) -> Item {
        let instance = self.instance;
        let rows = instance.form.iter().flatten().take(SHOWN_FORM_ROWS);
        Item {
            instance_id: instance.instance_id.clone(),
            approval_code: instance.approval_code.clone(),
            approval_name: self.approval_name.clone(),
            source: self.source.clone(),
            group_name: self.group_name.clone(),
            title: self.text(&instance.title).unwrap_or_else(|| self.approval_name.clone()),
            instance_status: instance.status.clone(),
            status: instance.status.clone(),
            form: rows.map(|row| Row { name: self.text(&row.name), value: self.text(&row.value) }).collect(),
            initiator: Initiator {
                user_id: instance.user_id.clone(),
                open_id: instance.open_id.clone(),
                name: self.text(&instance.user_name),
            },
            department: self.department(),
            links: instance.links.clone(),
            times: Times::new(instance.start_time, instance.end_time, instance.update_time),
            task: None,
            cc: None,
        }
    }

    /// An absent `department_id` shows nothing, an empty one the company (contract §4.1).
    fn department(&self) -> Option<String> {
        let named = self.text(&self.instance.department_name);
        named.or_else(|| match self.instance.department_id.as_deref() {
            Some("") => Some("(company name)".to_owned()),
            other => other.map(str::to_owned),
        })
    }

    fn task(&self, task: &Task) -> Item {
        let actions = task.action_configs.iter().flatten().map(|action| ActionLine {
            action_type: action.action_type.clone(),
            label: self.text(&action.action_name).unwrap_or_else(|| action.action_type.clone()),
            is_need_reason: action.is_need_reason.unwrap_or_default(),
            is_reason_required: action.is_reason_required.unwrap_or_default(),
            is_need_attachment: action.is_need_attachment.unwrap_or_default(),
        });
        Item {
            status: task.status.clone(),
            links: task.links.clone(),
            times: Times::new(task.create_time, task.end_time, self.instance.version_of(task)),
            task: Some(TaskLine {
                task_id: task.task_id.clone(),
                title: self.text(&task.title),
                node_name: self.text(&task.node_name),
                actions: actions.collect(),
                quick_approval: self.quick_approval,
            }),
            ..self.item()
        }
    }

    fn cc(&self, cc: &Cc) -> Item {
        Item {
            status: cc.read_status.clone(),
            links: cc.links.clone(),
            times: Times::new(cc.create_time, Int64(0), cc.update_time),
            cc: Some(CcLine { cc_id: cc.cc_id.clone(), title: cc.title.clone() }),
            ..self.item()
        }
    }
}
