//! The flat definition (design §2.2).

use super::{Flat, Languages};
use crate::meaning::json::Json;
use crate::meaning::model::{Callback, Definition, Viewers};

/// What the document means.
pub(crate) fn definition(document: &Json, default_locale: &str) -> Definition {
    let flat = Flat(document);
    let languages = Languages::new(flat, default_locale);
    let switches = [
        "support_pc",
        "support_mobile",
        "support_batch_read",
        "allow_batch_operate",
        "exclude_from_statistics",
    ];
    Definition {
        definition_key: flat.due("definition_key"),
        name: languages.text(flat, "name").expect("name is required"),
        group: flat.string("group_key").map(|key| (key, languages.text(flat, "group_name"))),
        description: languages.text(flat, "description"),
        source_name: languages.text(flat, "source_name"),
        business_type: flat.string("business_type"),
        pc_create_link: flat.string("pc_create_link"),
        mobile_create_link: flat.string("mobile_create_link"),
        switches: switches.into_iter().filter(|name| flat.flag(name) == Some(true)).collect(),
        callback: flat.string("action_callback_url").map(|url| Callback {
            url,
            token: flat.string("action_callback_token"),
            key: flat.string("action_callback_key"),
        }),
        viewers: viewers(Flat(flat.get("viewers").expect("viewers is required"))),
        managers: flat.strings("managers"),
        locale: languages.locale,
    }
}

fn viewers(flat: Flat<'_>) -> Viewers {
    match flat.due("scope").as_str() {
        "everyone" => Viewers::Everyone,
        "nobody" => Viewers::Nobody,
        _ => Viewers::Selected {
            user_ids: flat.strings("user_ids"),
            department_ids: flat.strings("department_ids"),
        },
    }
}
