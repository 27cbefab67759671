//! What can be called.

use super::links::{FROM_CHECK, FROM_DEFINITION, FROM_LIST, FROM_RECEIPT, Link};
use super::parameters::{Parameter, flag, one_of, paging, path, some_of, text, texts, time, timeout};
use crate::domain::{
    InstanceStatusFilter, Locale, Mode, TaskOrder, TaskStatus, TaskStatusFilter, Topic, UserIdType,
};

/// One operation.
pub(super) struct Operation {
    /// Frozen: generated clients carry it.
    pub(super) id: &'static str,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    pub(super) parameters: Vec<Parameter>,
    /// Name of the body's schema.
    pub(super) request: Option<&'static str>,
    pub(super) answer: Answer,
    /// Whether Feishu is called, so that its failures can show.
    pub(super) calls_feishu: bool,
    pub(super) needs_key: bool,
    /// Operations that go on from the answer.
    pub(super) links: &'static [Link],
}

/// What a success answers.
pub(super) enum Answer {
    /// An object with a schema.
    One(&'static str, &'static str),
    /// A page of items with a schema.
    Page(&'static str, &'static str),
    /// A JSON object of Feishu's, under a name so that generators do not make one up.
    FreeForm(&'static str, &'static str),
}

/// Every operation, in the order of design §2.
pub(super) fn operations() -> Vec<Operation> {
    let mut operations = instances();
    operations.extend(searches());
    operations.extend(definitions());
    operations.extend(own());
    operations
}

fn instance_id() -> Parameter {
    path("instance_id", "Your id of the instance, percent-encoded.", "leave-1001")
}

fn mode() -> Parameter {
    one_of::<Mode>("mode", "How to treat what Feishu already has; `replace` when absent.")
}

fn instances() -> Vec<Operation> {
    vec![
        Operation {
            id: "putInstance",
            method: "put",
            path: "/v1/instances/{instance_id}",
            tag: "instances",
            summary: "Push an instance",
            description: "Translates the document and sends it to Feishu. Pushes of one instance go one after another, in the \
                order of arrival. A push that succeeded is 200, whatever became of the check.",
            parameters: vec![
                instance_id(),
                mode(),
                flag("verify", "Ask Feishu's check afterwards."),
                timeout(),
            ],
            request: Some("InstanceInput"),
            answer: Answer::One("InstanceReceipt", "What is known about the push."),
            calls_feishu: true,
            needs_key: true,
            links: FROM_RECEIPT,
        },
        Operation {
            id: "getInstance",
            method: "get",
            path: "/v1/instances/{instance_id}",
            tag: "instances",
            summary: "See what Feishu has of an instance",
            description: "Statuses and versions of the instance and its tasks. 404 `instance_not_found` when Feishu has none.",
            parameters: vec![instance_id(), timeout()],
            request: None,
            answer: Answer::One("TaskStatusItem", "What Feishu has."),
            calls_feishu: true,
            needs_key: true,
            links: &[],
        },
        Operation {
            id: "previewInstance",
            method: "post",
            path: "/v1/instances/{instance_id}/preview",
            tag: "instances",
            summary: "See what would be sent",
            description: "Answers the exact payload that `putInstance` would send. Calls nobody.",
            parameters: vec![instance_id(), mode(), timeout()],
            request: Some("InstanceInput"),
            answer: Answer::FreeForm("InstancePreview", "Feishu's payload."),
            calls_feishu: false,
            needs_key: true,
            links: &[],
        },
        Operation {
            id: "checkInstances",
            method: "post",
            path: "/v1/instance-checks",
            tag: "instances",
            summary: "Compare versions with Feishu's",
            description: "Lists instances and tasks of which Feishu has another version. Push again what is missing or behind. \
                Copies and contents are not compared.",
            parameters: vec![timeout()],
            request: Some("InstanceChecksInput"),
            answer: Answer::One("InstanceCheckReport", "How the versions compare."),
            calls_feishu: true,
            needs_key: true,
            links: FROM_CHECK,
        },
        Operation {
            id: "listTaskStatuses",
            method: "get",
            path: "/v1/task-statuses",
            tag: "instances",
            summary: "List statuses of instances and their tasks",
            description: "Either by `instance_id`, or by `approval_code` with `task_status` and, if you like, `user_id`. Other \
                combinations are refused.",
            parameters: with_paging(vec![
                texts("instance_id", "Your ids of instances, up to 100.", "leave-1001"),
                texts("approval_code", "Definitions, up to 100.", "7C468A54-8745-2245-9675-08B7C63E7A85"),
                one_of::<TaskStatus>("task_status", "Tasks with this status; required with `approval_code`."),
                texts("user_id", "Tasks of these approvers.", "bob"),
            ]),
            request: None,
            answer: Answer::Page("TaskStatusItem", "TaskStatusPage"),
            calls_feishu: true,
            needs_key: true,
            links: FROM_LIST,
        },
    ]
}

