//! One attempt to send a card, or to change one: read the kept document, send it, write down what became of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::message::card_message;
use crate::delivery::durable::failed_push::{NextStep, counted, is_in_doubt, next_step};
use crate::delivery::durable::schedule;
use crate::delivery::durable::shared::Shared;
use crate::delivery::durable::trouble::Trouble;
use crate::document::read_instance;
use crate::domain::{
    ApprovalTask, CardStatus, Locale, MessageStatus, MessageUpdate, Translations, Word as _,
};
use crate::feishu::translate::{message_payload, message_update_payload};
use crate::feishu::{CallContext, CallError, Called};
use crate::ledger::{
    CardPerson, CardRecord, CardResult, CardState, DeliveryState, LedgerError, StoredProblem,
};
use crate::support::deadline::Deadline;
use crate::support::hash_parts::hash_parts;

/// Time for one attempt with its quick retries; what takes longer is tried again later.
const LIMIT: Duration = Duration::from_secs(10);

/// Pause before a card is looked at again whose task is closed in a document that Feishu does not have yet, and before any
/// is after a result was lost.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// How often a card is tried that Feishu refuses although somebody may have it: for more than the hour in which Feishu knows
/// the first attempt.
const TRIES_IN_DOUBT: u32 = 20;

/// Pause of all cards when the ledger cannot be asked about one.
const LEDGER_PAUSE: Duration = Duration::from_secs(1);

/// What an attempt tells of all cards of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing.
    Nothing,
    /// Feishu takes messages.
    Works,
    /// Nothing is sent for so long: it is the app's trouble.
    Pause(Duration),
}

/// What is to be done about a card.
enum Plan {
    /// This is sent.
    Send(Bytes),
    /// Nothing can be sent any more.
    GiveUp(StoredProblem),
    /// Nothing for a while: what is to follow may make it needless.
    Wait,
}

/// Sends a card, or changes it, if that is still to be done.
pub(super) async fn attempt(
    shared: Arc<Shared>,
    reading: Arc<tokio::sync::Semaphore>,
    card: CardRecord,
) -> Told {
    // Another replica takes the lease only when this is over.
    let Some(_work) = shared.tenure.begin() else { return Told::Nothing };
    let plan = match plan(&shared, &reading, &card).await {
        Ok(plan) => plan,
        Err(error) => {
            tracing::error!(app = %shared.app, error = &error as &dyn std::error::Error, "the ledger could not be read");
            return Told::Pause(LEDGER_PAUSE);
        }
    };
    let payload = match plan {
        Plan::Send(payload) => payload,
        Plan::GiveUp(problem) => {
            return give_up(&shared, &card, problem, None).await;
        }
        Plan::Wait => {
            let postponed = CardResult::Postponed { at: shared.later(LOOK_AGAIN) };
            return write(&shared, &card, postponed, Told::Nothing).await;
        }
    };
    let key = shared.key(&card.instance_id);
    let begun = match shared.ledger.begin_card(&key, card.number, card.attempts).await {
        Ok(Some(begun)) => begun,
        Ok(None) => return Told::Nothing,
        Err(error) => {
            tracing::error!(app = %shared.app, error = &error as &dyn std::error::Error, "the ledger could not be written");
            return Told::Pause(LEDGER_PAUSE);
        }
    };
    let context = CallContext::own(Deadline::after(LIMIT));
    let called = match card.state {
        CardState::Closing => {
            let message_id = card.message_id.clone().unwrap_or_default();
            let updated = shared.feishu.update_message(payload, &context).await;
            updated.map(|Called { data: (), log_id, report }| Called { data: message_id, log_id, report })
        }
        _ => shared.feishu.send_message(payload, &context).await,
    };
    match called {
        Ok(called) => take(&shared, &begun, called).await,
        Err(error) => fail(&shared, &begun, &error).await,
    }
}

async fn plan(
    shared: &Shared,
    reading: &tokio::sync::Semaphore,
    card: &CardRecord,
) -> Result<Plan, LedgerError> {
    if card.state == CardState::Closing {
        return Ok(change(shared, card));
    }
    // A document that was read takes several times its bytes: one at a time.
    let _turn = reading.acquire().await;
    let key = shared.key(&card.instance_id);
    let Some(kept) = shared.ledger.document(&key).await? else {
        return Ok(Plan::GiveUp(nothing_to_say("the document is not kept any more")));
    };
    let json = match kept.body.json() {
        Ok(json) => json,
        Err(error) => return Ok(Plan::GiveUp((shared.describe)(&Trouble::Ledger(error)))),
    };
    let mut instance = match read_instance(&json, Some(&card.instance_id), kept.record.mode, shared.rules) {
        Ok(instance) => instance,
        Err(rejection) => return Ok(Plan::GiveUp((shared.describe)(&Trouble::Unreadable(rejection)))),
    };
    kept.record.resolve_people(&mut instance);
    let is_it = |task: &&ApprovalTask<'_>| task.task_id.as_str() == card.task_id;
    let task = instance.tasks.iter().flatten().find(is_it);
    let is_open = task.is_some_and(|task| task.status.ending(instance.status).is_none());
    // Of one that is refused, nothing follows: what it is about is as it was.
    let is_refused = matches!(kept.record.state, Some(DeliveryState::Refused | DeliveryState::Conflict))
        && kept.record.is_unsent();
    if card.status.is_none() && !is_open && !is_refused {
        return Ok(Plan::Wait);
    }
    // A card that is changed at once needs no buttons.
    let callback = shared.callback.as_ref().filter(|_| card.status.is_none());
    let message = match card_message(&instance, task, &card.person, callback) {
        Ok(message) => message,
        Err(why) => return Ok(Plan::GiveUp(nothing_to_say(why))),
    };
    Ok(match message_payload(&message, &uuid(shared, card)) {
        Ok(payload) => Plan::Send(payload),
        Err(oversized) => Plan::GiveUp((shared.describe)(&Trouble::Oversized(oversized))),
    })
}

