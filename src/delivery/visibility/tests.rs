//! Every reason, decided from what is known alone.

use test_case::test_case;

use super::definition::DefinitionFacts;
use super::explain::{Checked, DeliveryFacts, Explanation, Facts, Listed, explain};
use super::people::{Approver, People, Reader};
use super::person::{Named, PersonId};
use super::reason::InboxList;
use crate::delivery::durable::DOES_NOT_STICK;
use crate::domain::{DeliveryState, FoundTaskStatus, InstanceStatus, UserIdType, ViewerScope, Word as _};
use crate::feishu::wire::{InstanceStatusNode, Loose, TaskStatusNode};
use crate::feishu::{StaleInstance, StaleTask, VersionState};

/// The status of an instance, and ids and statuses of its tasks.
type Listing = (&'static str, Vec<(&'static str, &'static str)>);

/// Everything is as it should be: Li Si has a pending task of Zhang San's approval, Wang Wu a copy.
struct World {
    delivery: Option<DeliveryFacts>,
    people: Option<People>,
    /// What Feishu lists: nothing could be asked, it has nothing, or this.
    listed: Option<Option<Listing>>,
    checked: Option<Option<StaleInstance>>,
    definition: Option<DefinitionFacts>,
}

fn user(id: &str) -> Named {
    Named { user_id: Some(id.to_owned()), open_id: None }
}

fn usual() -> World {
    let task = |id: &str, person: &str| Approver {
        task_id: id.to_owned(),
        named: user(person),
        status: Some(FoundTaskStatus::Pending),
    };
    World {
        delivery: Some(DeliveryFacts {
            state: DeliveryState::Confirmed,
            status: InstanceStatus::Pending,
            was_sent: true,
            is_unsent: false,
            problem: None,
        }),
        people: Some(People {
            applicant: Some(user("zhangsan")),
            approvers: vec![task("t1", "lisi")],
            readers: vec![Reader { cc_id: "c1".to_owned(), named: user("wangwu") }],
        }),
        listed: Some(Some(("PENDING", vec![("t1", "PENDING")]))),
        checked: Some(None),
        definition: None,
    }
}

impl World {
    fn explain(&self, person: &PersonId) -> Explanation {
        let loose = |text: &str| Loose(Some(text.to_owned()));
        let node = self.listed.clone().flatten().map(|(status, tasks)| InstanceStatusNode {
            instance_id: loose("a"),
            status: loose(status),
            tasks: tasks
                .into_iter()
                .map(|(id, status)| TaskStatusNode {
                    id: loose(id),
                    status: loose(status),
                    ..Default::default()
                })
                .collect(),
            ..Default::default()
        });
        let facts = Facts {
            delivery: self.delivery.clone(),
            people: self.people.as_ref(),
            listed: match (&self.listed, &node) {
                (None, _) => Listed::NotAsked,
                (Some(_), None) => Listed::Absent,
                (Some(_), Some(node)) => Listed::Found(node),
            },
            checked: match &self.checked {
                None => Checked::NothingToAsk,
                Some(None) => Checked::Agrees,
                Some(Some(stale)) => Checked::Differs(stale),
            },
            definition: self.definition.as_ref(),
        };
        explain(person, &facts)
    }

    /// Whether they see it, where, and the reasons with their effects, on one line.
    fn line(&self, person: &PersonId) -> String {
        let Explanation { sight, lists, findings } = self.explain(person);
        let lists: Vec<_> = lists.into_iter().map(InboxList::as_str).collect();
        let reasons: Vec<_> = findings
            .iter()
            .map(|finding| format!("{} {}", finding.code.as_str(), finding.effect.as_str()))
            .collect();
        format!("{} [{}] {}", sight.as_str(), lists.join(" "), reasons.join(", "))
    }

    fn of_lisi(&self) -> String {
        self.line(&PersonId::UserId("lisi".to_owned()))
    }
}

#[test_case("lisi" => "yes [todo] task_pending shows"; "approver")]
#[test_case("zhangsan" => "yes [initiated] applicant shows"; "applicant")]
#[test_case("wangwu" => "yes [cc] copied shows"; "reader")]
#[test_case("zhaoliu" => "no [] other_person hides"; "somebody else")]
fn where_all_is_well_the_role_decides(person: &str) -> String {
    usual().line(&PersonId::UserId(person.to_owned()))
}

#[test_case("APPROVED" => "yes [done] task_closed shows"; "approved")]
#[test_case("REJECTED" => "yes [done] task_closed shows"; "rejected")]
#[test_case("TRANSFERRED" => "yes [done] task_closed shows"; "transferred")]
#[test_case("DONE" => "no [] task_done hides"; "passed without acting")]
#[test_case("ARCHIVED" => "unknown [done] unknown_status may_hide"; "a word of the future")]
fn feishus_status_of_the_task_decides_the_list(status: &'static str) -> String {
    World { listed: Some(Some(("PENDING", vec![("t1", status)]))), ..usual() }.of_lisi()
}

#[test_case("HIDDEN" => "no [] instance_hidden hides, task_pending shows"; "hidden")]
#[test_case("DELETED" => "no [] instance_deleted hides, task_pending shows"; "deleted")]
#[test_case("CANCELED" => "yes [todo] instance_withdrawn may_hide, task_pending shows"; "withdrawn")]
#[test_case("ARCHIVED" => "unknown [todo] unknown_status may_hide, task_pending shows"; "a word of the future")]
fn the_status_of_the_instance_may_hide_everything(status: &'static str) -> String {
    World { listed: Some(Some((status, vec![("t1", "PENDING")]))), ..usual() }.of_lisi()
}

fn delivery(
    state: DeliveryState,
    was_sent: bool,
    is_unsent: bool,
    problem: Option<&str>,
) -> Option<DeliveryFacts> {
    let problem = problem.map(str::to_owned);
    Some(DeliveryFacts { state, status: InstanceStatus::Pending, was_sent, is_unsent, problem })
}

const OTHER: Option<Option<Listing>> = Some(Some(("PENDING", Vec::new())));

#[test_case(delivery(DeliveryState::Pending, false, true, None), Some(None)
    => "no [] not_delivered hides, task_pending shows"; "never delivered")]
