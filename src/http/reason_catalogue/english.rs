//! The reasons in English: meaning, what to do.

use crate::delivery::visibility::ReasonCode;

pub(super) fn explain(code: ReasonCode) -> (&'static str, &'static str) {
    match code {
        ReasonCode::TaskPending => (
            "The person is the approver of a pending task: it belongs in 待办 (to-do).",
            "Nothing, unless another reason hides it. Feishu notifies nobody of a task: the person has to look into the approval centre.",
        ),
        ReasonCode::TaskClosed => (
            "The person's task is approved, rejected or transferred: it belongs in 已办 (done), and not in 待办 (to-do) any more.",
            "Look in 已办. If the person still has to act, push the task with the status pending.",
        ),
        ReasonCode::Applicant => (
            "The person is the applicant: the approval belongs in 已发起 (initiated).",
            "Nothing, unless another reason hides it. An applicant who shall approve, too, needs a task.",
        ),
        ReasonCode::Copied => (
            "The person gets a copy: it belongs in 抄送 (cc).",
            "Nothing, unless another reason hides it. A reader who shall approve needs a task; Feishu's check says nothing about copies, so look at Feishu's screen.",
        ),
        ReasonCode::UnknownInstance => (
            "Feishu has no instance with this id that this app has pushed, and the gateway keeps no document of it.",
            "Compare the id with your own system, letter by letter, and percent-encode it in the path. If it is right, push the instance; if it was pushed, look whether that was with the key of another app.",
        ),
        ReasonCode::NotDelivered => (
            "The document is accepted, and Feishu has not taken it yet, so nobody sees it.",
            "Nothing has to be sent again: the gateway delivers it by itself. problem_code and delivery.last_problem say what it waits for, delivery.next_attempt_at when it tries again; an app that is parked needs its operator.",
        ),
        ReasonCode::NewerRevisionWaits => (
            "The newest document is not delivered yet: Feishu shows an earlier one, in which this person may be missing.",
            "Nothing has to be sent again: the gateway delivers it by itself. problem_code and delivery.last_problem say what it waits for.",
        ),
        ReasonCode::RepairWaits => (
            "Feishu had lost or changed what was delivered, or it is sent again on request, and that has not arrived yet.",
            "Wait for the delivery: delivery.next_attempt_at says when. If it happens again and again, somebody else pushes the instance, too, or one of its ids is used twice.",
        ),
        ReasonCode::Refused => (
            "Feishu refuses the newest document, so the gateway does not try any more.",
            "Read delivery.last_problem, correct the document, and send it; or retry when the cause was elsewhere (retryDeliveries).",
        ),
        ReasonCode::Conflict => (
            "Feishu has a newer version than was ever sent from here: somebody else pushes this instance, and what they sent is shown.",
            "Find out who else pushes it. To let your document win, send it again or retry it (retryDeliveries).",
        ),
        ReasonCode::DriftMissing => (
            "It was delivered, and Feishu does not have it: the whole instance, or this task.",
            "The gateway notices and delivers it again by itself; to do so at once, push it with resend=true. If it goes missing again, an id is used twice in the tenant, or somebody else pushes the instance with mode=replace.",
        ),
        ReasonCode::DriftBehind => (
            "Feishu has an older version than was delivered, so it may show an earlier state.",
            "The gateway notices and delivers it again by itself; to do so at once, push it with resend=true.",
        ),
        ReasonCode::DriftAhead => (
            "Feishu has a newer version than was delivered: somebody else has pushed it, and what they sent is shown.",
            "Find out who else pushes the instance. To let your document win, push it with resend=true.",
        ),
        ReasonCode::InstanceHidden => (
            "The instance has the status hidden: Feishu shows it to nobody.",
            "Push it with its real status, such as pending, to show it again.",
        ),
        ReasonCode::InstanceDeleted => (
            "The instance has the status deleted: Feishu shows it to nobody.",
            "If that was a mistake, push it with its real status.",
        ),
        ReasonCode::InstanceWithdrawn => (
            "The instance is withdrawn (canceled): searches leave it out, and lists may, too.",
            "The applicant looks in 已发起 (initiated). If the approval goes on, push it with the status pending; close tasks that nobody has to act on any more.",
        ),
        ReasonCode::OtherPerson => (
            "The document names this person neither as applicant nor in a task or copy.",
            "Compare the id with the document (GET /v1/instances/{instance_id}/document). If the person shall see it, add a task or a copy for them, or correct the id: Feishu shows a task of an unknown id to nobody, and reports no error.",
        ),
        ReasonCode::OtherKindOfId => (
            "The document names people by the other kind of id, so it cannot be said whether this person is among them.",
            "Ask again with the person's other id: open_id in place of user_id, or the reverse.",
        ),
        ReasonCode::WrongKindOfId => (
            "An id stands where the other kind belongs: an open_id (ou_…) as user_id, or a user_id as open_id. Feishu knows nobody by it, and reports no error.",
            "With pointer, the document is wrong: write the id into the other field and send it. Without pointer, the question is: ask with the other parameter.",
        ),
        ReasonCode::PersonsUnknown => (
            "The gateway does not know whose the tasks are, and Feishu does not tell: no document of the instance is kept, or it names people by e-mail, mobile or union id who were not found yet.",
            "Look into the document in your own system, or into the person's lists (GET /v1/users/{user_id}/tasks?topic=todo). Push the document once through a gateway with a ledger, and it is known. Where a document is kept, its delivery says whether people could not be looked up (GET /v1/instances/{instance_id}/delivery).",
        ),
        ReasonCode::TaskDone => (
            "The task has the status done: it passed without this approver acting, and Feishu does not show it to them.",
            "Push the task as approved or rejected if the person did act, or as pending if they still have to.",
        ),
        ReasonCode::CollidingId => (
            "An id is used twice, among instance, tasks and copies, or probably elsewhere in the tenant: Feishu takes it without an error and shows it to nobody.",
            "Give each task and copy an id that is unique in the whole tenant, such as the instance's id with a suffix, and push the document with mode=replace.",
        ),
        ReasonCode::NotAmongViewers => (
            "The definition's viewers do not name this person, or only by a department or another kind of id that the gateway cannot resolve: they may not find this kind of approval.",
            "If they shall, add them to the viewers of the definition (PATCH /v1/definitions/{approval_code}).",
        ),
        ReasonCode::NotOnPc => (
            "The definition has support_pc=false: it is not shown on computers.",
            "Look on a phone, or set support_pc and pc_create_link of the definition.",
        ),
        ReasonCode::NotOnMobile => (
            "The definition has support_mobile=false: it is not shown on phones.",
            "Look on a computer, or set support_mobile and mobile_create_link of the definition.",
        ),
        ReasonCode::FeishuNotAsked => (
            "Feishu could not be asked, or only in part, so the rest is what the gateway knows by itself.",
            "Ask again when Feishu works: problem_code says what is wrong with it.",
        ),
        ReasonCode::FeishuContradictsItself => (
            "Feishu's list of tasks and its check disagree on whether it has the instance.",
            "Ask again in a minute: a change may be under way. If it stays so, quote the log id to Feishu's support.",
        ),
        ReasonCode::UnknownStatus => (
            "Feishu has a status of the instance or the task that this gateway does not know.",
            "Look at Feishu's screen, and for a newer version of the gateway. feishu has the word.",
        ),
    }
}
