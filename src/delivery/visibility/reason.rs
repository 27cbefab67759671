//! The reasons, and what each does to what a person sees.

use crate::domain::own_words;

own_words! {
    /// Why a person sees an instance, or does not.
    ReasonCode {
        /// The person has a pending task.
        TaskPending = "task_pending",
        /// The person has acted on a task.
        TaskClosed = "task_closed",
        /// The person is the applicant.
        Applicant = "applicant",
        /// The person gets a copy.
        Copied = "copied",
        /// Neither Feishu nor the gateway knows the instance.
        UnknownInstance = "unknown_instance",
        /// The document is accepted, and Feishu has not taken it yet.
        NotDelivered = "not_delivered",
        /// Feishu shows an earlier revision; the newest one is not delivered yet.
        NewerRevisionWaits = "newer_revision_waits",
        /// Feishu has lost or changed what was delivered; it is about to be delivered again.
        RepairWaits = "repair_waits",
        /// Feishu refuses the document, so nothing is tried any more.
        Refused = "refused",
        /// Somebody else has pushed a newer version of the instance.
        Conflict = "conflict",
        /// It was delivered, and Feishu does not have it.
        DriftMissing = "drift_missing",
        /// Feishu has an older version than was delivered.
        DriftBehind = "drift_behind",
        /// Feishu has a newer version than was delivered.
        DriftAhead = "drift_ahead",
        /// The instance is hidden.
        InstanceHidden = "instance_hidden",
        /// The instance is deleted.
        InstanceDeleted = "instance_deleted",
        /// The instance is withdrawn.
        InstanceWithdrawn = "instance_withdrawn",
        /// The document names other people.
        OtherPerson = "other_person",
        /// The document names people by the other kind of id only.
        OtherKindOfId = "other_kind_of_id",
        /// An id stands where the other kind belongs.
        WrongKindOfId = "wrong_kind_of_id",
        /// No document is kept, or it names people who are not looked up yet, and Feishu does not say whose the tasks are.
        PersonsUnknown = "persons_unknown",
        /// The task passed without the person acting.
        TaskDone = "task_done",
        /// An id is used twice.
        CollidingId = "colliding_id",
        /// The person is not among the definition's viewers.
        NotAmongViewers = "not_among_viewers",
        /// The definition is not shown on computers.
        NotOnPc = "not_on_pc",
        /// The definition is not shown on phones.
        NotOnMobile = "not_on_mobile",
        /// Feishu could not be asked.
        FeishuNotAsked = "feishu_not_asked",
        /// Two of Feishu's answers contradict each other.
        FeishuContradictsItself = "feishu_contradicts_itself",
        /// Feishu has a status that the gateway does not know.
        UnknownStatus = "unknown_status",
    }
}

own_words! {
    /// What a reason does to what a person sees; the first ones are those to act on.
    Effect {
        /// It hides the instance, or this task or copy.
        Hides = "hides",
        /// It may hide it, or change what is shown.
        MayHide = "may_hide",
        /// It is why the person sees it.
        Shows = "shows",
    }
}

own_words! {
    /// The lists of Feishu's approval centre.
    InboxList {
        /// 待办.
        Todo = "todo",
        /// 已办.
        Done = "done",
        /// 已发起.
        Initiated = "initiated",
        /// 抄送我.
        Cc = "cc",
    }
}

own_words! {
    /// Whether a person sees something.
    Sight {
        /// Nothing shows it to this person.
        No = "no",
        /// What is known does not decide it.
        Unknown = "unknown",
        /// It is in the lists that `lists` names.
        Yes = "yes",
    }
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub code: ReasonCode,
    /// What it does.
    pub effect: Effect,
    /// The list that it is about; none when it is about the whole instance.
    pub list: Option<InboxList>,
    /// The task that it is about.
    pub task_id: Option<String>,
    /// The copy that it is about.
    pub cc_id: Option<String>,
    /// JSON Pointer to the part of the kept document that is to be mended.
    pub pointer: Option<String>,
    /// The code of the problem behind it.
    pub problem: Option<String>,
}

impl Finding {
    /// A reason that is about the whole instance.
    pub(super) fn new(code: ReasonCode, effect: Effect) -> Self {
        Self { code, effect, list: None, task_id: None, cc_id: None, pointer: None, problem: None }
    }
}
