//! Decides why a person sees an instance or does not: a pure function of what is known.

use std::collections::BTreeSet;

use super::definition::DefinitionFacts;
use super::people::{Approver, People};
use super::person::{Match, PersonId};
use super::reason::{Effect, Finding, InboxList, ReasonCode, Sight};
use crate::delivery::durable::DOES_NOT_STICK;
use crate::domain::{DeliveryState, FoundTaskStatus, InstanceStatus, Known};
use crate::feishu::wire::InstanceStatusNode;
use crate::feishu::{StaleInstance, VersionState};

/// What is known of an instance.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts<'a> {
    pub(super) delivery: Option<DeliveryFacts>,
    /// Those of the kept document.
    pub(super) people: Option<&'a People>,
    /// What Feishu lists of it.
    pub(super) listed: Listed<'a>,
    /// What Feishu's check says about what was delivered.
    pub(super) checked: Checked<'a>,
    pub(super) definition: Option<&'a DefinitionFacts>,
}

/// How the delivery of the kept document stands.
#[derive(Debug, Clone)]
pub(super) struct DeliveryFacts {
    pub(super) state: DeliveryState,
    /// The status that the document names.
    pub(super) status: InstanceStatus,
    /// Whether Feishu ever took a revision.
    pub(super) was_sent: bool,
    /// Whether Feishu has not taken the newest one.
    pub(super) is_unsent: bool,
    /// The code of what went wrong last, or holds up the app.
    pub(super) problem: Option<String>,
}

/// What Feishu lists of the instance.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Listed<'a> {
    /// It could not be asked.
    #[default]
    NotAsked,
    /// It does not have it.
    Absent,
    /// It has it.
    Found(&'a InstanceStatusNode),
}

/// What Feishu's check says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Checked<'a> {
    /// There was nothing to ask about.
    #[default]
    NothingToAsk,
    /// It could not be asked.
    NotAsked,
    /// All versions agree.
    Agrees,
    /// Some differ.
    Differs(&'a StaleInstance),
}

/// Why a person sees an instance, or does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether the person sees it.
    pub sight: Sight,
    /// Where, or where it may be; empty when it is nowhere.
    pub lists: Vec<InboxList>,
    /// The reasons, those to act on first.
    pub findings: Vec<Finding>,
}

/// Decides it.
pub(super) fn explain(person: &PersonId, facts: &Facts<'_>) -> Explanation {
    let mut decision = Decision { person, facts, findings: Vec::new(), places: Vec::new() };
    let whole = decision.presence().min(decision.status());
    let concerns = decision.people();
    if concerns != Sight::No {
        decision.definition();
    }
    let Decision { mut findings, places, .. } = decision;
    findings.sort_by_key(|finding| finding.effect);
    let best = places.iter().map(|(_, sight)| *sight).max();
    let sight = whole.min(best.unwrap_or(concerns));
    let seen: BTreeSet<_> =
        places.into_iter().filter(|(_, sight)| *sight != Sight::No).map(|(list, _)| list).collect();
    let lists = if sight == Sight::No { Vec::new() } else { seen.into_iter().collect() };
    Explanation { sight, lists, findings }
}

struct Decision<'a> {
    person: &'a PersonId,
    facts: &'a Facts<'a>,
    findings: Vec<Finding>,
    /// The lists in which the person belongs, and whether they see it there.
    places: Vec<(InboxList, Sight)>,
}

