//! Fields of `POST external_approvals` (contract §3.1).

use super::{Field, ID, KEY, Kind, Max, Need, Object, RESOURCES, Rule, TEXT, optional, required};

/// The body of `POST external_approvals`.
pub(crate) static DEFINITION: Object = Object {
    fields: &[
        // Documented: the key has at least 9 characters.
        required("approval_name", Kind::Key { min: 9, max_text: 0 }),
        // Documented: at most 128 characters.
        required("approval_code", Kind::Id { max: 128 }),
        Field { name: "group_code", need: Need::RequiredOnLark, kind: TEXT },
        optional("group_name", KEY),
        optional("description", KEY),
        required("external", Kind::Object(&EXTERNAL)),
        // Documented: at most 200 viewers and 200 managers.
        optional("viewers", Kind::List { max: Max::Entries(200), of: &Kind::Object(&VIEWER) }),
        // Typed optional, but `approval_name` needs its text.
        required("i18n_resources", RESOURCES),
        optional("managers", Kind::List { max: Max::Entries(200), of: &ID }),
    ],
    rules: &[],
};

static EXTERNAL: Object = Object {
    fields: &[
        optional("biz_name", KEY),
        optional("biz_type", TEXT),
        optional("create_link_mobile", TEXT),
        optional("create_link_pc", TEXT),
        optional("support_pc", Kind::Flag),
        optional("support_mobile", Kind::Flag),
        optional("support_batch_read", Kind::Flag),
        optional("enable_mark_readed", Kind::Flag),
        optional("enable_quick_operate", Kind::Flag),
        optional("action_callback_url", TEXT),
        optional("action_callback_token", TEXT),
        optional("action_callback_key", TEXT),
        optional("allow_batch_operate", Kind::Flag),
        optional("exclude_efficiency_statistics", Kind::Flag),
    ],
    rules: &[],
};

static VIEWER: Object = Object {
    fields: &[
        optional("viewer_type", Kind::Word(&["TENANT", "DEPARTMENT", "USER", "NONE"])),
        optional("viewer_user_id", TEXT),
        optional("viewer_department_id", TEXT),
    ],
    rules: &[
        Rule::When { field: "viewer_type", is: |word| word == "USER", needs: "viewer_user_id" },
        Rule::When { field: "viewer_type", is: |word| word == "DEPARTMENT", needs: "viewer_department_id" },
    ],
};
