//! The callbacks of one app, from a body that was read to an answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::action::Action;
use super::answer::{Answer, Outcome};
use super::event::ApprovalActionEvent;
use super::identity::Identity;
use super::knowledge::{Knowledge, KnownTask};
use super::open::open;
use super::relay::{Message, Relay, Relayed};
use super::repeats::{Repeats, Standing};
use super::settings::{CallbackSettings, TargetFormat};
use crate::document::Rules;
use crate::domain::{AppName, Region, Timestamp, Word as _};
use crate::http_client::{HttpClients, SetupError};
use crate::ledger::{ActionKey, HistoryEvent, HistoryNote, InstanceKey, Ledger, LedgerError};
use crate::support::clock::Clock;
use crate::support::error_chain::ErrorChain;

/// Actions of one app that are relayed at one time. Our choice: a target that hangs holds no more than this.
const MOST_AT_ONCE: usize = 128;

/// What is left of the time for an answer when the target is given up.
const MARGIN: Duration = Duration::from_millis(250);

/// What is left of it when the ledger is not waited for any more.
const LAST_MARGIN: Duration = Duration::from_millis(50);

/// What the callbacks of an app are made of.
#[derive(Debug)]
pub struct AppSetup {
    /// The app.
    pub name: AppName,
    /// What the operator says.
    pub settings: CallbackSettings,
    /// Which brand calls: it decides how long an answer may take.
    pub region: Region,
    /// What kept documents are read with.
    pub rules: Rules,
    /// Where they are kept.
    pub ledger: Option<Arc<dyn Ledger>>,
    /// Tells the time.
    pub clock: Clock,
}

/// The callbacks of one app.
#[derive(Debug)]
pub(super) struct AppCallbacks {
    name: AppName,
    settings: CallbackSettings,
    /// Time for an answer.
    limit: Duration,
    knowledge: Option<Knowledge>,
    repeats: Repeats,
    relay: Relay,
    permits: Arc<Semaphore>,
    clock: Clock,
}

/// How a callback is answered, with what is logged about it.
#[derive(Debug, Clone)]
pub(super) struct Handled {
    pub(super) outcome: Outcome,
    pub(super) answer: Answer,
    /// What it was, as far as that could be read.
    pub(super) action: Option<Named>,
    pub(super) cause: Option<String>,
}

/// What a log line says of an action.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    pub(super) action: String,
    pub(super) user_id: String,
    pub(super) instance_id: Option<String>,
    pub(super) task_id: Option<String>,
    pub(super) webhook_id: String,
}

/// What the history of an instance says of an action.
#[derive(Serialize)]
struct Detail<'a> {
    task_id: &'a str,
    user_id: &'a str,
    action: &'a str,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

/// Time for an answer: Feishu waits ten seconds, Lark five (contract §8.1).
fn limit(region: Region) -> Duration {
    Duration::from_secs(match region {
        Region::Feishu => 8,
        Region::Lark => 4,
    })
}

impl AppCallbacks {
    /// # Errors
    /// When no HTTPS client can be set up.
    pub(super) fn new(setup: AppSetup) -> Result<Self, SetupError> {
        let AppSetup { name, settings, region, rules, ledger, clock } = setup;
        let limit = limit(region);
        let relay = Relay {
            client: HttpClients::to([&settings.target])?.client()?,
            target: settings.target.clone(),
            secrets: settings.secrets.clone(),
        };
        let repeats = Repeats::new(name.clone(), ledger.clone(), clock.clone(), limit);
        let knowledge = ledger.map(|ledger| Knowledge { app: name.clone(), ledger, rules });
        let permits = Arc::new(Semaphore::new(MOST_AT_ONCE));
        Ok(Self { name, settings, limit, knowledge, repeats, relay, permits, clock })
    }

    /// When a callback that came at this moment must be answered.
    pub(super) fn deadline(&self, came_at: Instant) -> Instant {
        came_at + self.limit
    }

