//! `GET tasks/query`: one person's lists in real time (contract §7.4).

use serde::Serialize;

use super::filter::{Asker, Candidate};
use super::ids::{instance_code, numeric_id};
use super::paging::PageQuery;
use super::results::Texts;
use crate::sandbox::documents::Links;
use crate::sandbox::instances::collisions;
use crate::sandbox::int64::Int64;
use crate::sandbox::paging::Next;
use crate::sandbox::query::Query;
use crate::sandbox::refusal::Refusal;

/// From this many items on the total is capped (contract §7.4).
const CAPPED_FROM: usize = 1_000;

/// The query: who, which list, which page.
pub(crate) struct UserTaskQuery {
    page: PageQuery,
    user_id: String,
    topic: String,
}

/// `data` of the answer; `count` is an object and on the first page only.
#[derive(Debug, Serialize)]
pub(crate) struct UserTaskPage {
    tasks: Vec<UserTask>,
    #[serde(flatten)]
    next: Next,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<Count>,
}

#[derive(Debug, Serialize)]
struct Count {
    total: usize,
    has_more: bool,
}

/// Enums are numeric strings (contract §7.4).
#[derive(Debug, Serialize)]
struct UserTask {
    topic: String,
    user_id: String,
    title: String,
    urls: Urls,
    process_external_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_external_id: Option<String>,
    status: &'static str,
    process_status: &'static str,
    definition_code: String,
    initiators: Vec<String>,
    initiator_names: Vec<String>,
    task_id: String,
    process_id: String,
    process_code: String,
    definition_group_id: String,
    definition_group_name: String,
    definition_id: String,
    definition_name: String,
}

#[derive(Debug, Serialize)]
struct Urls {
    helpdesk: String,
    mobile: String,
    pc: String,
}

/// One line of a list before it is written out.
struct Line<'a> {
    candidate: Candidate<'a>,
    /// Own id of the task or copy; none for an initiated instance.
    external_id: Option<&'a str>,
    links: &'a Links,
    status: &'static str,
    version: Int64,
}

impl UserTaskQuery {
    /// `user_id` and `topic` are required; page size 1 to 200, by default 100.
    pub(crate) fn read(query: &mut Query<'_>) -> Self {
        let page = PageQuery::new(query, 1, 100, 200);
        let user_id = query.required("user_id");
        let topic = query.required("topic");
        query.word("topic", &["1", "2", "3", "17", "18"]);
        Self { page, user_id, topic }
    }
}

/// Lists what concerns one person, newest first.
pub(crate) fn user_tasks(asker: Asker<'_>, query: &UserTaskQuery) -> Result<UserTaskPage, Refusal> {
    let Asker { state, app_id, .. } = asker;
    let own = state.instances.all().filter(|stored| stored.app_id == app_id);
    let mut lines: Vec<Line<'_>> = own
        .filter(|stored| !matches!(stored.instance.status.as_str(), "HIDDEN" | "DELETED"))
        .filter_map(|stored| {
            let instance = &*stored.instance;
            let definition = state.definitions.of_instance(&instance.approval_code)?;
            Some(Candidate { stored, instance, definition })
        })
        .flat_map(|candidate| lines_of(&candidate, query))
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.version));
    let total = lines.len();
    let page = query.page.cut(&(&query.user_id, &query.topic), lines, &state.switches)?;
    let capped = total >= CAPPED_FROM;
    let count = Count { total: if capped { CAPPED_FROM - 1 } else { total }, has_more: capped };
    Ok(UserTaskPage {
        tasks: page.items.into_iter().map(|line| written(&line, query)).collect(),
        next: page.next,
        count: page.is_first.then_some(count),
    })
}

