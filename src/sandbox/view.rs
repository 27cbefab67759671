//! What Feishu would hold about one instance, texts spelt out in every locale.

use serde::Serialize;
use std::collections::HashSet;
use std::sync::Arc;

use super::documents::{Instance, shared};
use super::i18n::{Lexicon, Translations};
use super::instances::{Stored, collisions};
use super::state::State;
use super::times::rfc3339;

/// The answer of `GET /sandbox/instances/{instance_id}`.
#[derive(Debug, Serialize)]
pub(super) struct InstanceView {
    instance_id: String,
    app_id: String,
    /// The definition's name, by locale.
    approval_name: Translations,
    /// When the last push was accepted, RFC 3339.
    pushed_at: String,
    /// Whether an id collision hides the instance itself.
    hidden: bool,
    /// Every text by locale, beside the field that names it.
    texts: Texts,
    /// Ids of tasks and copies that a collision hides (contract §4.1).
    hidden_ids: Vec<String>,
    /// Fields whose key no locale explains any more: readers would see the bare key.
    unresolved: Vec<String>,
    /// The document as it is stored.
    #[serde(serialize_with = "shared")]
    stored: Arc<Instance>,
}

#[derive(Debug, Serialize)]
struct Texts {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Translations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<Translations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department_name: Option<Translations>,
    form: Vec<RowTexts>,
    tasks: Vec<TaskTexts>,
}

#[derive(Debug, Serialize)]
struct RowTexts {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Translations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Translations>,
}

#[derive(Debug, Serialize)]
struct TaskTexts {
    task_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Translations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node_name: Option<Translations>,
    /// Labels of the quick actions, in their order; empty for the built-in ones.
    actions: Vec<Translations>,
}

/// Describes a stored instance.
pub(super) fn view(state: &State, stored: &Stored) -> InstanceView {
    let instance = &*stored.instance;
    let lexicon = Lexicon::new(&instance.i18n_resources);
    let mut unresolved = Vec::new();
    let texts = texts(instance, &lexicon, &mut unresolved);
    let hidden: HashSet<&str> = collisions(instance);
    let tasks = instance.tasks().iter().map(|task| &task.task_id);
    let ccs = instance.ccs().iter().map(|cc| &cc.cc_id);
    let approval_name = state.definitions.of_instance(&instance.approval_code).map(|definition| {
        Lexicon::new(&definition.body.i18n_resources).everywhere(&definition.body.approval_name)
    });
    InstanceView {
        instance_id: instance.instance_id.clone(),
        app_id: stored.app_id.clone(),
        approval_name: approval_name.unwrap_or_default(),
        pushed_at: rfc3339(stored.pushed_at),
        hidden: hidden.contains(instance.instance_id.as_str()),
        texts,
        hidden_ids: tasks.chain(ccs).filter(|id| hidden.contains(id.as_str())).cloned().collect(),
        unresolved,
        stored: Arc::clone(&stored.instance),
    }
}

fn texts(instance: &Instance, lexicon: &Lexicon<'_>, unresolved: &mut Vec<String>) -> Texts {
    let mut look_up = |path: String, key: &Option<String>| -> Option<Translations> {
        let found = lexicon.everywhere(key.as_deref()?);
        if found.is_empty() {
            unresolved.push(path);
        }
        Some(found)
    };
    Texts {
        title: look_up("title".to_owned(), &instance.title),
        user_name: look_up("user_name".to_owned(), &instance.user_name),
        department_name: look_up("department_name".to_owned(), &instance.department_name),
        form: (0..)
            .zip(instance.form.iter().flatten())
            .map(|(index, row): (usize, _)| RowTexts {
                name: look_up(format!("form[{index}].name"), &row.name),
                value: look_up(format!("form[{index}].value"), &row.value),
            })
            .collect(),
        tasks: instance
            .tasks()
            .iter()
            .enumerate()
            .map(|(index, task)| TaskTexts {
                task_id: task.task_id.clone(),
                title: look_up(format!("task_list[{index}].title"), &task.title),
                node_name: look_up(format!("task_list[{index}].node_name"), &task.node_name),
                actions: (0..)
                    .zip(task.action_configs.iter().flatten())
                    .map(|(place, action): (usize, _)| {
                        let path = format!("task_list[{index}].action_configs[{place}].action_name");
                        look_up(path, &action.action_name).unwrap_or_default()
                    })
                    .collect(),
            })
            .collect(),
    }
}