    /// Answers a callback. What was begun is finished by `tasks` although Feishu hangs up.
    pub(super) async fn handle(
        self: &Arc<Self>,
        body: &[u8],
        deadline: Instant,
        tasks: &TaskTracker,
    ) -> Handled {
        let opened = match open(body, &self.settings.proof) {
            Ok(opened) => opened.text,
            Err(refused) => return Handled::unnamed(refused.into()),
        };
        let Some(action) = Action::read(&opened) else { return Handled::unnamed(Outcome::Malformed) };
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            return Handled::unnamed(Outcome::Overloaded);
        };
        let (app, noting) = (Arc::clone(self), tasks.clone());
        let work = async move {
            let (handled, note) = app.decide(opened, action, deadline - MARGIN).await;
            // The answer waits for the ledger as long as it may; what is to be written is written whenever that can be.
            let noted = noting.spawn(app.write(note, handled.clone(), permit));
            let _ = tokio::time::timeout_at(deadline - LAST_MARGIN, noted).await;
            handled
        };
        match tasks.spawn(work).await {
            Ok(handled) => handled,
            Err(error) => Handled { cause: Some(error.to_string()), ..Handled::unnamed(Outcome::Overloaded) },
        }
    }

    /// How an action is answered by then, and what the ledger is told of it.
    async fn decide(&self, opened: Vec<u8>, mut action: Action, until: Instant) -> (Handled, Note) {
        let mut named =
            Named { action: action.action.clone(), user_id: action.user_id.clone(), ..Named::default() };
        let decided = tokio::time::timeout_at(until, self.before_relaying(&mut action, &mut named)).await;
        let identity = match decided {
            Ok(Ok(Decided::Relay(identity))) => identity,
            Ok(Ok(Decided::Answer(outcome, answer))) => {
                let is_news = matches!(outcome, Outcome::Closed | Outcome::NotAssignee);
                let note = if is_news { Note::History(None) } else { Note::Nothing };
                return (Handled { outcome, answer, action: Some(named), cause: None }, note);
            }
            Ok(Err(error)) => {
                let cause = Some(ErrorChain(&error).to_string());
                let handled =
                    Handled { action: Some(named), cause, ..Handled::unnamed(Outcome::LedgerFailed) };
                return (handled, Note::Nothing);
            }
            Err(_) => {
                let outcome = Outcome::Unreachable;
                let handled = Handled { outcome, answer: Answer::late(), action: Some(named), cause: None };
                return (handled, Note::Nothing);
            }
        };
        let message = Message {
            webhook_id: identity.webhook_id,
            timestamp: self.clock.unix_millis() / 1_000,
            body: self.body(opened, action),
        };
        let Relayed { outcome, answer, cause } = self.relay.send(&message, until).await;
        (Handled { outcome, answer, action: Some(named), cause }, Note::History(identity.key))
    }

    /// Tells the ledger of an action that was decided, however long that takes; counts as under way until then.
    async fn write(self: Arc<Self>, note: Note, handled: Handled, _permit: OwnedSemaphorePermit) {
        let Handled { outcome, answer, action: Some(named), .. } = &handled else { return };
        match note {
            Note::Nothing => return,
            Note::History(None) => {}
            Note::History(Some(key)) => {
                if let Err(error) = self.repeats.end(key, answer).await {
                    tracing::warn!(app = %self.name, error = %ErrorChain(&error), "an action could not be noted");
                }
            }
        }
        self.enter(named, *outcome, answer).await;
    }

    /// Everything that comes before the target is asked.
    async fn before_relaying(&self, action: &mut Action, named: &mut Named) -> Result<Decided, LedgerError> {
        let known = match &self.knowledge {
            Some(knowledge) => knowledge.complete(action).await?,
            None => Default::default(),
        };
        let identity = Identity::new(&self.name, action, known.round, !known.is_context_shared);
        named.instance_id.clone_from(&action.instance_id);
        named.task_id.clone_from(&action.task_id);
        named.webhook_id.clone_from(&identity.webhook_id);
        // Before the task is looked at: an action that succeeded has closed it.
        if let Some(key) = identity.key
            && let Some(standing) = self.repeats.look(key).await?
            && let Some(answer) = self.like_the_first(key, standing).await?
        {
            return Ok(Decided::Answer(Outcome::Repeated, answer));
        }
        if known.is_card_over {
            return Ok(Decided::Answer(Outcome::Closed, Outcome::Closed.into()));
        }
        if let Some(knowledge) = &self.knowledge
            && let Some(task) = knowledge.task(action).await?
            && let Some(outcome) = objection(&task, action)
        {
            return Ok(Decided::Answer(outcome, outcome.into()));
        }
        if let Some(key) = identity.key {
            let standing = self.repeats.begin(key).await?;
            if let Some(answer) = self.like_the_first(key, standing).await? {
                return Ok(Decided::Answer(Outcome::Repeated, answer));
            }
        }
        Ok(Decided::Relay(identity))
    }

    /// The answer to an equal action, when it is not this one that begins.
    async fn like_the_first(
        &self,
        key: ActionKey,
        standing: Standing,
    ) -> Result<Option<Answer>, LedgerError> {
        Ok(match standing {
            Standing::Begun => None,
            Standing::Answered(answer) => Some(answer),
            Standing::UnderWay => Some(self.repeats.answered(key).await?.unwrap_or_else(Answer::late)),
        })
    }

    /// What the target is sent.
    fn body(&self, opened: Vec<u8>, action: Action) -> Bytes {
        match self.settings.format {
            TargetFormat::Feishu => opened.into(),
            TargetFormat::Gateway => {
                let now = Timestamp::of_clock(self.clock.unix_millis());
                let event = ApprovalActionEvent::new(&self.name, action, now);
                serde_json::to_vec(&event).unwrap_or_default().into()
            }
        }
    }

    /// Enters an action into the history of its instance, if that is known.
    async fn enter(&self, named: &Named, outcome: Outcome, answer: &Answer) {
        let (Some(knowledge), Some(instance_id), Some(task_id)) =
            (&self.knowledge, &named.instance_id, &named.task_id)
        else {
            return;
        };
        let detail = Detail {
            task_id,
            user_id: &named.user_id,
            action: &named.action,
            result: outcome.as_str(),
            message: answer.message(),
        };
        let note = HistoryNote {
            request_id: Some(named.webhook_id.clone()),
            detail: serde_json::to_string(&detail).ok(),
            ..HistoryNote::new(HistoryEvent::Action)
        };
        let key = InstanceKey::new(self.name.clone(), instance_id);
        if let Err(error) = knowledge.ledger.note(&key, note).await {
            tracing::warn!(app = %self.name, instance_id, error = %ErrorChain(&error), "an action is missing in a history");
        }
    }
}

/// What the ledger is told of an action.
enum Note {
    Nothing,
    /// Its instance's history has it; and how it was answered, where a repeated one is to be recognised.
    History(Option<ActionKey>),
}

/// What comes next for an action.
enum Decided {
    Relay(Identity),
    Answer(Outcome, Answer),
}

/// What speaks against an action on this task.
fn objection(task: &KnownTask, action: &Action) -> Option<Outcome> {
    if !task.is_open {
        return Some(Outcome::Closed);
    }
    let is_somebody_else = task.assignee.as_ref().is_some_and(|assignee| *assignee != action.user_id);
    is_somebody_else.then_some(Outcome::NotAssignee)
}

impl Handled {
    /// An answer to a callback of which nothing more is to be said.
    pub(super) fn unnamed(outcome: Outcome) -> Self {
        Self { outcome, answer: outcome.into(), action: None, cause: None }
    }
}