#[test_case(delivery(DeliveryState::Pending, false, true, None), None
    => "no [] not_delivered hides, feishu_not_asked may_hide, task_pending shows"; "never delivered and Feishu away")]
#[test_case(delivery(DeliveryState::Pending, true, true, None), OTHER
    => "no [] newer_revision_waits hides, newer_revision_waits may_hide"; "only the newest has the task")]
#[test_case(delivery(DeliveryState::Pending, true, true, None), usual().listed
    => "yes [todo] newer_revision_waits may_hide, task_pending shows"; "the earlier one has the task")]
#[test_case(delivery(DeliveryState::Pending, true, false, Some("drift")), Some(None)
    => "no [] repair_waits hides, drift_missing hides, task_pending shows"; "about to be repaired")]
#[test_case(delivery(DeliveryState::Refused, false, true, Some("upstream_rejected")), Some(None)
    => "no [] refused hides, task_pending shows"; "refused")]
#[test_case(delivery(DeliveryState::Refused, true, false, Some(DOES_NOT_STICK)), Some(None)
    => "no [] refused hides, colliding_id may_hide, task_pending shows"; "does not stick")]
#[test_case(delivery(DeliveryState::Conflict, true, false, Some("conflict")), usual().listed
    => "yes [todo] conflict may_hide, task_pending shows"; "in conflict")]
#[test_case(delivery(DeliveryState::Confirmed, true, false, None), Some(None)
    => "no [] drift_missing hides, task_pending shows"; "gone from Feishu")]
#[test_case(delivery(DeliveryState::Confirmed, true, false, None), OTHER
    => "no [] drift_missing hides"; "the task is gone from Feishu")]
#[test_case(delivery(DeliveryState::Confirmed, true, false, None), None
    => "unknown [todo] feishu_not_asked may_hide, task_pending shows"; "Feishu away")]
