//! What the ledger knows of the task that an action is about.

use std::sync::Arc;

use super::action::Action;
use crate::document::{Rules, read_instance};
use crate::domain::{AppName, CardContext, Mode};
use crate::ledger::{ContextHash, InstanceKey, Ledger, LedgerError, Revision, TaskClue, TaskRecord};
use crate::support::error_chain::ErrorChain;

/// Where the tasks of one app are looked up.
#[derive(Debug)]
pub(super) struct Knowledge {
    pub(super) app: AppName,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) rules: Rules,
}

/// What is known of an action's task.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The round that the task is in.
    pub(super) round: Option<Revision>,
    /// Whether several tasks have the action's context, so that it says nothing.
    pub(super) is_context_shared: bool,
    /// Whether its card waits no more, so that the action comes too late.
    pub(super) is_card_over: bool,
}

/// A task as its document says it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KnownTask {
    pub(super) is_open: bool,
    /// Whose task it is, by the kind of id that callbacks name people by.
    pub(super) assignee: Option<String>,
}

impl Knowledge {
    /// Completes the action's ids, by those that it has, its message, or its context.
    pub(super) async fn complete(&self, action: &mut Action) -> Result<Known, LedgerError> {
        let context = action.action_context.take();
        let Some(own) = context.as_deref().and_then(CardContext::read) else {
            action.action_context = context;
            return self.find(action).await;
        };
        // The caller's task has none.
        let known = self.find(action).await?;
        if action.task_id.is_some() {
            return Ok(known);
        }
        action.instance_id = Some(own.instance_id.into_owned());
        action.task_id = Some(own.task_id.into_owned());
        self.find(action).await
    }

    async fn find(&self, action: &mut Action) -> Result<Known, LedgerError> {
        let mut known = Known::default();
        for clue in clues(action) {
            let is_context = matches!(clue, TaskClue::Context(_));
            let found = self.ledger.find_tasks(&self.app, &clue).await?;
            let [task] = found.as_slice() else {
                known.is_context_shared |= is_context && !found.is_empty();
                continue;
            };
            if !agrees(task, action) {
                continue;
            }
            known.round = Some(task.round);
            known.is_card_over = task.is_card_over;
            action.instance_id = Some(task.instance_id.clone());
            action.task_id = Some(task.task_id.clone());
            break;
        }
        Ok(known)
    }

    /// The action's task, when its document is kept. One that the document does not hold any more is closed.
    pub(super) async fn task(&self, action: &Action) -> Result<Option<KnownTask>, LedgerError> {
        let (Some(instance_id), Some(task_id)) = (&action.instance_id, &action.task_id) else {
            return Ok(None);
        };
        let key = InstanceKey::new(self.app.clone(), instance_id);
        let Some(kept) = self.ledger.document(&key).await? else { return Ok(None) };
        let json = kept.body.json()?;
        let mut instance = match read_instance(&json, Some(instance_id), kept.record.mode, self.rules) {
            Ok(instance) => instance,
            Err(rejection) => {
                let error = ErrorChain(&rejection);
                tracing::warn!(app = %self.app, instance_id, %error, "a kept document cannot be read");
                return Ok(None);
            }
        };
        kept.record.resolve_people(&mut instance);
        let task = instance.tasks.iter().flatten().find(|task| task.task_id.as_str() == task_id);
        Ok(match task {
            Some(task) => Some(KnownTask {
                is_open: task.status.ending(instance.status).is_none(),
                assignee: task.approver.user_id().map(str::to_owned),
            }),
            // What else there may be of the instance, an update does not say.
            None if kept.record.mode == Mode::Update => None,
            None => Some(KnownTask { is_open: false, assignee: None }),
        })
    }
}

/// What the action tells of its task, the surest first.
fn clues(action: &Action) -> Vec<TaskClue> {
    let mut clues = Vec::new();
    match (&action.instance_id, &action.task_id) {
        (Some(instance_id), Some(task_id)) => {
            clues.push(TaskClue::Ids { instance_id: instance_id.clone(), task_id: task_id.clone() });
            // Nothing else can tell more.
            return clues;
        }
        (None, Some(task_id)) => clues.push(TaskClue::TaskId(task_id.clone())),
        (_, None) => {}
    }
    clues.extend(action.message_id.clone().map(TaskClue::MessageId));
    clues.extend(action.action_context.as_deref().map(|context| TaskClue::Context(ContextHash::of(context))));
    clues
}

/// Whether a task that was found contradicts nothing that the action says itself.
fn agrees(task: &TaskRecord, action: &Action) -> bool {
    action.instance_id.as_ref().is_none_or(|id| *id == task.instance_id)
        && action.task_id.as_ref().is_none_or(|id| *id == task.task_id)
}
