//! Fields of the three searches (contract §7.1–7.3).

use super::{Field, ID, Kind, Max, Object, TEXT, optional};

/// The body of `POST instances/query`.
pub(crate) static INSTANCE_SEARCH: Object = Object {
    fields: &[
        USER_ID,
        APPROVAL_CODE,
        INSTANCE_CODE,
        INSTANCE_EXTERNAL_ID,
        GROUP_EXTERNAL_ID,
        LOCALE,
        WITH_REVOKED,
        optional("instance_title", TEXT),
        optional(
            "instance_status",
            Kind::Word(&["PENDING", "RECALL", "REJECT", "DELETED", "APPROVED", "ALL"]),
        ),
        optional("instance_start_time_from", Kind::Int64),
        optional("instance_start_time_to", Kind::Int64),
    ],
    rules: &[],
};

/// The body of `POST tasks/search`.
pub(crate) static TASK_SEARCH: Object = Object {
    fields: &[
        USER_ID,
        APPROVAL_CODE,
        INSTANCE_CODE,
        INSTANCE_EXTERNAL_ID,
        GROUP_EXTERNAL_ID,
        LOCALE,
        WITH_REVOKED,
        optional("task_title", TEXT),
        optional("task_status", TASK_STATUS),
        optional("task_status_list", Kind::List { max: Max::Unlimited, of: &TASK_STATUS }),
        optional("task_start_time_from", Kind::Int64),
        optional("task_start_time_to", Kind::Int64),
        optional("order", Kind::Int64),
    ],
    rules: &[],
};

/// The body of `POST instances/search_cc`.
pub(crate) static CC_SEARCH: Object = Object {
    fields: &[
        USER_ID,
        APPROVAL_CODE,
        INSTANCE_CODE,
        INSTANCE_EXTERNAL_ID,
        GROUP_EXTERNAL_ID,
        LOCALE,
        WITH_REVOKED,
        optional("cc_title", TEXT),
        optional("read_status", Kind::Word(&["READ", "UNREAD", "ALL"])),
        optional("cc_create_time_from", Kind::Int64),
        optional("cc_create_time_to", Kind::Int64),
    ],
    rules: &[],
};

const USER_ID: Field = optional("user_id", ID);
const APPROVAL_CODE: Field = optional("approval_code", ID);
const INSTANCE_CODE: Field = optional("instance_code", ID);
const INSTANCE_EXTERNAL_ID: Field = optional("instance_external_id", ID);
const GROUP_EXTERNAL_ID: Field = optional("group_external_id", ID);

/// Not on the pages, but in two official SDKs.
const WITH_REVOKED: Field = optional("with_revoked_instance", Kind::Flag);

/// The pages document the first three, an official SDK all of them; we take the longer list.
const LOCALE: Field = optional(
    "locale",
    Kind::Word(&[
        "zh-CN", "en-US", "ja-JP", "zh-HK", "zh-TW", "de-DE", "es-ES", "fr-FR", "id-ID", "it-IT", "ko-KR",
        "pt-BR", "th-TH", "vi-VN", "ms-MY", "ru-RU",
    ]),
);

/// Documented: a value outside the set is an error.
const TASK_STATUS: Kind =
    Kind::Word(&["PENDING", "REJECTED", "APPROVED", "TRANSFERRED", "DONE", "RM_REPEAT", "PROCESSED", "ALL"]);