#[test_case(None, Some(None) => "no [] unknown_instance hides, task_pending shows"; "known nowhere")]
fn the_delivery_and_feishu_are_compared(
    delivery: Option<DeliveryFacts>,
    listed: Option<Option<Listing>>,
) -> String {
    World { delivery, listed, checked: None, ..usual() }.of_lisi()
}

fn stale(state: VersionState, task: Option<VersionState>) -> StaleInstance {
    let task = task.map(|state| StaleTask { task_id: "t1".to_owned(), state, feishu_updated_at: None });
    StaleInstance {
        instance_id: "a".to_owned(),
        state,
        feishu_updated_at: None,
        tasks: task.into_iter().collect(),
    }
}

#[test_case(VersionState::Behind, None => "yes [todo] drift_behind may_hide, task_pending shows"; "behind")]
#[test_case(VersionState::Ahead, None => "yes [todo] drift_ahead may_hide, task_pending shows"; "ahead")]
#[test_case(VersionState::Current, Some(VersionState::Behind)
    => "yes [todo] drift_behind may_hide, task_pending shows"; "the task is behind")]
#[test_case(VersionState::Current, Some(VersionState::Ahead)
    => "yes [todo] drift_ahead may_hide, task_pending shows"; "the task is ahead")]
#[test_case(VersionState::Missing, None
    => "unknown [todo] feishu_contradicts_itself may_hide, task_pending shows"; "listed and missing")]
fn the_check_shows_drift(state: VersionState, task: Option<VersionState>) -> String {
    World { checked: Some(Some(stale(state, task))), ..usual() }.of_lisi()
}

#[test]
fn a_check_that_agrees_on_what_is_not_listed_is_a_contradiction() {
    let line = World { listed: Some(None), ..usual() }.of_lisi();
    assert_eq!(line, "unknown [todo] feishu_contradicts_itself may_hide, task_pending shows");
}

#[test]
fn a_check_that_finds_nothing_counts_when_the_list_could_not_be_asked() {
    let checked = Some(Some(stale(VersionState::Missing, None)));
    let line = World { listed: None, checked, ..usual() }.of_lisi();
    assert_eq!(line, "no [] drift_missing hides, feishu_not_asked may_hide, task_pending shows");
}

#[test_case(&PersonId::UserId("lisi".to_owned()), Named { user_id: None, open_id: Some("ou_1".to_owned()) }
    => ("unknown [] other_kind_of_id may_hide".to_owned(), None); "named by the other kind")]
#[test_case(&PersonId::UserId("lisi".to_owned()), Named::default()
    => ("unknown [] persons_unknown may_hide".to_owned(), None); "named by what was not looked up yet")]
#[test_case(&PersonId::UserId("ou_1".to_owned()), Named::default()
    => ("unknown [] wrong_kind_of_id may_hide, persons_unknown may_hide".to_owned(), None); "the same, and wrong in the question")]
#[test_case(&PersonId::OpenId("ou_1".to_owned()), user("ou_1")
    => ("no [] wrong_kind_of_id hides".to_owned(), Some("/tasks/0/user_id".to_owned())); "open id in the field of user ids")]
#[test_case(&PersonId::UserId("ou_1".to_owned()), user("ou_1")
    => ("no [] wrong_kind_of_id hides".to_owned(), Some("/tasks/0/user_id".to_owned())); "wrong in document and question")]
#[test_case(&PersonId::UserId("ou_1".to_owned()), user("lisi")
    => ("unknown [] wrong_kind_of_id may_hide".to_owned(), None); "wrong in the question")]
#[test_case(&PersonId::UserId("ou_1".to_owned()), Named { user_id: None, open_id: Some("ou_1".to_owned()) }
    => ("yes [todo] wrong_kind_of_id may_hide, task_pending shows".to_owned(), None); "wrong in the question only")]
