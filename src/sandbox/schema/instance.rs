//! Fields of `POST external_instances` (contract §4.1).

use super::{ID, KEY, Kind, Max, Object, RESOURCES, Rule, TEXT, optional, required};

/// Documented: form texts have at most 2,048 characters.
const FORM_TEXT: Kind = Kind::Key { min: 0, max_text: 2048 };

const DISPLAY_METHOD: Kind = Kind::Word(&["BROWSER", "SIDEBAR", "NORMAL", "TRUSTEESHIP"]);

/// The body of `POST external_instances`.
pub(crate) static INSTANCE: Object = Object {
    fields: &[
        required("approval_code", ID),
        required(
            "status",
            Kind::Word(&["PENDING", "APPROVED", "REJECTED", "CANCELED", "DELETED", "HIDDEN", "TERMINATED"]),
        ),
        optional("extra", TEXT),
        required("instance_id", ID),
        required("links", Kind::Object(&LINKS)),
        optional("title", KEY),
        optional("form", Kind::List { max: Max::Unlimited, of: &Kind::Object(&FORM_ROW) }),
        optional("user_id", TEXT),
        optional("open_id", TEXT),
        optional("user_name", KEY),
        // `""` has a meaning: the company's name is shown.
        optional("department_id", TEXT),
        optional("department_name", KEY),
        required("start_time", Kind::Int64),
        required("end_time", Kind::Int64),
        required("update_time", Kind::Int64),
        optional("display_method", DISPLAY_METHOD),
        optional("update_mode", Kind::Word(&["REPLACE", "UPDATE"])),
        // Documented: 300 tasks on Feishu, 200 on Lark.
        optional(
            "task_list",
            Kind::List { max: Max::ByBrand { feishu: 300, lark: 200 }, of: &Kind::Object(&TASK) },
        ),
        // Documented: 200 copies.
        optional("cc_list", Kind::List { max: Max::Entries(200), of: &Kind::Object(&CC) }),
        required("i18n_resources", RESOURCES),
        optional("trusteeship_url_token", TEXT),
        optional("trusteeship_user_id_type", Kind::Word(&["user_id"])),
        optional("trusteeship_urls", Kind::Object(&TRUSTEESHIP_URLS)),
        optional("trusteeship_cache_config", Kind::Object(&TRUSTEESHIP_CACHE)),
        optional("resource_region", TEXT),
    ],
    // Who initiated is a rule of the business layer (contract §13.5).
    rules: &[],
};

/// The table requires `pc_link`, the note below it says that one of the two is enough.
static LINKS: Object = Object {
    fields: &[optional("pc_link", TEXT), optional("mobile_link", TEXT)],
    rules: &[Rule::OneOf(&["pc_link", "mobile_link"])],
};

static FORM_ROW: Object =
    Object { fields: &[optional("name", FORM_TEXT), optional("value", FORM_TEXT)], rules: &[] };

static TASK: Object = Object {
    fields: &[
        required("task_id", ID),
        optional("user_id", TEXT),
        optional("open_id", TEXT),
        optional("title", KEY),
        required("links", Kind::Object(&LINKS)),
        required("status", Kind::Word(&["PENDING", "APPROVED", "REJECTED", "TRANSFERRED", "DONE"])),
        optional("extra", TEXT),
        required("create_time", Kind::Int64),
        required("end_time", Kind::Int64),
        optional("update_time", Kind::Int64),
        optional("action_context", TEXT),
        // Documented: two actions per task.
        optional("action_configs", Kind::List { max: Max::Entries(2), of: &Kind::Object(&ACTION) }),
        optional("display_method", DISPLAY_METHOD),
        optional("exclude_statistics", Kind::Flag),
        optional("node_id", TEXT),
        optional("node_name", KEY),
        // Documented: may be left out, but must not be an empty string.
        optional("generate_type", Kind::Word(&["EXTERNAL_CONSIGN", "DEFAULT"])),
    ],
    rules: &[Rule::OneOf(&["user_id", "open_id"])],
};

static ACTION: Object = Object {
    fields: &[
        required("action_type", ID),
        optional("action_name", KEY),
        optional("is_need_reason", Kind::Flag),
        optional("is_reason_required", Kind::Flag),
        optional("is_need_attachment", Kind::Flag),
    ],
    rules: &[Rule::When {
        field: "action_type",
        is: |word| !matches!(word, "APPROVE" | "REJECT"),
        needs: "action_name",
    }],
};

static CC: Object = Object {
    fields: &[
        required("cc_id", ID),
        optional("user_id", TEXT),
        optional("open_id", TEXT),
        required("links", Kind::Object(&LINKS)),
        required("read_status", Kind::Word(&["READ", "UNREAD"])),
        optional("extra", TEXT),
        // Plain text: no key rule is stated for it.
        optional("title", TEXT),
        required("create_time", Kind::Int64),
        required("update_time", Kind::Int64),
        optional("display_method", DISPLAY_METHOD),
    ],
    rules: &[Rule::OneOf(&["user_id", "open_id"])],
};

static TRUSTEESHIP_URLS: Object = Object {
    fields: &[
        optional("form_detail_url", TEXT),
        optional("action_definition_url", TEXT),
        optional("approval_node_url", TEXT),
        optional("action_callback_url", TEXT),
        optional("pull_business_data_url", TEXT),
    ],
    rules: &[],
};

static TRUSTEESHIP_CACHE: Object = Object {
    fields: &[
        optional("form_policy", Kind::Word(&["DISABLE", "IMMUTABLE", "BY_NODE", "BY_USER"])),
        optional("form_vary_with_locale", Kind::Flag),
        optional("form_version", Kind::Int64),
    ],
    rules: &[],
};
