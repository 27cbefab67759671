//! `POST external_instances`: the push (contract §4).

use std::sync::Arc;

use serde::Serialize;

use super::documents::{Instance, shared};
use super::merge::{self, ProcessRecord};
use super::refusal::Refusal;
use super::state::State;
use super::switches::{BusyAnswer, Echo};

/// `data` of the answer: the echo is nested twice (contract §4.2).
#[derive(Debug, Serialize)]
pub(super) struct Synced {
    #[serde(serialize_with = "shared")]
    data: Arc<Instance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    process_record: Option<ProcessRecord>,
}

/// Takes a push that passed the schema.
pub(super) fn sync(state: &mut State, app_id: &str, now: i64, sent: Instance) -> Result<Synced, Refusal> {
    state.definitions.find(app_id, &sent.approval_code)?;
    if !belongs_to_someone(&sent) && !is_wipe(&sent) {
        return Err(Refusal::param("param is invalid: at least one of user_id, open_id is required"));
    }
    let switches = &state.switches;
    let sent_echo = (switches.echo == Echo::Request).then(|| Arc::new(sent.clone()));
    let instance_id = sent.instance_id.clone();
    let record = match state.instances.get_mut(app_id, &instance_id) {
        None => {
            let record = ProcessRecord::created(&sent);
            state.instances.insert(app_id, now, sent);
            record
        }
        Some(stored) => {
            if now < stored.pushed_at.saturating_add(i64::from(switches.busy_window_ms)) {
                return Err(match switches.busy_answer {
                    BusyAnswer::TryLater => Refusal::try_later(),
                    BusyAnswer::TooOften => Refusal::too_often(),
                });
            }
            let instance = stored.next(now, switches.search_delay_ms);
            match sent.update_mode.as_deref() {
                Some("UPDATE") => merge::update(instance, sent, switches),
                _ => merge::replace(instance, sent),
            }
        }
    };
    let stored = || state.instances.get(app_id, &instance_id).map(|stored| Arc::clone(&stored.instance));
    let Some(data) = sent_echo.or_else(stored) else { return Err(Refusal::try_later()) };
    Ok(Synced { data, process_record: switches.process_record.then_some(record) })
}

/// `user_name` is documented for initiators that are no real users; that it replaces the ids is our reading.
fn belongs_to_someone(sent: &Instance) -> bool {
    let is_given = |id: &Option<String>| id.as_deref().is_some_and(|id| !id.is_empty());
    is_given(&sent.user_id) || is_given(&sent.open_id) || sent.user_name.is_some()
}

/// The documented recipe that leaves an instance to nobody (contract §4.5).
fn is_wipe(sent: &Instance) -> bool {
    sent.update_mode.as_deref() != Some("UPDATE")
        && sent.status == "APPROVED"
        && sent.tasks().is_empty()
        && sent.ccs().is_empty()
}