fn lines_of<'a>(candidate: &Candidate<'a>, query: &UserTaskQuery) -> Vec<Line<'a>> {
    let instance = candidate.instance;
    let hidden = collisions(instance);
    let is_theirs = |user_id: &'a Option<String>, open_id: &'a Option<String>| {
        query.page.id_type.pick(user_id, open_id) == Some(&query.user_id)
    };
    let line = |external_id, links, status, version| Line {
        candidate: Candidate { ..*candidate },
        external_id,
        links,
        status,
        version,
    };
    let tasks = |wanted: &[&str], status| {
        let theirs = instance.tasks().iter().filter(|task| is_theirs(&task.user_id, &task.open_id));
        let shown = theirs.filter(|task| wanted.contains(&task.status.as_str()));
        let shown = shown.filter(|task| !hidden.contains(task.task_id.as_str()));
        shown.map(|task| line(Some(&*task.task_id), &task.links, status, instance.version_of(task))).collect()
    };
    let copies = |read_status: &str, status| {
        let theirs = instance.ccs().iter().filter(|cc| is_theirs(&cc.user_id, &cc.open_id));
        let shown = theirs.filter(|cc| cc.read_status == read_status && !hidden.contains(cc.cc_id.as_str()));
        shown.map(|cc| line(Some(&*cc.cc_id), &cc.links, status, cc.update_time)).collect()
    };
    match query.topic.as_str() {
        "1" => tasks(&["PENDING"], "1"),
        // A DONE task is invisible to its approver (contract §4.1).
        "2" => tasks(&["APPROVED", "REJECTED", "TRANSFERRED"], "2"),
        "17" => copies("UNREAD", "17"),
        "18" => copies("READ", "18"),
        _ if is_theirs(&instance.user_id, &instance.open_id)
            && !hidden.contains(instance.instance_id.as_str()) =>
        {
            // Which words an initiated instance takes is our reading of the documented ones.
            let status = match instance.status.as_str() {
                "PENDING" => "33",
                "CANCELED" => "34",
                _ => "2",
            };
            vec![line(None, &instance.links, status, instance.update_time)]
        }
        _ => Vec::new(),
    }
}

fn written(line: &Line<'_>, query: &UserTaskQuery) -> UserTask {
    let Line { candidate, external_id, links, status, version: _ } = line;
    let Candidate { stored, instance, definition } = candidate;
    let texts = Texts::of(candidate, None);
    let body = &definition.body;
    let app_id = stored.app_id.as_str();
    let group = body.group_code.as_deref();
    let initiator = query.page.id_type.pick(&instance.user_id, &instance.open_id);
    UserTask {
        topic: query.topic.clone(),
        user_id: query.user_id.clone(),
        title: texts.title(candidate),
        urls: Urls {
            helpdesk: String::new(),
            mobile: links.mobile_link.clone().unwrap_or_default(),
            pc: links.pc_link.clone().unwrap_or_default(),
        },
        process_external_id: instance.instance_id.clone(),
        task_external_id: external_id.map(str::to_owned),
        status,
        process_status: process_status(&instance.status),
        definition_code: definition.real_code.clone(),
        initiators: initiator.into_iter().cloned().collect(),
        initiator_names: instance.user_name.iter().map(|_| texts.text(&instance.user_name)).collect(),
        task_id: numeric_id(&[app_id, &instance.instance_id, external_id.unwrap_or_default()]),
        process_id: numeric_id(&[app_id, &instance.instance_id]),
        process_code: instance_code(stored),
        definition_group_id: group.map(|code| numeric_id(&[app_id, "group", code])).unwrap_or_default(),
        definition_group_name: body.group_name.as_deref().map(|key| texts.name(key)).unwrap_or_default(),
        definition_id: definition.approval_id.clone(),
        definition_name: texts.name(&body.approval_name),
    }
}

/// Contract §12.2.
fn process_status(status: &str) -> &'static str {
    match status {
        "PENDING" => "1",
        "APPROVED" => "2",
        "REJECTED" => "3",
        "CANCELED" => "4",
        "TERMINATED" => "5",
        _ => "0",
    }
}