fn ids_of_the_wrong_kind_are_noticed(asked: &PersonId, named: Named) -> (String, Option<String>) {
    let mut world = usual();
    let people = world.people.as_mut().unwrap();
    (people.applicant, people.readers) = (None, Vec::new());
    people.approvers[0].named = named;
    let pointer = world.explain(asked).findings.into_iter().find_map(|finding| finding.pointer);
    (world.line(asked), pointer)
}

#[test_case("lisi", vec![("t1", "PENDING"), ("t1", "APPROVED")] => "no [] colliding_id hides"; "two tasks")]
#[test_case("zhangsan", vec![("a", "PENDING")] => "no [] colliding_id hides"; "a task and the instance")]
#[test_case("wangwu", vec![("c1", "PENDING")] => "no [] colliding_id hides"; "a task and the copy")]
#[test_case("wangwu", vec![("t1", "PENDING"), ("t1", "APPROVED")] => "yes [cc] copied shows"; "those of others")]
fn what_shares_an_id_is_seen_by_nobody(person: &str, tasks: Vec<(&'static str, &'static str)>) -> String {
    World { listed: Some(Some(("PENDING", tasks))), ..usual() }.line(&PersonId::UserId(person.to_owned()))
}

#[test]
fn without_a_document_nobody_knows_whose_the_tasks_are() {
    let world = World { delivery: None, people: None, checked: None, ..usual() };
    assert_eq!(world.of_lisi(), "unknown [] persons_unknown may_hide");
    let hidden = World { listed: Some(Some(("HIDDEN", Vec::new()))), ..world };
    assert_eq!(hidden.of_lisi(), "no [] instance_hidden hides, persons_unknown may_hide");
    let nothing = World { listed: Some(None), ..hidden };
    assert_eq!(nothing.of_lisi(), "no [] unknown_instance hides");
}

#[test]
fn someone_with_two_tasks_is_in_both_lists() {
    let mut world = World {
        listed: Some(Some(("PENDING", vec![("t1", "DONE"), ("t2", "APPROVED"), ("t3", "PENDING")]))),
        ..usual()
    };
    let people = world.people.as_mut().unwrap();
    for id in ["t2", "t3"] {
        people.approvers.push(Approver { task_id: id.to_owned(), ..people.approvers[0].clone() });
    }
    let line = world.of_lisi();
    assert_eq!(line, "yes [todo done] task_done hides, task_closed shows, task_pending shows");
}

#[test]
fn a_copy_that_is_new_in_what_waits_may_not_be_seen_yet() {
    let world =
        World { delivery: delivery(DeliveryState::Pending, true, true, None), checked: None, ..usual() };
    let line = world.line(&PersonId::UserId("wangwu".to_owned()));
    assert_eq!(line, "unknown [cc] newer_revision_waits may_hide, copied shows");
}

#[test_case(ViewerScope::Everyone, &[] => "yes [todo] task_pending shows"; "everyone")]
#[test_case(ViewerScope::Nobody, &[] => "yes [todo] not_among_viewers may_hide, task_pending shows"; "nobody")]
#[test_case(ViewerScope::Selected, &["lisi"] => "yes [todo] task_pending shows"; "among those selected")]
#[test_case(ViewerScope::Selected, &["zhaoliu"]
    => "yes [todo] not_among_viewers may_hide, task_pending shows"; "not among those selected")]
fn the_definition_may_leave_somebody_out(scope: ViewerScope, user_ids: &[&str]) -> String {
    let user_ids = user_ids.iter().map(|id| (*id).to_owned()).collect();
    let definition =
        DefinitionFacts { scope, user_id_type: UserIdType::UserId, user_ids, on_pc: true, on_mobile: true };
    World { definition: Some(definition), ..usual() }.of_lisi()
}

#[test]
fn a_definition_may_be_for_one_kind_of_client() {
    let definition = DefinitionFacts {
        scope: ViewerScope::Everyone,
        user_id_type: UserIdType::UserId,
        user_ids: Vec::new(),
        on_pc: false,
        on_mobile: false,
    };
    let line = World { definition: Some(definition), ..usual() }.of_lisi();
    assert_eq!(line, "yes [todo] not_on_pc may_hide, not_on_mobile may_hide, task_pending shows");
}
