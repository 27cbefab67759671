//! When two callbacks are the same action: the same person did the same in the same round of the same task.

use uuid::Uuid;

use super::action::Action;
use crate::domain::AppName;
use crate::ledger::{ActionKey, Revision};
use crate::support::hash_parts::hash_parts;

/// What tells actions apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// Recognises a repeated action; none where nothing says which task it is about.
    pub(super) key: Option<ActionKey>,
    /// What the target is told: equal for a repeated action.
    pub(super) webhook_id: String,
}

impl Identity {
    /// The identity of an action. `tells_task` is whether its context belongs to one task only, as far as is known.
    pub(super) fn new(app: &AppName, action: &Action, round: Option<Revision>, tells_task: bool) -> Self {
        let context = action.action_context.as_deref().filter(|_| tells_task);
        let about = match (&action.instance_id, &action.task_id, &action.message_id) {
            (instance_id, Some(task_id), _) => {
                ["task", instance_id.as_deref().unwrap_or_default(), task_id.as_str()]
            }
            (_, None, Some(message_id)) => ["message", message_id.as_str(), ""],
            (_, None, None) => match context {
                Some(context) => ["context", context, ""],
                None => {
                    return Self { key: None, webhook_id: format!("action_{}", Uuid::now_v7().simple()) };
                }
            },
        };
        let round = round.map_or_else(String::new, |round| round.to_string());
        let key =
            hash_parts("", [app.as_str(), &action.action, &action.user_id, &round].into_iter().chain(about));
        Self { key: Some(ActionKey(key)), webhook_id: format!("action_{}", hex::encode(&key[..16])) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action() -> Action {
        Action {
            action: "approve".to_owned(),
            user_id: "bob".to_owned(),
            instance_id: Some("i".to_owned()),
            task_id: Some("t".to_owned()),
            message_id: Some("7".to_owned()),
            action_context: Some("c".to_owned()),
            reason: None,
            attachments: Vec::new(),
        }
    }

    fn of(action: &Action, round: u64) -> Identity {
        Identity::new(&AppName::default(), action, Some(Revision(round)), true)
    }

    #[test]
    fn person_action_task_and_round_make_an_action() {
        let first = of(&action(), 1);
        let other_words = Action { reason: Some("why not".to_owned()), message_id: None, ..action() };
        assert_eq!(of(&other_words, 1), first, "a second tap on the same, on another card");
        for other in [
            Action { user_id: "alice".to_owned(), ..action() },
            Action { action: "reject".to_owned(), ..action() },
            Action { task_id: Some("u".to_owned()), ..action() },
            Action { instance_id: Some("j".to_owned()), ..action() },
        ] {
            assert_ne!(of(&other, 1).webhook_id, first.webhook_id, "{other:?}");
        }
        assert_ne!(of(&action(), 2).webhook_id, first.webhook_id);
        let elsewhere = Identity::new(&"erp".parse().unwrap(), &action(), Some(Revision(1)), true);
        assert_ne!(elsewhere.webhook_id, first.webhook_id);
    }

    #[test]
    fn of_a_task_that_is_not_known_its_message_counts_or_its_context() {
        let unknown = Action { instance_id: None, task_id: None, ..action() };
        assert!(of(&unknown, 1).key.is_some());
        let without_message = Action { message_id: None, ..unknown };
        assert!(of(&without_message, 1).key.is_some());
        let shared = || Identity::new(&AppName::default(), &without_message, None, false);
        assert_eq!(shared().key, None, "the context of several tasks says nothing");
        assert_ne!(shared().webhook_id, shared().webhook_id);
    }
}
