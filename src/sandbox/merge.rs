//! What a push does to what is stored: `REPLACE` and `UPDATE` (contract §4.3, §4.4).

use serde::Serialize;

use super::documents::{Cc, Instance, Task};
use super::i18n;
use super::int64::Int64;
use super::switches::Switches;

/// How many entities a push inserted, updated and deleted, per kind (contract §4.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct ProcessRecord {
    pub(super) instance: Changes,
    pub(super) task: Changes,
    pub(super) cc: Changes,
}

/// The counts of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Changes {
    pub(super) insert_num: usize,
    pub(super) update_num: usize,
    pub(super) delete_num: usize,
}

impl ProcessRecord {
    /// A push that created the instance with everything in it.
    pub(super) fn created(instance: &Instance) -> Self {
        let inserted = |insert_num| Changes { insert_num, ..Changes::default() };
        Self {
            instance: inserted(1),
            task: inserted(instance.tasks().len()),
            cc: inserted(instance.ccs().len()),
        }
    }
}

/// `REPLACE`: the last write wins whatever its version; what it does not name is gone.
///
/// Only `approval_code` and `instance_id` stay as they were.
pub(super) fn replace(stored: &mut Instance, sent: Instance) -> ProcessRecord {
    let record = ProcessRecord {
        instance: Changes { update_num: 1, ..Changes::default() },
        task: replaced(stored.tasks(), sent.tasks(), |task| &task.task_id),
        cc: replaced(stored.ccs(), sent.ccs(), |cc| &cc.cc_id),
    };
    *stored = Instance {
        approval_code: std::mem::take(&mut stored.approval_code),
        instance_id: std::mem::take(&mut stored.instance_id),
        ..sent
    };
    record
}

fn replaced<T>(old: &[T], new: &[T], id: impl Fn(&T) -> &String) -> Changes {
    let known: std::collections::HashSet<&String> = old.iter().map(&id).collect();
    let update_num = new.iter().filter(|entity| known.contains(id(entity))).count();
    Changes {
        insert_num: new.len() - update_num,
        update_num,
        delete_num: old.len().saturating_sub(update_num),
    }
}

/// `UPDATE`: adds what is new and changes what has grown; each level compares its own `update_time`, and an equal one
/// is as stale as an older one.
///
/// The switch `stale_outer_drops_all` makes a stale instance drop its tasks and copies too.
pub(super) fn update(stored: &mut Instance, sent: Instance, switches: &Switches) -> ProcessRecord {
    let mut record = ProcessRecord::default();
    let mut sent = sent;
    let has_grown = sent.update_time > stored.update_time;
    if !has_grown && switches.stale_outer_drops_all {
        return record;
    }
    let tasks = sent.task_list.take().unwrap_or_default();
    let ccs = sent.cc_list.take().unwrap_or_default();
    let resources = std::mem::take(&mut sent.i18n_resources);
    // The default version of tasks without one is the instance's at the time they came in, not the new one.
    let outer = stored.update_time;
    if has_grown {
        pin_versions(stored, outer);
        grow_instance(stored, sent);
        record.instance.update_num = 1;
    }
    record.task = grow_all(
        stored.task_list.get_or_insert_default(),
        tasks,
        |task| &task.task_id,
        |old, new| new.update_time > Some(old.update_time.unwrap_or(outer)),
        grow_task,
    );
    record.cc = grow_all(
        stored.cc_list.get_or_insert_default(),
        ccs,
        |cc| &cc.cc_id,
        |old, new| new.update_time > old.update_time,
        grow_cc,
    );
    if record != ProcessRecord::default() {
        i18n::update(&mut stored.i18n_resources, resources, switches.resources_under_update);
    }
    record
}

fn pin_versions(stored: &mut Instance, version: Int64) {
    for task in stored.task_list.iter_mut().flatten() {
        task.update_time.get_or_insert(version);
    }
}

fn grow_all<T>(
    stored: &mut Vec<T>,
    sent: Vec<T>,
    id: impl Fn(&T) -> &String,
    has_grown: impl Fn(&T, &T) -> bool,
    grow: impl Fn(&mut T, T),
) -> Changes {
    let mut changes = Changes::default();
    for entity in sent {
        match stored.iter_mut().find(|known| id(known) == id(&entity)) {
            None => {
                stored.push(entity);
                changes.insert_num += 1;
            }
            Some(known) if has_grown(known, &entity) => {
                grow(known, entity);
                changes.update_num += 1;
            }
            Some(_) => {}
        }
    }
    changes
}

/// What is absent under `UPDATE` keeps its value: our reading of *adds and changes*.
fn set<T>(stored: &mut Option<T>, sent: Option<T>) {
    if sent.is_some() {
        *stored = sent;
    }
}

fn grow_instance(stored: &mut Instance, sent: Instance) {
    let Instance {
        approval_code: _,
        status,
        extra,
        instance_id: _,
        links,
        title,
        form,
        user_id,
        open_id,
        user_name,
        department_id: _,
        department_name: _,
        start_time,
        end_time,
        update_time,
        display_method,
        update_mode,
        task_list: _,
        cc_list: _,
        i18n_resources: _,
        trusteeship_url_token,
        trusteeship_user_id_type,
        trusteeship_urls,
        trusteeship_cache_config,
        resource_region,
    } = sent;
    stored.status = status;
    set(&mut stored.extra, extra);
    stored.links = links;
    set(&mut stored.title, title);
    set(&mut stored.form, form);
    set(&mut stored.user_id, user_id);
    set(&mut stored.open_id, open_id);
    set(&mut stored.user_name, user_name);
    stored.start_time = start_time;
    stored.end_time = end_time;
    stored.update_time = update_time;
    set(&mut stored.display_method, display_method);
    set(&mut stored.update_mode, update_mode);
    set(&mut stored.trusteeship_url_token, trusteeship_url_token);
    set(&mut stored.trusteeship_user_id_type, trusteeship_user_id_type);
    set(&mut stored.trusteeship_urls, trusteeship_urls);
    set(&mut stored.trusteeship_cache_config, trusteeship_cache_config);
    set(&mut stored.resource_region, resource_region);
}

fn grow_task(stored: &mut Task, sent: Task) {
    let Task {
        task_id: _,
        user_id: _,
        open_id: _,
        title,
        links,
        status,
        extra,
        create_time: _,
        end_time,
        update_time,
        action_context,
        action_configs,
        display_method,
        exclude_statistics,
        node_id: _,
        node_name: _,
        generate_type,
    } = sent;
    set(&mut stored.title, title);
    stored.links = links;
    stored.status = status;
    set(&mut stored.extra, extra);
    stored.end_time = end_time;
    set(&mut stored.update_time, update_time);
    set(&mut stored.action_context, action_context);
    set(&mut stored.action_configs, action_configs);
    set(&mut stored.display_method, display_method);
    set(&mut stored.exclude_statistics, exclude_statistics);
    set(&mut stored.generate_type, generate_type);
}

fn grow_cc(stored: &mut Cc, sent: Cc) {
    let Cc {
        cc_id: _,
        user_id: _,
        open_id: _,
        links,
        read_status,
        extra,
        title,
        create_time: _,
        update_time,
        display_method,
    } = sent;
    stored.links = links;
    stored.read_status = read_status;
    set(&mut stored.extra, extra);
    set(&mut stored.title, title);
    stored.update_time = update_time;
    set(&mut stored.display_method, display_method);
}
