//! A key is a function of what stands behind it, and of nothing else.

use std::collections::BTreeMap;

use approval_gateway::domain::Region;
use proptest::prelude::*;
use test_case::test_case;

use crate::meaning::document::Request;
use crate::meaning::gateway::{push, upsert};
use crate::meaning::generate::{definition, request};
use crate::meaning::json::{Json, Member};
use crate::meaning::reader::{FEISHU, Wordings, read_definition, read_instance};

type Keys = BTreeMap<String, Wordings>;

fn keys_of(request: &Request) -> Keys {
    let payload = push(Region::Feishu, request, request.document.to_string().as_bytes()).unwrap();
    read_instance(&payload, &FEISHU).unwrap().keys
}

/// The key of the title of a small instance with these languages.
fn title_key(languages: &str) -> String {
    let document = format!(
        r#"{{"approval_code":"c","status":"pending","pc_link":"https://x","applicant_user_id":"u",
             "started_at":"2026-01-31T09:30:00Z","title":"审批",{languages}}}"#
    );
    let request = Request {
        document: Json::parse(&document).unwrap(),
        instance_id: "i".to_owned(),
        mode: "replace",
        default_locale: "zh-CN",
    };
    let keys = keys_of(&request);
    let behind = |wordings: &Wordings| wordings.by_locale[&wordings.default_locale] == "审批";
    keys.into_iter().find(|(_, wordings)| behind(wordings)).unwrap().0
}

/// Whether two documents agree: same wordings, same key, and the other way round.
fn agree(one: &Keys, other: &Keys) -> Result<(), TestCaseError> {
    for (key, wordings) in one {
        if let Some(others) = other.get(key) {
            prop_assert_eq!(wordings, others, "{} was given to other wordings", key);
        }
        if let Some((same, _)) = other.iter().find(|(_, others)| *others == wordings) {
            prop_assert_eq!(key, same, "one text, two keys");
        }
    }
    Ok(())
}

/// The same request, in which some translations read backwards.
fn reworded(request: &Request, seed: u64) -> Request {
    let document = &request.document;
    let own = match document.get("locale") {
        Some(Json::Text(word)) if !word.is_empty() => word,
        _ => request.default_locale,
    };
    let mut turn = 0;
    let mut entry = |(source, text): &Member| match text {
        Json::Text(text) => {
            turn += 1;
            let backwards = (seed >> (turn % 64)) & 1 == 1;
            let text = if backwards { text.chars().rev().collect() } else { text.clone() };
            (source.clone(), Json::Text(text))
        }
        other => (source.clone(), other.clone()),
    };
    let catalogues = document.get("translations").map(Json::members).unwrap_or_default();
    let catalogues = catalogues.iter().map(|(locale, entries)| {
        let entries = match entries {
            Json::Object(entries) if locale != own => Json::Object(entries.iter().map(&mut entry).collect()),
            same => same.clone(),
        };
        (locale.clone(), entries)
    });
    let catalogues = Json::Object(catalogues.collect());
    let mut other = request.clone();
    other.document.set("translations", catalogues);
    other
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_documents_never_give_one_key_to_different_wordings(one in request(&FEISHU), other in request(&FEISHU)) {
        agree(&keys_of(&one), &keys_of(&other))?;
    }

    #[test]
    fn another_translation_never_gets_the_key_of_the_first(request in request(&FEISHU), seed: u64) {
        agree(&keys_of(&request), &keys_of(&reworded(&request, seed)))?;
    }

    #[test]
    fn two_texts_of_one_document_never_share_a_key_unless_they_read_alike(request in request(&FEISHU)) {
        let keys = keys_of(&request);
        agree(&keys, &keys)?;
    }

    #[test]
    fn instances_and_definitions_make_the_same_keys(
        request in request(&FEISHU),
        (document, default_locale) in definition(&FEISHU),
    ) {
        let payload = upsert(Region::Feishu, default_locale, document.to_string().as_bytes()).unwrap();
        agree(&keys_of(&request), &read_definition(&payload, &FEISHU).unwrap().keys)?;
    }

    #[test]
    fn a_key_is_long_enough_to_be_unique(request in request(&FEISHU)) {
        for key in keys_of(&request).keys() {
            let hash = key.strip_prefix("@i18n@").unwrap();
            prop_assert!(hash.is_ascii(), "{}", key);
            // 96 bits are 16 characters of base 64, the densest plain alphabet.
            prop_assert!(hash.len() >= 16, "{}", key);
        }
    }
}

#[test_case(r#""form":[{"name":"another text","value":"3"}]"#; "other texts in the document")]
#[test_case(r#""translations":{"en-US":{"unused":"x"}}"#; "catalogue entries that do not occur")]
#[test_case(r#""translations":{"en-US":{"审批":""}}"#; "an empty translation")]
#[test_case(r#""translations":{"zh-CN":{"审批":"审批"}}"#; "the document's own locale repeated")]
#[test_case(r#""locale":"zh-CN""#; "the default locale named")]
fn the_key_stays(languages: &str) {
    assert_eq!(title_key(languages), title_key(r#""extra":{}"#));
}

#[test_case(r#""translations":{"en-US":{"审批":"Approval"}}"#; "a translation")]
#[test_case(r#""translations":{"en-US":{"审批":"approval"}}"#; "another translation")]
#[test_case(r#""translations":{"ja-JP":{"审批":"Approval"}}"#; "the same translation in another locale")]
#[test_case(r#""translations":{"en-US":{"审批":"Approval"},"ja-JP":{"审批":"承認"}}"#; "two translations")]
#[test_case(r#""locale":"zh-TW""#; "another default locale")]
fn the_key_changes_with(languages: &str) {
    let all = [
        r#""translations":{"en-US":{"审批":"Approval"}}"#,
        r#""translations":{"en-US":{"审批":"approval"}}"#,
        r#""translations":{"ja-JP":{"审批":"Approval"}}"#,
        r#""translations":{"en-US":{"审批":"Approval"},"ja-JP":{"审批":"承認"}}"#,
        r#""locale":"zh-TW""#,
        r#""extra":{}"#,
    ];
    let key = title_key(languages);
    let same = all.into_iter().filter(|other| title_key(other) == key).count();
    assert_eq!(same, 1, "only the document itself has this key");
}

#[test]
fn the_order_of_translations_does_not_change_the_key() {
    let one = title_key(r#""translations":{"en-US":{"a":"b","审批":"Approval"},"ja-JP":{"审批":"承認"}}"#);
    let other = title_key(r#""translations":{"ja-JP":{"审批":"承認"},"en-US":{"审批":"Approval","a":"b"}}"#);
    assert_eq!(one, other);
}