fn with_paging(mut parameters: Vec<Parameter>) -> Vec<Parameter> {
    parameters.extend(paging());
    parameters.push(timeout());
    parameters
}

/// The filters that all searches share.
fn search_filters(mut own: Vec<Parameter>) -> Vec<Parameter> {
    own.extend([
        text(
            "user_id",
            "A person: applicant, approver or reader. One of `user_id`, `approval_code`, `definition_group`, `instance_code` and \
             `instance_id` is required.",
            "alice",
        ),
        text(
            "approval_code",
            "A definition. `approval_code` and `definition_group` match either.",
            "7C468A54-8745-2245-9675-08B7C63E7A85",
        ),
        text("definition_group", "Your code of a group.", "hr"),
        text(
            "instance_code",
            "Feishu's code of an instance. `instance_code` and `instance_id` match either.",
            "9089752A-E7E4-753C-6337-83856BA21146",
        ),
        text("instance_id", "Your id of an instance.", "leave-1001"),
        text("title", "Part of the title.", "年假"),
        one_of::<Locale>("locale", "The language of the texts in the answer."),
        one_of::<UserIdType>(
            "user_id_type",
            "Which kind of ids is asked for and answered; `user_id` when absent.",
        ),
    ]);
    with_paging(own)
}

fn started() -> [Parameter; 2] {
    [
        time(
            "started_from",
            "Started at this time or later; needs `started_to`. At most 7,320 days.",
            "2026-01-01T00:00:00Z",
        ),
        time("started_to", "Started at this time or earlier; needs `started_from`.", "2026-11-30T00:00:00Z"),
    ]
}

fn search(
    id: &'static str,
    path: &'static str,
    summary: &'static str,
    description: &'static str,
    parameters: Vec<Parameter>,
    answer: Answer,
) -> Operation {
    Operation {
        id,
        method: "get",
        path,
        tag: "searches",
        summary,
        description,
        parameters,
        request: None,
        answer,
        calls_feishu: true,
        needs_key: true,
        links: FROM_LIST,
    }
}

