//! What searches find, as JSON (contract §7, samples 50, 53 and 54).

use serde_json::{Value, json};

use super::filters::Kind;
use super::world::{APPLICANT, Copy, Instance, Task};

/// An instance, one of its tasks, or one of its copies.
pub(crate) struct Hit<'w> {
    pub(crate) instance: &'w Instance,
    part: Part<'w>,
}

enum Part<'w> {
    Whole,
    Task(&'w Task),
    Copy(&'w Copy),
}

impl<'w> Hit<'w> {
    /// Everything of one instance that a search of this kind could find.
    pub(crate) fn all(instance: &'w Instance, kind: Kind) -> Vec<Self> {
        let parts: Vec<Part<'w>> = match kind {
            Kind::Instances => vec![Part::Whole],
            Kind::Tasks => instance.tasks.iter().map(Part::Task).collect(),
            Kind::Copies => instance.copies.iter().map(Part::Copy).collect(),
        };
        parts.into_iter().map(|part| Self { instance, part }).collect()
    }

    pub(crate) fn user(&self) -> &str {
        match self.part {
            Part::Whole => APPLICANT,
            Part::Task(task) => &task.user,
            Part::Copy(copy) => &copy.user,
        }
    }

    pub(crate) fn title(&self) -> &str {
        match self.part {
            Part::Whole | Part::Task(_) => &self.instance.title,
            Part::Copy(copy) => &copy.title,
        }
    }

    pub(crate) fn began(&self) -> i64 {
        match self.part {
            Part::Whole => self.instance.started,
            Part::Task(task) => task.started,
            Part::Copy(copy) => copy.created,
        }
    }

    pub(crate) fn changed(&self) -> i64 {
        match self.part {
            Part::Task(task) => task.updated,
            Part::Whole | Part::Copy(_) => self.instance.updated,
        }
    }

    /// The word by which a filter finds it (contract §12.2).
    pub(crate) fn filter_word(&self) -> &str {
        match self.part {
            Part::Whole => match self.instance.status {
                "CANCELED" => "RECALL",
                "REJECTED" => "REJECT",
                other => other,
            },
            Part::Task(task) => task.status,
            Part::Copy(copy) => read_word(copy.read),
        }
    }

    pub(crate) fn node(&self, kind: Kind, user_id_type: &str) -> Value {
        let mut node = json!({
            "approval": {
                "code": self.instance.approval_code,
                "name": "出差申请",
                "is_external": true,
                "external": {"batch_cc_read": true},
                "approval_id": sometimes_a_number(7_301_550_094_428_135_452, self.began()),
                "icon": "https://static.example.org/icon/travel.png",
            },
            "group": {"external_id": self.instance.group, "name": "行政"},
            "instance": self.instance_node(user_id_type),
        });
        let person = person(self.user(), user_id_type);
        match self.part {
            Part::Whole => {}
            Part::Task(task) => node["task"] = task_node(task, &person),
            Part::Copy(copy) => {
                node["cc"] = json!({
                    "user_id": person,
                    "create_time": time(copy.created, copy.created),
                    "read_status": read_word(copy.read).to_lowercase(),
                    "title": copy.title,
                    "extra": "{}",
                    "link": link("cc"),
                });
            }
        }
        debug_assert_eq!(kind == Kind::Instances, node.get("task").or(node.get("cc")).is_none());
        node
    }

    fn instance_node(&self, user_id_type: &str) -> Value {
        let Instance { id, status, title, started, extra, .. } = self.instance;
        json!({
            "code": self.instance.code(),
            "external_id": id,
            "user_id": person(APPLICANT, user_id_type),
            "start_time": time(*started, *started),
            "end_time": time(self.instance.ended(), *started),
            "status": status.to_lowercase(),
            "title": title,
            "extra": extra,
            "serial_id": sometimes_a_number(202_603_140_017, *started),
            "link": link("instance"),
        })
    }
}

fn task_node(task: &Task, person: &str) -> Value {
    json!({
        "user_id": person,
        "start_time": time(task.started, task.started),
        "end_time": time(if task.status == "PENDING" { 0 } else { task.updated }, task.started),
        "status": task.status.to_lowercase(),
        "title": "直属主管审批",
        "extra": task.extra,
        "link": link("task"),
        "task_id": format!("F-{}", task.id),
        "update_time": time(task.updated, task.started),
        "task_external_id": task.id,
    })
}

fn link(what: &str) -> Value {
    json!({
        "pc_link": format!("https://oa.example.org/{what}"),
        "mobile_link": format!("https://oa.example.org/m/{what}"),
    })
}

fn read_word(read: bool) -> &'static str {
    if read { "READ" } else { "UNREAD" }
}

/// The person's id of the kind that was asked for (contract §1.3).
pub(crate) fn person(user_id: &str, user_id_type: &str) -> String {
    match user_id_type {
        "open_id" => format!("ou_{user_id}"),
        "union_id" => format!("on_{user_id}"),
        _ => user_id.to_owned(),
    }
}

/// Ids are strings in the documents and whole numbers in some SDKs (contract §1.4, §7.4).
pub(crate) fn sometimes_a_number(id: u64, by: i64) -> Value {
    if by % 2 == 0 { id.into() } else { id.to_string().into() }
}

/// Times are strings, and numbers in an SDK (contract §1.4).
fn time(millis: i64, by: i64) -> Value {
    if by % 2 == 0 { millis.to_string().into() } else { millis.into() }
}
