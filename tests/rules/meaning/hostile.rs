//! Whatever arrives is answered: with a payload that the strict reader takes, or with what is wrong and where.

use approval_gateway::document::Rejection;
use approval_gateway::domain::Region;
use proptest::prelude::*;

use crate::meaning::document::Request;
use crate::meaning::gateway::{push, upsert};
use crate::meaning::generate::{definition, json, request};
use crate::meaning::json::Json;
use crate::meaning::mutate::{mutated, slips};
use crate::meaning::pointer::parent_exists;
use crate::meaning::reader::{FEISHU, LARK, read_definition, read_instance};

fn request_of(document: Json) -> Request {
    Request { document, instance_id: "i".to_owned(), mode: "replace", default_locale: "zh-CN" }
}

/// Checks a refusal of a document that is JSON.
fn refused_properly(rejection: Rejection, document: &Json) -> Result<(), TestCaseError> {
    let Rejection::Invalid(violations) = rejection else {
        return Err(TestCaseError::fail(format!("{document} is JSON, but {rejection}")));
    };
    prop_assert!(!violations.is_empty());
    for violation in violations {
        prop_assert!(parent_exists(&violation.pointer, document), "{:?} points nowhere", violation);
        prop_assert!(!violation.detail.is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>) {
        let refused = push(Region::Feishu, &request_of(Json::Null), &bytes).unwrap_err();
        prop_assert!(!refused.to_string().is_empty());
        let refused = upsert(Region::Feishu, "zh-CN", &bytes).unwrap_err();
        prop_assert!(!refused.to_string().is_empty());
    }

    #[test]
    fn any_json_is_refused_where_it_is_wrong(document in json()) {
        let body = document.to_string();
        let rejection = push(Region::Feishu, &request_of(document.clone()), body.as_bytes()).unwrap_err();
        refused_properly(rejection, &document)?;
        refused_properly(upsert(Region::Feishu, "zh-CN", body.as_bytes()).unwrap_err(), &document)?;
    }

    #[test]
    fn an_instance_with_slips_is_taken_whole_or_refused_where_it_is_wrong(
        request in request(&LARK),
        slips in slips(),
    ) {
        let request = Request { document: mutated(request.document.clone(), &slips), ..request };
        match push(Region::Lark, &request, request.document.to_string().as_bytes()) {
            Ok(payload) => drop(read_instance(&payload, &LARK).map_err(|faults| {
                TestCaseError::fail(format!("{} became {payload}: {faults:?}", request.document))
            })?),
            Err(rejection) => refused_properly(rejection, &request.document)?,
        }
    }

    #[test]
    fn a_definition_with_slips_is_taken_whole_or_refused_where_it_is_wrong(
        (document, default_locale) in definition(&FEISHU),
        slips in slips(),
    ) {
        let document = mutated(document, &slips);
        match upsert(Region::Feishu, default_locale, document.to_string().as_bytes()) {
            Ok(payload) => drop(read_definition(&payload, &FEISHU).map_err(|faults| {
                TestCaseError::fail(format!("{document} became {payload}: {faults:?}"))
            })?),
            Err(rejection) => refused_properly(rejection, &document)?,
        }
    }
}
