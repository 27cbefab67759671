//! Whole pushes.

use proptest::prelude::*;

use super::extra::extra;
use super::member::{Members, due, list, nullable, object, optional, word};
use super::people::{id, links, person};
use super::task::{copy, status, task};
use super::text::{languages, one_of, pool};
use super::time::time;
use crate::meaning::document::Request;
use crate::meaning::json::Json;
use crate::meaning::reader::Brand;

pub(crate) const DISPLAY_METHODS: &[&str] = &["browser", "sidebar", "normal", "trusteeship"];

const FINAL: &[&str] = &["approved", "rejected", "canceled", "deleted", "terminated"];

/// Most copies, contract §12.3.
const MAX_COPIES: usize = 200;

/// A valid push to the brand.
pub(crate) fn request(brand: &'static Brand) -> BoxedStrategy<Request> {
    let mode = proptest::sample::select(&["replace", "update"][..]);
    (pool(), mode, proptest::sample::select(brand.locales), id())
        .prop_flat_map(move |(pool, mode, default_locale, id)| {
            let instance_id = format!("i-{id}");
            let document = document(&pool, mode, default_locale, &instance_id, brand);
            document.prop_map(move |document| Request {
                document: kept_from_wiping(document, mode),
                instance_id: instance_id.clone(),
                mode,
                default_locale,
            })
        })
        .boxed()
}

fn document(
    pool: &[String],
    mode: &str,
    default_locale: &'static str,
    instance_id: &str,
    brand: &'static Brand,
) -> BoxedStrategy<Json> {
    let own_version = due("updated_at", time());
    let applicant = person("applicant_user_id", "applicant_open_id");
    let applicant = (applicant, optional("applicant_name", one_of(pool)))
        .prop_map(|(person, name)| [person, name].concat());
    let machine = due("applicant_name", one_of(pool));
    let row = object(vec![optional("name", one_of(pool)), optional("value", one_of(pool))]);
    object(vec![
        optional("instance_id", Just(instance_id.to_owned())),
        due("approval_code", id()),
        status(&["pending", "hidden"], FINAL),
        optional("title", one_of(pool)),
        links(),
        prop_oneof![4 => applicant, 1 => machine].boxed(),
        prop_oneof![1 => due("department_id", Just(String::new())), 3 => optional("department_id", id())]
            .boxed(),
        optional("department_name", one_of(pool)),
        list("form", proptest::collection::vec(row, 0..4)),
        due("started_at", time()),
        if mode == "update" { own_version } else { optional("updated_at", time()) },
        extra("business_key", id().boxed()),
        optional("display_method", word(DISPLAY_METHODS)),
        languages(pool.to_vec(), brand.locales, default_locale),
        list("tasks", numbered("task_id", task(pool), brand.max_tasks)),
        list("cc", numbered("cc_id", copy(pool), MAX_COPIES)),
        nullable("trusteeship", trusteeship()),
    ])
}

/// Mostly few elements, sometimes as many as there may be; their ids differ.
fn numbered(
    id_name: &'static str,
    template: BoxedStrategy<Json>,
    max: usize,
) -> impl Strategy<Value = Vec<Json>> {
    let templates = proptest::collection::vec((template, id()), 0..5);
    (templates, proptest::bool::weighted(0.03)).prop_map(move |(templates, full)| {
        let count = if full { max } else { templates.len() };
        let cycled = templates.into_iter().cycle().take(count).enumerate();
        let numbered = cycled.map(|(index, (mut element, id))| {
            element.set(id_name, format!("{id_name}-{index}-{id}"));
            element
        });
        numbered.collect()
    })
}

/// An instance of nobody that is over, without tasks and copies, would be refused: it gets an applicant.
fn kept_from_wiping(mut document: Json, mode: &str) -> Json {
    let is_given = |name| {
        !matches!(document.get(name), None | Some(Json::Null)) && document.get(name) != Some(&Json::from(""))
    };
    let is_empty = |name| !matches!(document.get(name), Some(Json::Array(items)) if !items.is_empty());
    let nobody = !is_given("applicant_user_id") && !is_given("applicant_open_id");
    let over = FINAL.iter().any(|word| document.get("status") == Some(&Json::from(*word)));
    if nobody && over && mode == "replace" && is_empty("tasks") && is_empty("cc") {
        document.set("applicant_user_id", "u1");
    }
    document
}

fn trusteeship() -> BoxedStrategy<Json> {
    let version = prop_oneof![
        any::<i64>().prop_map(|version| Json::Number(version.to_string())),
        any::<i64>().prop_map(|version| Json::Text(version.to_string())),
        Just(Json::from("")),
    ];
    let mut members: Vec<Members> = [
        "url_token",
        "form_detail_url",
        "action_definition_url",
        "approval_node_url",
        "action_callback_url",
        "pull_business_data_url",
    ]
    .into_iter()
    .map(|name| optional(name, id()))
    .collect();
    members.push(optional("user_id_type", Just("user_id".to_owned())));
    members.push(optional("cache_policy", word(&["disable", "immutable", "by_node", "by_user"])));
    members.push(nullable("cache_varies_with_locale", any::<bool>()));
    members.push(nullable("cache_version", version));
    object(members)
}
