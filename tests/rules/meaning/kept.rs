//! The payload means what the flat document says, however that is written.

use approval_gateway::domain::Region;
use proptest::prelude::*;

use crate::meaning::gateway::{NOW, push, upsert};
use crate::meaning::generate::{definition, request, shuffled};
use crate::meaning::json::Json;
use crate::meaning::reader::{FEISHU, LARK, read_definition, read_instance};
use crate::meaning::{document, generate};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_instance_for_feishu_keeps_its_meaning(request in request(&FEISHU)) {
        let payload = push(Region::Feishu, &request, request.document.to_string().as_bytes());
        let reading = read_instance(&payload.unwrap(), &FEISHU).unwrap();
        prop_assert_eq!(reading.meaning, document::instance(&request, NOW));
    }

    #[test]
    fn an_instance_for_lark_keeps_its_meaning(request in request(&LARK)) {
        let payload = push(Region::Lark, &request, request.document.to_string().as_bytes());
        let reading = read_instance(&payload.unwrap(), &LARK).unwrap();
        prop_assert_eq!(reading.meaning, document::instance(&request, NOW));
    }

    #[test]
    fn a_definition_keeps_its_meaning((document, default_locale) in definition(&FEISHU)) {
        let payload = upsert(Region::Feishu, default_locale, document.to_string().as_bytes());
        let reading = read_definition(&payload.unwrap(), &FEISHU).unwrap();
        prop_assert_eq!(reading.meaning, document::definition(&document, default_locale));
    }

    #[test]
    fn the_same_document_gives_the_same_bytes(request in request(&FEISHU)) {
        let body = request.document.to_string();
        let first = push(Region::Feishu, &request, body.as_bytes()).unwrap();
        prop_assert_eq!(first, push(Region::Feishu, &request, body.as_bytes()).unwrap());
    }

    #[test]
    fn the_order_of_members_does_not_show(request in request(&FEISHU), seed: u64) {
        let other = shuffled(request.document.clone(), seed);
        let payload = push(Region::Feishu, &request, request.document.to_string().as_bytes()).unwrap();
        prop_assert_eq!(payload, push(Region::Feishu, &request, other.to_string().as_bytes()).unwrap());
    }

    #[test]
    fn white_space_and_escapes_do_not_change_the_meaning(request in request(&FEISHU)) {
        let payload = push(Region::Feishu, &request, request.document.to_wide_text().as_bytes()).unwrap();
        prop_assert_eq!(read_instance(&payload, &FEISHU).unwrap().meaning, document::instance(&request, NOW));
    }

    #[test]
    fn the_tests_own_json_is_read_back(json in generate::json()) {
        prop_assert_eq!(Json::parse(&json.to_string()), Some(json.clone()));
        prop_assert_eq!(Json::parse(&json.to_wide_text()), Some(json));
    }
}