impl Decision<'_> {
    fn add(&mut self, code: ReasonCode, effect: Effect) -> &mut Finding {
        self.findings.push(Finding::new(code, effect));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Whether Feishu has the instance, and how what it has stands to what is kept.
    fn presence(&mut self) -> Sight {
        let Facts { delivery, listed, checked, .. } = self.facts;
        let checked_state = match checked {
            Checked::Differs(stale) => Some(stale.state),
            Checked::Agrees => Some(VersionState::Current),
            Checked::NotAsked | Checked::NothingToAsk => None,
        };
        let is_missing = checked_state.map(|state| state == VersionState::Missing);
        let has = match (listed, is_missing) {
            (Listed::Found(_), Some(true)) | (Listed::Absent, Some(false)) => {
                self.add(ReasonCode::FeishuContradictsItself, Effect::MayHide);
                Sight::Unknown
            }
            (Listed::Found(_), _) => Sight::Yes,
            (Listed::Absent, _) | (Listed::NotAsked, Some(true)) => Sight::No,
            (Listed::NotAsked, _) => Sight::Unknown,
        };
        if matches!(listed, Listed::NotAsked) || matches!(checked, Checked::NotAsked) {
            self.add(ReasonCode::FeishuNotAsked, Effect::MayHide);
        }
        match delivery {
            None if has == Sight::No => drop(self.add(ReasonCode::UnknownInstance, Effect::Hides)),
            None => {}
            Some(delivery) => self.delivery(delivery, has),
        }
        match checked_state {
            Some(VersionState::Behind) => drop(self.add(ReasonCode::DriftBehind, Effect::MayHide)),
            Some(VersionState::Ahead) => drop(self.add(ReasonCode::DriftAhead, Effect::MayHide)),
            _ => {}
        }
        // What was never delivered is seen by nobody, whether Feishu could be asked or not.
        match delivery {
            Some(delivery) if !delivery.was_sent && has == Sight::Unknown => Sight::No,
            _ => has,
        }
    }

    /// How far the delivery has come.
    fn delivery(&mut self, delivery: &DeliveryFacts, has: Sight) {
        let DeliveryFacts { state, was_sent, is_unsent, problem, .. } = delivery;
        let hides_unless_there = if has == Sight::Yes { Effect::MayHide } else { Effect::Hides };
        let (code, effect) = match state {
            DeliveryState::Pending if !was_sent && has != Sight::Yes => {
                (ReasonCode::NotDelivered, Effect::Hides)
            }
            DeliveryState::Pending if *is_unsent => (ReasonCode::NewerRevisionWaits, Effect::MayHide),
            DeliveryState::Pending => (ReasonCode::RepairWaits, hides_unless_there),
            DeliveryState::Refused => (ReasonCode::Refused, hides_unless_there),
            DeliveryState::Conflict => (ReasonCode::Conflict, Effect::MayHide),
            DeliveryState::Delivered | DeliveryState::Confirmed => {
                if has == Sight::No {
                    self.add(ReasonCode::DriftMissing, Effect::Hides);
                }
                return;
            }
        };
        self.add(code, effect).problem.clone_from(problem);
        if problem.as_deref() == Some(DOES_NOT_STICK) {
            self.add(ReasonCode::CollidingId, Effect::MayHide);
        }
        if *was_sent && has == Sight::No && *state != DeliveryState::Refused {
            self.add(ReasonCode::DriftMissing, Effect::Hides);
        }
    }

    /// What the status of the instance does.
    fn status(&mut self) -> Sight {
        let listed = match self.facts.listed {
            Listed::Found(node) => node.status.word::<InstanceStatus>(),
            Listed::Absent | Listed::NotAsked => None,
        };
        match listed.or(self.facts.delivery.as_ref().map(|delivery| Known::Word(delivery.status))) {
            Some(Known::Word(InstanceStatus::Hidden)) => {
                self.add(ReasonCode::InstanceHidden, Effect::Hides);
                Sight::No
            }
            Some(Known::Word(InstanceStatus::Deleted)) => {
                self.add(ReasonCode::InstanceDeleted, Effect::Hides);
                Sight::No
            }
            Some(Known::Word(InstanceStatus::Canceled)) => {
                self.add(ReasonCode::InstanceWithdrawn, Effect::MayHide);
                Sight::Yes
            }
            Some(Known::Other(_)) => {
                self.add(ReasonCode::UnknownStatus, Effect::MayHide);
                Sight::Unknown
            }
            Some(Known::Word(_)) | None => Sight::Yes,
        }
    }

    /// In which lists the person belongs. Says whether the document names them at all.
    fn people(&mut self) -> Sight {
        let facts = self.facts;
        let Some(people) = facts.people else {
            if facts.delivery.is_some() || !matches!(facts.listed, Listed::Absent) {
                self.add(ReasonCode::PersonsUnknown, Effect::MayHide);
            }
            return Sight::Unknown;
        };
        let mut matches = Vec::new();
        if let Some(applicant) = &people.applicant {
            let found = self.person.compare(applicant);
            matches.push(found);
            self.applicant(found);
        }
        for (index, approver) in people.approvers.iter().enumerate() {
            let found = self.person.compare(&approver.named);
            matches.push(found);
            self.approver(index, approver, found);
        }
        for (index, reader) in people.readers.iter().enumerate() {
            let found = self.person.compare(&reader.named);
            matches.push(found);
            self.reader(index, &reader.cc_id, found);
        }
        let asked_wrongly = self.person.looks_wrong()
            && !matches.iter().any(|found| matches!(found, Match::WrittenInWrongField(_)));
        if asked_wrongly {
            self.add(ReasonCode::WrongKindOfId, Effect::MayHide);
        }
        let is_named = |found: &Match| !matches!(found, Match::Other | Match::Unknown | Match::NotFound);
        if matches.iter().any(is_named) {
            return Sight::Yes;
        }
        let unclear =
            [(Match::Unknown, ReasonCode::OtherKindOfId), (Match::NotFound, ReasonCode::PersonsUnknown)];
        let unclear: Vec<_> = unclear.into_iter().filter(|(found, _)| matches.contains(found)).collect();
        if unclear.is_empty() && !asked_wrongly {
            self.add(ReasonCode::OtherPerson, Effect::Hides);
            return Sight::No;
        }
        for (_, code) in unclear {
            self.add(code, Effect::MayHide);
        }
        Sight::Unknown
    }

    /// Adds a place, unless the person is somebody else. A person who is named by the wrong kind of id is nobody to Feishu.
    fn place(&mut self, list: InboxList, found: Match, at: &str, sight: Sight) -> bool {
        match found {
            Match::Other | Match::Unknown | Match::NotFound => false,
            Match::Same | Match::AskedByOtherKind => {
                self.places.push((list, sight));
                true
            }
            Match::WrittenInWrongField(field) => {
                self.places.push((list, Sight::No));
                let finding = self.add(ReasonCode::WrongKindOfId, Effect::Hides);
                finding.list = Some(list);
                finding.pointer = Some(format!("{at}{field}"));
                false
            }
        }
    }

    fn applicant(&mut self, found: Match) {
        let list = InboxList::Initiated;
        let collides = self.own_id().is_some_and(|id| !self.listed_tasks(id).is_empty());
        let sight = if collides { Sight::No } else { self.newest() };
        if self.place(list, found, "/applicant_", sight) {
            let (code, effect) = if collides {
                (ReasonCode::CollidingId, Effect::Hides)
            } else {
                (ReasonCode::Applicant, Effect::Shows)
            };
            self.add(code, effect).list = Some(list);
        }
    }

    fn reader(&mut self, index: usize, cc_id: &str, found: Match) {
        let list = InboxList::Cc;
        let collides = !self.listed_tasks(cc_id).is_empty();
        let sight = if collides { Sight::No } else { self.newest() };
        if self.place(list, found, &format!("/cc/{index}/"), sight) {
            let (code, effect) = if collides {
                (ReasonCode::CollidingId, Effect::Hides)
            } else {
                (ReasonCode::Copied, Effect::Shows)
            };
            let finding = self.add(code, effect);
            (finding.list, finding.cc_id) = (Some(list), Some(cc_id.to_owned()));
        }
    }

    fn approver(&mut self, index: usize, approver: &Approver, found: Match) {
        let Approver { task_id, status, .. } = approver;
        let is_listed = matches!(self.facts.listed, Listed::Found(_));
        let statuses = self.listed_tasks(task_id);
        let collides = statuses.len() > 1 || self.own_id() == Some(task_id);
        // Feishu's word counts; the document's is what it will be.
        let status = match (is_listed, statuses.into_iter().next()) {
            (true, listed) => listed,
            (false, _) => status.map(Known::Word),
        };
        let list = match &status {
            Some(Known::Word(FoundTaskStatus::Pending)) => InboxList::Todo,
            _ => InboxList::Done,
        };
        let (code, effect, sight) = if collides {
            (ReasonCode::CollidingId, Effect::Hides, Sight::No)
        } else {
            match status {
                None if self.is_newest_unsent() => (ReasonCode::NewerRevisionWaits, Effect::Hides, Sight::No),
                None => (ReasonCode::DriftMissing, Effect::Hides, Sight::No),
                Some(Known::Word(FoundTaskStatus::Pending)) => {
                    (ReasonCode::TaskPending, Effect::Shows, Sight::Yes)
                }
                Some(Known::Word(FoundTaskStatus::Done)) => (ReasonCode::TaskDone, Effect::Hides, Sight::No),
                Some(Known::Word(
                    FoundTaskStatus::Approved | FoundTaskStatus::Rejected | FoundTaskStatus::Transferred,
                )) => (ReasonCode::TaskClosed, Effect::Shows, Sight::Yes),
                Some(_) => (ReasonCode::UnknownStatus, Effect::MayHide, Sight::Unknown),
            }
        };
        if !self.place(list, found, &format!("/tasks/{index}/"), sight) {
            return;
        }
        let about = |finding: &mut Finding| {
            finding.list = Some(list);
            finding.task_id = Some(task_id.clone());
        };
        about(self.add(code, effect));
        if let Checked::Differs(stale) = self.facts.checked
            && let Some(task) = stale.tasks.iter().find(|task| task.task_id == *task_id)
        {
            match task.state {
                VersionState::Behind => about(self.add(ReasonCode::DriftBehind, Effect::MayHide)),
                VersionState::Ahead => about(self.add(ReasonCode::DriftAhead, Effect::MayHide)),
                VersionState::Missing | VersionState::Current => {}
            }
        }
    }

    /// The statuses of the tasks that Feishu lists with this id.
    fn listed_tasks(&self, task_id: &str) -> Vec<Known<FoundTaskStatus>> {
        let Listed::Found(node) = self.facts.listed else { return Vec::new() };
        let named = node.tasks.iter().filter(|task| task.id.0.as_deref() == Some(task_id));
        let unreadable = || Known::Other(String::new());
        named.map(|task| task.status.word().unwrap_or_else(unreadable)).collect()
    }

    /// The id of the instance that Feishu lists.
    fn own_id(&self) -> Option<&str> {
        match self.facts.listed {
            Listed::Found(node) => node.instance_id.0.as_deref(),
            Listed::Absent | Listed::NotAsked => None,
        }
    }

    fn is_newest_unsent(&self) -> bool {
        self.facts.delivery.as_ref().is_some_and(|delivery| delivery.is_unsent)
    }

    /// What only the newest revision shows, and Feishu does not list, is seen when that one was delivered.
    fn newest(&self) -> Sight {
        if self.is_newest_unsent() { Sight::Unknown } else { Sight::Yes }
    }

    /// What the definition may do to it.
    fn definition(&mut self) {
        let Some(definition) = self.facts.definition else { return };
        if definition.leaves_out(self.person) {
            self.add(ReasonCode::NotAmongViewers, Effect::MayHide);
        }
        if !definition.on_pc {
            self.add(ReasonCode::NotOnPc, Effect::MayHide);
        }
        if !definition.on_mobile {
            self.add(ReasonCode::NotOnMobile, Effect::MayHide);
        }
    }
}
