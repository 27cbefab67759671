//! The strict reader is strict: each thing that the documents do not allow makes it refuse a good payload.

use test_case::test_case;

use crate::meaning::json::Json;
use crate::meaning::reader::{FEISHU, LARK, read_definition, read_instance};

/// A payload as the documents show it.
const INSTANCE: &str = include_str!("../../fixtures/external_instance.json");

const DEFINITION: &str = include_str!("../../fixtures/external_approval.json");

/// The faults after the one place that reads `from` says `to`; it must occur exactly once.
fn with<T: std::fmt::Debug>(
    payload: &str,
    (from, to): (&str, &str),
    read: impl Fn(&str) -> Result<T, Vec<String>>,
) -> String {
    assert_eq!(payload.matches(from).count(), 1, "{from} stands once in the fixture");
    let changed = payload.replace(from, to);
    assert!(Json::parse(&changed).is_some(), "{to} leaves JSON");
    read(&changed).expect_err("the reader refuses").join("; ")
}

#[test]
fn good_payloads_are_read() {
    assert_eq!(read_instance(INSTANCE, &FEISHU).unwrap().meaning.tasks.unwrap().len(), 2);
    assert_eq!(read_definition(DEFINITION, &FEISHU).unwrap().meaning.definition_key, "travel");
}

#[test_case(r#""status": "HIDDEN""#, r#""status": "HIDDEN", "priority": 1"# => "/priority: is no field of the documents"; "unknown field")]
#[test_case(r#""status": "HIDDEN""#, r#""status": "hidden""# => "/status: is no word of the documents"; "unknown word")]
#[test_case(r#""status": "HIDDEN""#, r#""status": "HIDDEN", "status": "HIDDEN""# => "/status: occurs twice"; "field twice")]
#[test_case(r#""status": "HIDDEN""#, r#""status": "APPROVED""# => "/end_time: must not be \"0\" when nothing follows"; "final and open")]
#[test_case(r#""status": "HIDDEN""#, r#""status": "HIDDEN", "resource_region": "cn""# => "/resource_region: is no field of the documents"; "field to be left out")]
#[test_case(r#""start_time": "1773450000000""#, r#""start_time": 1773450000000"# => "/start_time: must be a string; /start_time: is required"; "time as a number")]
#[test_case(r#""start_time": "1773450000000""#, r#""start_time": "0""# => "/start_time: must lie after 1970"; "no start")]
#[test_case(r#""start_time": "1773450000000""#, r#""start_time": "01""# => "/start_time: must be the decimal digits of 64 bits; /start_time: is required"; "leading zero")]
#[test_case(r#""user_id": "b51f70ac""#, r#""user_id": """# => "/user_id: must not be empty"; "empty string")]
#[test_case(r#""user_id": "b51f70ac""#, r#""user_id": null"# => "/user_id: must be a string; /user_id: one of user_id and open_id is required"; "null")]
#[test_case(r#""title": "@i18n@000""#, r#""title": "Travel""# => "/title: is no key of the default resource; /i18n_resources: no field uses @i18n@000"; "plain text")]
#[test_case(r#""key": "@i18n@000""#, r#""key": "i18n@0000""# => "/i18n_resources/0/texts/0/key: must start with @i18n@ and have nine characters; /title: is no key of the default resource; /i18n_resources: no field uses i18n@0000"; "key without its prefix")]
#[test_case(r#""key": "@i18n@111""#, r#""key": "@i18n@22""# => "/i18n_resources/0/texts/1/key: must start with @i18n@ and have nine characters; /form/0/name: is no key of the default resource; /i18n_resources: no field uses @i18n@22"; "short key")]
#[test_case(r#""key": "@i18n@111""#, r#""key": "@i18n@000""# => "/i18n_resources/0/texts/1/key: occurs twice in its resource; /form/0/name: is no key of the default resource"; "key twice")]
#[test_case(r#""is_default": false"#, r#""is_default": true"# => "/i18n_resources: must have exactly one default; /title: is no key of the default resource"; "two defaults")]
#[test_case(r#""locale": "en-US""#, r#""locale": "en_US""# => "/i18n_resources/1/locale: is no locale of the documents"; "unknown locale")]
#[test_case(r#""locale": "en-US""#, r#""locale": "zh-CN""# => "/i18n_resources/1/locale: has another resource already"; "locale twice")]
#[test_case(r#""mobile_link": "https://oa.example.org/m/1""#, r#""mobile_link": """# => "/links/mobile_link: must not be empty"; "empty link")]
#[test_case(r#""task_id": "t-2""#, r#""task_id": "i-1""# => "/: i-1 is used twice"; "ids that collide")]
#[test_case(r#""generate_type": "DEFAULT""#, r#""generate_type": """# => "/task_list/0/generate_type: must not be empty; /task_list/0/generate_type: is no word of the documents"; "empty generate type")]
#[test_case(r#""status": "DONE""#, r#""status": "PASSED""# => "/task_list/1/status: is no word of the documents"; "unknown task status")]
#[test_case(r#""end_time": "1773450000001""#, r#""end_time": "0""# => "/task_list/1/end_time: must not be \"0\" unless the task is open"; "done and open")]
#[test_case(r#""action_type": "APPROVE""#, r#""action_type": "Approve""# => "/task_list/0/action_configs/0/action_name: is required for an action of one's own"; "own action without name")]
#[test_case(r#""is_need_reason": true"#, r#""is_need_reason": "true""# => "/task_list/0/action_configs/0/is_need_reason: must be a boolean; /task_list/0/action_configs/0/is_reason_required: makes no sense without is_need_reason"; "boolean as a string")]
#[test_case(r#""extra": "{\"business_key\":\"T-1\"}""#, r#""extra": {"business_key":"T-1"}"# => "/extra: must be a string"; "extra as an object")]
#[test_case(r#""extra": "{\"business_key\":\"T-1\"}""#, r#""extra": "T-1""# => "/extra: must hold a JSON object"; "extra without an object")]
#[test_case(r#""read_status": "READ""#, r#""read_status": """# => "/cc_list/0/read_status: must not be empty; /cc_list/0/read_status: is no word of the documents"; "empty read status")]
#[test_case(r#""form_version": "7""#, r#""form_version": 7"# => "/trusteeship_cache_config/form_version: must be a string"; "version as a number")]
#[test_case(r#""trusteeship_user_id_type": "user_id""#, r#""trusteeship_user_id_type": "open_id""# => "/trusteeship_user_id_type: only user_id is supported"; "unsupported id type")]
fn an_instance_is_refused(from: &str, to: &str) -> String {
    with(INSTANCE, (from, to), |payload| read_instance(payload, &FEISHU))
}

