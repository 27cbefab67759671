//! Texts that people read, and what they read like elsewhere.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::member::Members;
use crate::meaning::json::{Json, Member};

/// The texts of one document. Few, so that fields share them.
pub(crate) fn pool() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(text(), 1..10)
}

pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(vec![
            "出差申请", "审批", "同意", "Approve", "approve", " Approve", "@i18n@", "@i18n@1", "@i18n@title", "i18n@name",
            "👩‍👩‍👧 家庭 🧾", "مرحبا بالعالم", "‏שלום‎", "a\u{0}b", "a\nb\tc", "\"quoted\" \\ / {}", "null", "0", " ", "e\u{301}", "é",
            "\u{feff}", "￿",
        ]).prop_map(str::to_owned),
        4 => "\\PC{1,12}",
        2 => any::<String>().prop_filter("a text has a character", |text| !text.is_empty()),
        1 => select(vec!['字', '🙂', 'x']).prop_map(|c| c.to_string().repeat(2048)),
    ]
}

/// A text of the document.
pub(crate) fn one_of(pool: &[String]) -> impl Strategy<Value = String> + use<> {
    select(pool.to_vec())
}

/// `locale` and `translations`: catalogues that may hold far more than the document.
pub(crate) fn languages(
    pool: Vec<String>,
    locales: &'static [&'static str],
    default_locale: &'static str,
) -> Members {
    let locale = prop_oneof![
        2 => Just(Vec::new()),
        1 => select(vec![Json::Null, Json::from("")]).prop_map(|absent| vec![("locale".to_owned(), absent)]),
        4 => select(locales).prop_map(|word| vec![("locale".to_owned(), Json::from(word))]),
    ];
    let others = subsequence(locales, 0..=locales.len().min(4)).prop_shuffle();
    (locale, others)
        .prop_flat_map(move |(locale, others)| {
            let own = match locale.first() {
                Some((_, Json::Text(word))) if !word.is_empty() => word.clone(),
                _ => default_locale.to_owned(),
            };
            let catalogues: Vec<_> =
                others.into_iter().map(|word| catalogue(word, &pool, word == own)).collect();
            let translations = prop_oneof![
                1 => Just(None),
                1 => Just(Some(Json::Null)),
                6 => catalogues.prop_map(|catalogues| Some(Json::Object(catalogues))),
            ];
            (Just(locale), translations)
        })
        .prop_map(|(mut members, translations)| {
            members.extend(translations.map(|object| ("translations".to_owned(), object)));
            members
        })
        .boxed()
}

/// One locale's entries; those of the document's own locale only repeat it.
fn catalogue(locale: &str, pool: &[String], own: bool) -> BoxedStrategy<Member> {
    let locale = locale.to_owned();
    let mut sources = pool.to_vec();
    sources.extend(["", "not in this document", "Reject"].map(str::to_owned));
    sources.sort();
    sources.dedup();
    let most = sources.len();
    subsequence(sources, 0..=most)
        .prop_shuffle()
        .prop_flat_map(move |sources| {
            let entries: Vec<_> = sources.into_iter().map(|source| translation(source, own)).collect();
            entries
        })
        .prop_map(move |entries| (locale.clone(), Json::Object(entries)))
        .boxed()
}

fn translation(source: String, own: bool) -> BoxedStrategy<Member> {
    if own {
        return Just((source.clone(), Json::Text(source))).boxed();
    }
    let same = source.clone();
    prop_oneof![
        2 => Just(Json::from("")),
        1 => Just(Json::Text(same)),
        8 => text().prop_map(Json::Text),
    ]
    .prop_map(move |text| (source.clone(), text))
    .boxed()
}