/// The change that says how the task ended.
fn change(shared: &Shared, card: &CardRecord) -> Plan {
    let (Some(message_id), Some(status)) = (&card.message_id, card.status) else {
        return Plan::GiveUp(nothing_to_say("nothing is known of the message"));
    };
    let update = MessageUpdate {
        status: CardStatus::Word(status),
        locale: Locale::ZH_CN,
        translations: Translations::default(),
    };
    match message_update_payload(&update, message_id) {
        Ok(payload) => Plan::Send(payload),
        Err(oversized) => Plan::GiveUp((shared.describe)(&Trouble::Oversized(oversized))),
    }
}

/// Why a card is given up before anything was sent.
fn nothing_to_say(detail: &str) -> StoredProblem {
    const CODE: &str = "document_not_found";
    StoredProblem::new(CODE, serde_json::json!({ "code": CODE, "detail": detail }).to_string())
}

/// Equal for a card that is sent again, so that Feishu delivers it once.
fn uuid(shared: &Shared, card: &CardRecord) -> String {
    let CardPerson { user_id, open_id } = &card.person;
    let person = user_id.as_deref().or(open_id.as_deref()).unwrap_or_default();
    let round = card.round.to_string();
    let hash = hash_parts("card", [shared.app.as_str(), &card.instance_id, &card.task_id, person, &round]);
    hex::encode(&hash[..16])
}

/// Feishu took it.
async fn take(shared: &Shared, card: &CardRecord, called: Called<String>) -> Told {
    let Called { data: message_id, log_id, report } = called;
    let outcome = if card.state == CardState::Closing { "updated" } else { "sent" };
    shared.metrics.card_tried(outcome);
    tracing::debug!(
        app = %shared.app,
        instance_id = card.instance_id,
        task_id = card.task_id,
        status = card.status.map(MessageStatus::as_str),
        attempts = report.attempts,
        log_id,
        "card {outcome}"
    );
    write(shared, card, CardResult::Taken { message_id, log_id }, Told::Works).await
}

/// Feishu did not take it, or nobody knows.
async fn fail(shared: &Shared, card: &CardRecord, error: &CallError) -> Told {
    let trouble = Trouble::Call(error.clone());
    let step = next_step(error, card.attempts, card.problem.as_ref());
    let problem = counted((shared.describe)(&trouble), error, card.problem.as_ref());
    let log_id = error.report.log_id.clone();
    let (pause, told) = match step {
        // Somebody may have it from an earlier attempt; while Feishu knows that one, it may answer with its message.
        NextStep::Refuse if card.doubts > 1 && card.attempts < TRIES_IN_DOUBT => {
            (schedule::transient(card.attempts), Told::Works)
        }
        NextStep::Refuse => {
            return give_up(shared, card, problem, Some(error)).await;
        }
        NextStep::Hold(app) => (app.pause, Told::Pause(app.pause)),
        NextStep::Retry(pause) => (pause, Told::Nothing),
    };
    shared.metrics.card_tried("failed");
    tracing::warn!(
        app = %shared.app,
        attempt = card.attempts,
        problem = problem.code(),
        retry_in_s = pause.as_secs(),
        log_id,
        "a card could not be sent"
    );
    let at = shared.later(pause);
    write(shared, card, CardResult::Failed { at, problem, is_in_doubt: is_in_doubt(error) }, told).await
}

/// Ends a card that cannot be sent; `refusal` is what Feishu said to this attempt, if one was made.
async fn give_up(
    shared: &Shared,
    card: &CardRecord,
    problem: StoredProblem,
    refusal: Option<&CallError>,
) -> Told {
    let log_id = refusal.and_then(|error| error.report.log_id.clone());
    shared.metrics.card_tried("given_up");
    tracing::warn!(app = %shared.app, problem = problem.code(), log_id, "a card was given up");
    // Whoever refuses a card has looked at its content.
    let told = if refusal.is_some() { Told::Works } else { Told::Nothing };
    write(shared, card, CardResult::GivenUp { was_tried: refusal.is_some(), problem, log_id }, told).await
}

/// Writes a result. One that is lost repeats the attempt, which Feishu recognises; but not at once, for the next one may be
/// lost, too. Gives what the attempt tells then.
async fn write(shared: &Shared, card: &CardRecord, result: CardResult, told: Told) -> Told {
    let key = shared.key(&card.instance_id);
    let report = |result| shared.ledger.report_card(&key, card.number, card.attempts, result);
    if shared.until_written(|| report(result.clone())).await.is_some() {
        return told;
    }
    // What this result cannot be written of, need not hold up the others.
    let postponed = CardResult::Postponed { at: shared.later(LOOK_AGAIN) };
    if shared.stop.is_cancelled() || report(postponed).await.is_ok() { told } else { Told::Pause(LOOK_AGAIN) }
}