fn searches() -> Vec<Operation> {
    let [from, to] = started();
    let instances = vec![one_of::<InstanceStatusFilter>("status", "Where they stand."), from, to];
    let [from, to] = started();
    let tasks = vec![
        some_of::<TaskStatusFilter>("status", "Where they stand; several are alternatives."),
        one_of::<TaskOrder>(
            "order",
            "In which order they come; within 30 days each, when the span is longer.",
        ),
        from,
        to,
    ];
    let cc = vec![
        flag("read", "Only copies that were read, or that were not."),
        time(
            "created_from",
            "Sent at this time or later; needs `created_to`. At most 7,320 days.",
            "2026-01-01T00:00:00Z",
        ),
        time("created_to", "Sent at this time or earlier; needs `created_from`.", "2026-11-30T00:00:00Z"),
    ];
    vec![
        search(
            "listInstances",
            "/v1/instances",
            "Find instances",
            "Instances by who began them, by definition, title, status and time. Feishu hides withdrawn instances from searches, and results lag behind.",
            search_filters(instances),
            Answer::Page("InstanceItem", "InstancePage"),
        ),
        search(
            "listTasks",
            "/v1/tasks",
            "Find tasks",
            "Tasks by approver, definition, title, status and time. Feishu hides withdrawn instances from searches, and results lag behind.",
            search_filters(tasks),
            Answer::Page("TaskItem", "TaskPage"),
        ),
        search(
            "listCc",
            "/v1/cc",
            "Find copies",
            "Copies by reader, definition, title, time, and whether they were read. Feishu hides those of withdrawn instances, and results lag behind.",
            search_filters(cc),
            Answer::Page("CcItem", "CcPage"),
        ),
        Operation {
            links: FROM_LIST,
            ..search(
                "listUserTasks",
                "/v1/users/{user_id}/tasks",
                "See one user's lists",
                "What one user has to do, has done, has begun, and has been sent copies of, as Feishu's approval centre lists it.",
                with_paging(vec![
                    path("user_id", "The user's id.", "bob"),
                    one_of::<Topic>("topic", "Which list.").required(),
                    one_of::<UserIdType>("user_id_type", "Which kind of id it is; `user_id` when absent."),
                ]),
                Answer::Page("UserTaskItem", "UserTaskPage"),
            )
        },
    ]
}

fn definitions() -> Vec<Operation> {
    vec![
        Operation {
            id: "upsertDefinition",
            method: "post",
            path: "/v1/definitions",
            tag: "definitions",
            summary: "Create or update a definition",
            description: "The same `definition_key` updates, another one creates. Feishu resets what an update leaves out. Answers \
                the `approval_code` that pushes need.",
            parameters: vec![timeout()],
            request: Some("DefinitionInput"),
            answer: Answer::One("DefinitionReceipt", "The definition's two codes."),
            calls_feishu: true,
            needs_key: true,
            links: FROM_DEFINITION,
        },
        Operation {
            id: "getDefinition",
            method: "get",
            path: "/v1/definitions/{approval_code}",
            tag: "definitions",
            summary: "Read a definition",
            description: "By the `approval_code` that Feishu answered, not by your `definition_key`. Callback secrets are never \
                returned.",
            parameters: vec![
                path(
                    "approval_code",
                    "Feishu's code of the definition.",
                    "7C468A54-8745-2245-9675-08B7C63E7A85",
                ),
                one_of::<UserIdType>(
                    "user_id_type",
                    "Which ids viewers and managers are shown by; `user_id` when absent.",
                ),
                timeout(),
            ],
            request: None,
            answer: Answer::One("Definition", "The definition as Feishu has it."),
            calls_feishu: true,
            needs_key: true,
            links: &[],
        },
    ]
}

/// What the gateway answers by itself.
fn own() -> Vec<Operation> {
    let operation = |id, path, tag, summary, description, schema| Operation {
        id,
        method: "get",
        path,
        tag,
        summary,
        description,
        parameters: Vec::new(),
        request: None,
        answer: schema,
        calls_feishu: false,
        needs_key: false,
        links: &[],
    };
    vec![
        Operation {
            parameters: vec![path("code", "The `code` of a problem.", "validation_failed")],
            ..operation(
                "getProblemType",
                "/v1/problems/{code}",
                "problems",
                "See what a problem means",
                "What the code means and what to do about it, in English and Chinese.",
                Answer::One("ProblemExplanation", "What it means."),
            )
        },
        operation(
            "getLiveness",
            "/livez",
            "operation",
            "Whether the process lives",
            "For restarts. Never calls Feishu.",
            Answer::One("Health", "It lives."),
        ),
        operation(
            "getReadiness",
            "/readyz",
            "operation",
            "Whether work is welcome",
            "For load balancers. 503 while the gateway drains. Never calls Feishu.",
            Answer::One("Health", "Work is welcome."),
        ),
        operation(
            "getVersion",
            "/version",
            "operation",
            "Which gateway this is",
            "Name, version and, when known, the commit.",
            Answer::One("Version", "The version."),
        ),
    ]
}
