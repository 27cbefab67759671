//! Gathers what is known of an instance, and has it explained.

use super::definition::kept_definition;
use super::explain::{Checked, DeliveryFacts, Explanation, Facts, Listed, explain};
use super::people::People;
use super::person::PersonId;
use crate::delivery::durable::{DurableDelivery, Hold, kept_warnings};
use crate::delivery::verification::sent_versions;
use crate::document::{Rules, read_instance};
use crate::domain::{DeliveryState, KnownVersions, Warnings};
use crate::feishu::wire::InstanceStatusNode;
use crate::feishu::{CallContext, CallReport, Called, FeishuClient, ListError};
use crate::ledger::{DeliveryRecord, Kept, LedgerError};

/// What was found out about an instance and a person.
#[derive(Debug)]
pub struct Looked {
    /// Why the person sees it or does not.
    pub explanation: Explanation,
    /// How its delivery stands; none without a ledger, or when nothing of it is kept.
    pub delivery: Option<DeliveryRecord>,
    /// What its writer should look at.
    pub warnings: Warnings,
    /// What Feishu lists of it.
    pub listed: Option<InstanceStatusNode>,
    /// Why Feishu could not be asked, when it could not.
    pub failure: Option<ListError>,
    /// What asking took.
    pub report: CallReport,
}

/// Why nothing could be found out.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The ledger failed.
    #[error("the ledger failed")]
    Ledger(#[source] LedgerError),
    /// The ledger did not answer in time.
    #[error("the ledger did not answer in time")]
    LedgerLate,
    /// Feishu could not be asked, and nothing else is known.
    #[error("Feishu could not be asked")]
    Feishu(#[source] ListError),
}

/// Finds out why a person sees an instance or does not. `durable` is where documents are kept, if they are.
///
/// # Errors
/// When the ledger fails, or when Feishu cannot be asked about an instance of which nothing is kept.
pub async fn look(
    feishu: &FeishuClient,
    durable: Option<&DurableDelivery>,
    rules: Rules,
    instance_id: &str,
    person: &PersonId,
    context: &CallContext,
) -> Result<Looked, LookError> {
    let kept = async {
        match durable {
            Some(durable) => Remembered::of(durable, instance_id, rules).await,
            None => Ok(None),
        }
    };
    let kept = in_time(context, kept).await?;
    let versions = kept.as_ref().and_then(Remembered::versions_to_check);
    let checking = async {
        match versions {
            Some(versions) => Some(feishu.check_instances(std::slice::from_ref(versions), context).await),
            None => None,
        }
    };
    let (listed, checked) = tokio::join!(feishu.get_instance(instance_id, context), checking);
    let mut asked = Asked::default();
    let listed = asked.note(listed);
    let checked = checked.map(|checked| asked.note(checked.map_err(ListError::Call)));
    if let (None, Some(failure)) = (&kept, asked.failure.take_if(|_| kept.is_none())) {
        return Err(LookError::Feishu(failure));
    }
    let approval_code = match (&kept, &listed) {
        (Some(kept), _) => Some(kept.record.approval_code.as_str()),
        (None, Some(Some(node))) => node.approval_code.0.as_deref(),
        (None, _) => None,
    };
    let definition = match (durable, approval_code) {
        (Some(durable), Some(code)) => {
            in_time(context, kept_definition(&**durable.ledger(), durable.app(), code)).await?
        }
        _ => None,
    };
    let hold = durable.and_then(DurableDelivery::hold);
    let facts = Facts {
        delivery: kept.as_ref().and_then(|kept| kept.facts(hold.as_deref())),
        people: kept.as_ref().and_then(|kept| kept.people.as_ref()),
        listed: match &listed {
            None => Listed::NotAsked,
            Some(None) => Listed::Absent,
            Some(Some(node)) => Listed::Found(node),
        },
        checked: match &checked {
            None => Checked::NothingToAsk,
            Some(None) => Checked::NotAsked,
            Some(Some(stale)) => stale.first().map_or(Checked::Agrees, Checked::Differs),
        },
        definition: definition.as_ref(),
    };
    let explanation = explain(person, &facts);
    let (delivery, warnings) = kept.map_or_else(Default::default, |kept| (Some(kept.record), kept.warnings));
    let Asked { failure, report } = asked;
    Ok(Looked { explanation, delivery, warnings, listed: listed.flatten(), failure, report })
}

/// Asks the ledger, in the time that the request has.
async fn in_time<T>(
    context: &CallContext,
    asking: impl Future<Output = Result<T, LedgerError>>,
) -> Result<T, LookError> {
    match tokio::time::timeout_at(context.deadline.instant(), asking).await {
        Ok(answer) => answer.map_err(LookError::Ledger),
        Err(_) => Err(LookError::LedgerLate),
    }
}

/// What asking Feishu took, and why it was in vain.
#[derive(Default)]
struct Asked {
    failure: Option<ListError>,
    report: CallReport,
}

impl Asked {
    /// The answer, if there is one.
    fn note<T>(&mut self, answer: Result<Called<T>, ListError>) -> Option<T> {
        match answer {
            Ok(called) => {
                self.report = std::mem::take(&mut self.report).then(called.report);
                Some(called.data)
            }
            Err(failure) => {
                self.failure.get_or_insert(failure);
                None
            }
        }
    }
}

/// What the ledger knows of the instance.
struct Remembered {
    record: DeliveryRecord,
    /// None when the document is not kept any more, or cannot be read.
    people: Option<People>,
    versions: Option<KnownVersions>,
    warnings: Warnings,
}

impl Remembered {
    async fn of(
        durable: &DurableDelivery,
        instance_id: &str,
        rules: Rules,
    ) -> Result<Option<Self>, LedgerError> {
        let key = durable.key(instance_id);
        let Some(Kept { record, body }) = durable.ledger().document(&key).await? else {
            let record = durable.ledger().delivery(&key).await?;
            return Ok(record.map(Self::without_document));
        };
        let json = body.json()?;
        let Ok(mut instance) = read_instance(&json, Some(instance_id), record.mode, rules) else {
            return Ok(Some(Self::without_document(record)));
        };
        record.resolve_people(&mut instance);
        Ok(Some(Self {
            people: Some(People::of(&instance)),
            versions: Some(sent_versions(&instance, record.version)),
            warnings: kept_warnings(&record, &instance),
            record,
        }))
    }

    fn without_document(record: DeliveryRecord) -> Self {
        Self { record, people: None, versions: None, warnings: Warnings::default() }
    }

    /// The versions that Feishu should have; none while something newer waits.
    fn versions_to_check(&self) -> Option<&KnownVersions> {
        let is_delivered = self.record.state != Some(DeliveryState::Pending) && !self.record.is_unsent();
        self.versions.as_ref().filter(|_| is_delivered)
    }

    /// How the delivery stands, when the app pushes or is on hold.
    fn facts(&self, hold: Option<&Hold>) -> Option<DeliveryFacts> {
        let record = &self.record;
        let state = record.state?;
        let held = hold.filter(|_| state == DeliveryState::Pending).map(|hold| &hold.problem);
        Some(DeliveryFacts {
            state,
            status: record.status,
            was_sent: record.sent.is_some(),
            is_unsent: record.is_unsent(),
            problem: record.problem.as_ref().or(held).map(|problem| problem.code().to_owned()),
        })
    }
}
