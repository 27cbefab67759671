//! `POST /sandbox/tap`: somebody presses a button; the callback is really sent, and what the person would see is told.

mod body;
mod button;
mod callback;
mod outcome;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::documents::Instance;
use super::outgoing::Outgoing;
use super::running::Sandbox;
use super::state::State;
use body::{Named, Tapped};
use button::Button;
use callback::Callback;
use outcome::{NO_MESSAGE, NO_TASK, Seen};

pub(super) use outcome::NoTap;

/// The first number of cards that nobody has sent: beyond 2^53, as Feishu's are.
const FIRST_MESSAGE_ID: u64 = 7_301_550_094_428_135_452;

/// Who taps what, and where.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tap {
    user_id: String,
    /// The task whose button it is; or else the card.
    task_id: Option<String>,
    /// The card whose button it is, by the id of its message.
    message_id: Option<String>,
    /// `approve`, `reject`, or the action's own key; Feishu's spelling is understood, too.
    action: String,
    /// Which instance, when several have such a task.
    instance_id: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    attachments: Vec<Value>,
    via: Option<Via>,
}

/// Where somebody taps a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Via {
    /// The list of tasks on a phone.
    List,
    /// A card of the bot; one that nobody has sent where a task is tapped so.
    Card,
    /// A search result.
    Search,
}

/// The status that a card has after a tap which succeeds.
struct NextStatus {
    message_id: String,
    status: String,
}

impl Tap {
    /// Sends the callback and waits for its answer as long as Feishu would.
    pub(super) async fn press(self, sandbox: &Sandbox) -> Result<Seen, NoTap> {
        let (callback, next) = sandbox.with(|state, _| match (&self.task_id, &self.message_id) {
            (Some(task_id), None) => Ok((self.of_task(state, task_id)?, None)),
            (None, Some(message_id)) => self.of_card(state, message_id),
            _ => Err(NoTap::Unclear("give one of task_id and message_id")),
        })?;
        let seen = callback.send().await;
        if let Some(NextStatus { message_id, status }) = next.filter(|_| seen.result == "success") {
            sandbox.with(|state, now| state.messages.tapped(&message_id, now, status));
            sandbox.announce_change();
        }
        Ok(seen)
    }

    fn of_task(&self, state: &mut State, task_id: &str) -> Result<Callback, NoTap> {
        let instance = self.instance(state, task_id).ok_or(NoTap::NotFound(NO_TASK))?;
        let button = button::of_task(state, &instance, task_id, &self.action)?;
        let (approval_code, instance_id) = (&*instance.approval_code, &*instance.instance_id);
        let named = match self.via.unwrap_or(Via::List) {
            Via::List => Named::List { approval_code, instance_id, task_id },
            Via::Search => Named::Search { approval_code, task_id },
            Via::Card => {
                state.taps += 1;
                Named::Card { message_id: FIRST_MESSAGE_ID + state.taps }
            }
        };
        Ok(self.callback(state, named, button))
    }

    /// The newest instance that has such a task.
    fn instance(&self, state: &State, task_id: &str) -> Option<Arc<Instance>> {
        let is_it = |instance: &Instance| {
            self.instance_id.as_ref().is_none_or(|id| *id == instance.instance_id)
                && instance.tasks().iter().any(|task| task.task_id == task_id)
        };
        let mut all = state.instances.all().rev();
        all.find(|stored| is_it(&stored.instance)).map(|stored| Arc::clone(&stored.instance))
    }

    fn of_card(&self, state: &mut State, message_id: &str) -> Result<(Callback, Option<NextStatus>), NoTap> {
        if self.instance_id.is_some() || self.via.is_some_and(|via| via != Via::Card) {
            return Err(NoTap::Unclear("a card is tapped by its message_id alone"));
        }
        let number = message_id.parse().map_err(|_| NoTap::NotFound(NO_MESSAGE))?;
        let (button, next) = button::of_card(state, &self.user_id, message_id, &self.action)?;
        let next = next.map(|status| NextStatus { message_id: message_id.to_owned(), status });
        Ok((self.callback(state, Named::Card { message_id: number }, button), next))
    }

    fn callback(&self, state: &mut State, named: Named<'_>, button: Button) -> Callback {
        let Button { action_type, action_context, target } = button;
        let mut plain = body::plain(&Tapped {
            named,
            user_id: &self.user_id,
            action_type: &action_type,
            action_context: action_context.as_deref(),
            reason: self.reason.as_deref(),
            attachments: &self.attachments,
            token: &target.token,
        });
        let fault = state.faults.hit_tap();
        if let Some(fault) = &fault {
            fault.change(&mut plain);
        }
        let key = Some(target.key).filter(|key| !key.is_empty());
        let sent = Outgoing {
            url: target.url,
            content_type: "application/json",
            plain,
            key,
            signed_at: None,
            fault,
        };
        Callback { sent, brand: state.switches.region }
    }
}
