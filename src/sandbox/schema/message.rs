//! Fields of `message/send` and `message/update` (contract §10).

use super::{ID, KEY, Kind, Max, Object, Rule, TEXT, optional, required};

/// The template for messages with texts of one's own.
pub(crate) const CUSTOM: &str = "1021";

/// Every documented template.
const TEMPLATES: Kind = Kind::Word(&[
    "1001", "1002", "1003", "1004", "1005", "1006", "1007", "1008", "1009", "1010", "1011", "1012", "1013",
    "1015", "1016", "1017", "1018", "1019", "1020", CUSTOM, "1024", "1026", "1027", "1028",
]);

/// The body of `POST message/send`.
pub(crate) static MESSAGE: Object = Object {
    fields: &[
        required("template_id", TEMPLATES),
        optional("user_id", TEXT),
        optional("open_id", TEXT),
        // Documented: at most 64 characters.
        optional("uuid", Kind::Text { max: 64 }),
        optional("approval_name", KEY),
        optional("title_user_id", TEXT),
        optional("title_user_id_type", Kind::Word(&["user_id", "open_id"])),
        optional("comment", KEY),
        optional("content", Kind::Object(&CONTENT)),
        optional("note", KEY),
        optional("sender_user_id", TEXT),
        optional("text", TEXT),
        optional("custom_title", KEY),
        optional("custom_content", KEY),
        // Documented: two actions. That there must be one is said by their rules.
        required("actions", Kind::List { max: Max::Entries(2), of: &Kind::Object(&ACTION) }),
        optional("action_configs", Kind::List { max: Max::Unlimited, of: &Kind::Object(&QUICK_ACTION) }),
        optional("action_callback", Kind::Object(&CALLBACK)),
        required("i18n_resources", RESOURCES),
    ],
    rules: &[
        Rule::OneOf(&["user_id", "open_id"]),
        Rule::When { field: "template_id", is: is_general, needs: "approval_name" },
        Rule::When { field: "template_id", is: is_general, needs: "content" },
        Rule::When { field: "template_id", is: names_a_person, needs: "title_user_id" },
        Rule::When { field: "template_id", is: shows_a_comment, needs: "comment" },
        Rule::When { field: "template_id", is: |template| template == "1013", needs: "sender_user_id" },
        Rule::When { field: "template_id", is: |template| template == CUSTOM, needs: "custom_title" },
        Rule::When { field: "template_id", is: |template| template == CUSTOM, needs: "custom_content" },
    ],
};

fn is_general(template: &str) -> bool {
    template != CUSTOM
}

/// 1008 may leave it out.
fn names_a_person(template: &str) -> bool {
    !matches!(template, "1005" | "1006" | "1007" | "1008" | "1024" | "1028" | CUSTOM)
}

fn shows_a_comment(template: &str) -> bool {
    matches!(template, "1001" | "1004" | "1017" | "1018" | "1027")
}

static CONTENT: Object = Object {
    fields: &[
        optional("user_id", TEXT),
        optional("user_id_type", Kind::Word(&["user_id", "open_id"])),
        optional("department_id", TEXT),
        optional("user_name", KEY),
        optional("department_name", KEY),
        // Documented: at most five.
        required("summaries", Kind::List { max: Max::Entries(5), of: &Kind::Object(&SUMMARY) }),
    ],
    rules: &[],
};

static SUMMARY: Object = Object { fields: &[required("summary", KEY)], rules: &[] };

static ACTION: Object = Object {
    fields: &[
        required("action_name", ID),
        optional("url", TEXT),
        optional("android_url", TEXT),
        optional("ios_url", TEXT),
        optional("pc_url", TEXT),
    ],
    rules: &[],
};

static QUICK_ACTION: Object = Object {
    fields: &[
        required("action_type", ID),
        optional("action_name", KEY),
        optional("is_need_reason", Kind::Flag),
        optional("is_reason_required", Kind::Flag),
        optional("is_need_attachment", Kind::Flag),
        optional("next_status", TEXT),
    ],
    rules: &[Rule::When {
        field: "action_type",
        is: |word| !matches!(word, "APPROVE" | "REJECT"),
        needs: "action_name",
    }],
};

static CALLBACK: Object = Object {
    fields: &[
        optional("action_callback_url", TEXT),
        optional("action_callback_token", TEXT),
        optional("action_callback_key", TEXT),
        optional("action_context", TEXT),
    ],
    rules: &[],
};

/// The body of `POST message/update`. That it needs a status is said in words of its own.
pub(crate) static MESSAGE_UPDATE: Object = Object {
    fields: &[
        required("message_id", ID),
        optional("status", TEXT),
        optional("status_name", KEY),
        optional("detail_action_name", KEY),
        // Documented as required; a message id and a status suffice.
        optional("i18n_resources", RESOURCES),
    ],
    rules: &[Rule::When { field: "status", is: |status| status == "CUSTOM", needs: "status_name" }],
};

/// Three locales, and the texts as a map: not as in the rest of the API (contract §1.5).
static RESOURCE: Object = Object {
    fields: &[
        required("locale", Kind::Word(&["zh-CN", "en-US", "ja-JP"])),
        required("is_default", Kind::Flag),
        required("texts", Kind::Texts),
    ],
    rules: &[],
};

const RESOURCES: Kind = Kind::List { max: Max::Unlimited, of: &Kind::Object(&RESOURCE) };