#[test_case("\"task_list\": [", 301 => "/task_list: holds too many elements"; "tasks")]
#[test_case("\"cc_list\": [", 201 => "/cc_list: holds too many elements"; "copies")]
fn too_many_elements_are_refused(list: &str, count: usize) -> String {
    let faults = with(INSTANCE, (list, &format!("{list}{}", "{},".repeat(count))), |payload| {
        read_instance(payload, &FEISHU)
    });
    faults.split("; ").find(|fault| fault.contains("too many")).unwrap_or_default().to_owned()
}

#[test]
fn a_form_text_of_one_character_too_many_is_refused() {
    let exact = INSTANCE.replace("Destination", &"🙂".repeat(2048));
    assert!(read_instance(&exact, &FEISHU).is_ok());
    let faults =
        with(INSTANCE, ("Destination", &"🙂".repeat(2049)), |payload| read_instance(payload, &FEISHU));
    assert_eq!(faults, "/form/0/name: is too long");
}

#[test]
fn a_locale_that_lark_does_not_list_is_refused_there() {
    let faults = with(INSTANCE, ("\"en-US\"", "\"ko-KR\""), |payload| read_instance(payload, &LARK));
    assert_eq!(faults, "/i18n_resources/1/locale: is no locale of the documents");
}

#[test_case(r#""approval_code": "travel""#, r#""code": "travel""# => "/approval_code: is required; /code: is no field of the documents"; "no code")]
#[test_case(r#""group_code": "office","#, "" => "/group_code: is required beside a name"; "group name alone")]
#[test_case(r#""support_pc": true"#, r#""support_pc": false"# => "/external/support_pc: one of support_pc and support_mobile must be true"; "shown nowhere")]
#[test_case(r#""biz_type": "oa""#, r#""biz_type": "oa", "key": """# => "/external/key: is no field of the documents"; "undocumented key")]
#[test_case(r#""viewer_user_id": "u1""#, r#""viewer_department_id": "u1""# => "/viewers/0/viewer_user_id: is required; /viewers/0/viewer_department_id: is no field of the documents"; "wrong id of a viewer")]
#[test_case(r#""viewer_type": "DEPARTMENT", "viewer_department_id": "d1""#, r#""viewer_type": "NONE""# => "/viewers: TENANT and NONE stand alone, else one of the entries has no effect"; "nobody beside somebody")]
#[test_case(r#""managers": ["u1"]"#, r#""managers": [""]"# => "/managers: must hold ids"; "empty manager")]
#[test_case(r#""texts": ["#, r#""texts": {"@i18n@name1": "Travel"}, "none": ["# => "/i18n_resources/0/texts: must be an array; /i18n_resources/0/texts: is required; /i18n_resources/0/none: is no field of the documents; /approval_name: is no key of the default resource; /approval_name: is required; /group_name: is no key of the default resource"; "texts as a map")]
fn a_definition_is_refused(from: &str, to: &str) -> String {
    with(DEFINITION, (from, to), |payload| read_definition(payload, &FEISHU))
}
