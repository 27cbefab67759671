//! The button that is pressed: a task's in a list, or a card's.

use super::outcome::{NO_MESSAGE, NO_TASK, NoTap};
use crate::sandbox::definitions::{External, TapTarget};
use crate::sandbox::documents::Instance;
use crate::sandbox::messages::CardButton;
use crate::sandbox::state::State;

/// A button, with what its callback tells and where that goes.
pub(super) struct Button {
    /// Feishu's word for what it does.
    pub(super) action_type: String,
    pub(super) action_context: Option<String>,
    /// Where the callback goes, and what proves and hides it.
    pub(super) target: TapTarget,
}

/// Whether this is the action that somebody names: by its own key, or in any case.
fn is_called(action_type: &str, action: &str) -> bool {
    action_type.eq_ignore_ascii_case(action)
}

/// The button of a task.
pub(super) fn of_task(
    state: &State,
    instance: &Instance,
    task_id: &str,
    action: &str,
) -> Result<Button, NoTap> {
    let task =
        instance.tasks().iter().find(|task| task.task_id == task_id).ok_or(NoTap::NotFound(NO_TASK))?;
    let definition = state.definitions.of_instance(&instance.approval_code);
    let external = definition.map(|definition| definition.body.external.clone()).unwrap_or_default();
    let External { action_callback_token, action_callback_key, .. } = &external;
    let url = external.callback_url().ok_or_else(|| {
        NoTap::NoButton("its definition has no action_callback_url, so Feishu shows no buttons".to_owned())
    })?;
    let known: Vec<_> = task.action_configs.iter().flatten().map(|action| &*action.action_type).collect();
    let action_type =
        known.iter().find(|known| is_called(known, action)).ok_or_else(|| missing("task", &known))?;
    Ok(Button {
        action_type: (*action_type).to_owned(),
        action_context: task.action_context.clone(),
        target: TapTarget::of(url, action_callback_token.as_deref(), action_callback_key.as_deref()),
    })
}

/// The button of a card that this person has got, and the status that the card has after a tap which succeeds.
pub(super) fn of_card(
    state: &State,
    person: &str,
    message_id: &str,
    action: &str,
) -> Result<(Button, Option<String>), NoTap> {
    let buttons = state.messages.buttons(person, message_id).ok_or(NoTap::NotFound(NO_MESSAGE))?;
    let known: Vec<_> = buttons.iter().map(|button| button.action_type).collect();
    let pressed = buttons.iter().find(|button| is_called(button.action_type, action));
    let CardButton { action_type, next_status, callback } = pressed.ok_or_else(|| missing("card", &known))?;
    let button = Button {
        action_type: (*action_type).to_owned(),
        action_context: callback.action_context.clone(),
        target: TapTarget::of(
            callback.url().unwrap_or_default(),
            callback.action_callback_token.as_deref(),
            callback.action_callback_key.as_deref(),
        ),
    };
    Ok((button, next_status.map(str::to_owned)))
}

fn missing(what: &str, known: &[&str]) -> NoTap {
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    NoTap::NoButton(format!("the {what} has no such action; it has: {known}"))
}
