//! Refusals of the instance itself (design §2.1).

use approval_gateway::domain::{Mode, Region};
use test_case::test_case;

use crate::document::support::{PUSH, Push};

#[test_case(&["/approval_code"], &["/approval_code required"]; "no approval code")]
#[test_case(&["/approval_code = null"], &["/approval_code required"]; "approval code null")]
#[test_case(&[r#"/approval_code = """#], &["/approval_code required"]; "approval code empty")]
#[test_case(&["/approval_code = 7"], &["/approval_code type"]; "approval code a number")]
#[test_case(&["/status"], &["/status required"]; "no status")]
#[test_case(&[r#"/status = "PENDING""#], &["/status unknown_value"]; "status in upper case")]
#[test_case(&[r#"/status = "recall""#], &["/status unknown_value"]; "status of another surface")]
#[test_case(&["/status = true"], &["/status type"]; "status a boolean")]
#[test_case(&[r#"/instance_id = "i-2""#], &["/instance_id id_mismatch"]; "another id than the path")]
#[test_case(&["/instance_id = 1"], &["/instance_id type"]; "id a number")]
#[test_case(&["/title = {}"], &["/title type"]; "title an object")]
#[test_case(&["/colour = 1"], &["/colour unknown_field"]; "unknown field")]
#[test_case(&["/a~1b = 1"], &["/a~01b unknown_field"]; "unknown field that needs an escape")]
#[test_case(&["/pc_link"], &["/pc_link required"]; "no link")]
#[test_case(&[r#"/pc_link = """#, "/mobile_link = null"], &["/pc_link required"]; "links empty and null")]
#[test_case(&[r#"/pc_link = "javascript:alert(1)""#], &["/pc_link unsafe_link"]; "link that runs code")]
#[test_case(&[r#"/mobile_link = " Data:text/html,x""#], &["/mobile_link unsafe_link"]; "other link that runs code")]
#[test_case(&[r#"/pc_link = "vbs\tcript:x""#], &["/pc_link unsafe_link"]; "scheme with a tab inside")]
#[test_case(&["/applicant_user_id"], &["/applicant_user_id required"]; "nobody")]
#[test_case(&["/applicant_user_id = 1"], &["/applicant_user_id type"]; "applicant a number")]
#[test_case(&["/department_id = 1"], &["/department_id type"]; "department a number")]
#[test_case(&["/started_at"], &["/started_at required"]; "no start")]
#[test_case(&["/started_at = 1773450000000"], &["/started_at type"]; "start in milliseconds")]
#[test_case(&[r#"/started_at = "1773450000000""#], &["/started_at invalid_time"]; "start in digits")]
#[test_case(&[r#"/started_at = "2026-03-14""#], &["/started_at invalid_time"]; "start a day")]
#[test_case(&[r#"/started_at = "2026-03-14T09:00:00""#], &["/started_at invalid_time"]; "start without offset")]
#[test_case(&[r#"/started_at = "2026-03-14 09:00:00Z""#], &["/started_at invalid_time"]; "start with a space")]
#[test_case(&[r#"/started_at = "2026-02-30T09:00:00Z""#], &["/started_at invalid_time"]; "start on no day")]
#[test_case(&[r#"/started_at = "1970-01-01T08:00:00+08:00""#], &["/started_at invalid_time"]; "start in 1970")]
#[test_case(&[r#"/started_at = "1960-01-01T00:00:00Z""#], &["/started_at invalid_time"]; "start before 1970")]
#[test_case(&[r#"/updated_at = "soon""#], &["/updated_at invalid_time"]; "version no time")]
#[test_case(&["/ended_at = 0"], &["/ended_at type"]; "end zero")]
#[test_case(&["/extra = []"], &["/extra type"]; "extra an array")]
#[test_case(&[r#"/extra = "{}""#], &["/extra type"]; "extra a string")]
#[test_case(&[r#"/business_key = "a""#, r#"/extra = {"business_key": "b"}"#], &["/business_key contradiction"]; "two business keys")]
#[test_case(&[r#"/business_key = "1""#, r#"/extra = {"business_key": 1}"#], &["/business_key contradiction"]; "two types of business key")]
#[test_case(&[r#"/display_method = "popup""#], &["/display_method unknown_value"]; "unknown display method")]
#[test_case(&[r#"/locale = "zh_cn""#], &["/locale unknown_locale"]; "locale in another spelling")]
#[test_case(&[r#"/translations = {"en_US": {}}"#], &["/translations/en_US unknown_locale"]; "catalogue of an unknown locale")]
#[test_case(&[r#"/translations = {"nl-NL": {"a": "b"}}"#], &["/translations/nl-NL unknown_locale"]; "catalogue of a locale that Feishu does not show")]
#[test_case(&["/translations = []"], &["/translations type"]; "translations an array")]
#[test_case(&[r#"/translations = {"en-US": "Travel"}"#], &["/translations/en-US type"]; "catalogue a string")]
#[test_case(&[r#"/translations = {"en-US": {"a/b": 1}}"#], &["/translations/en-US/a~1b type"]; "translation a number")]
#[test_case(&[r#"/translations = {"zh-CN": {"成都": "重庆"}}"#], &["/translations/zh-CN/成都 contradiction"]; "another wording for the document's own locale")]
#[test_case(&["/trusteeship = []"], &["/trusteeship type"]; "trusteeship an array")]
#[test_case(&[r#"/trusteeship = {"user_id_type": "open_id"}"#], &["/trusteeship/user_id_type unknown_value"]; "trusteeship by open id")]
#[test_case(&[r#"/trusteeship = {"cache_policy": "DISABLE"}"#], &["/trusteeship/cache_policy unknown_value"]; "unknown cache policy")]
#[test_case(&[r#"/trusteeship = {"cache_version": 1.5}"#], &["/trusteeship/cache_version type"]; "broken cache version")]
#[test_case(&[r#"/trusteeship = {"cache_version": 9223372036854775808}"#], &["/trusteeship/cache_version type"]; "cache version over 64 bits")]
#[test_case(&[r#"/trusteeship = {"cache_version": "v1"}"#], &["/trusteeship/cache_version type"]; "cache version a word")]
#[test_case(&[r#"/trusteeship = {"cache_varies_with_locale": "yes"}"#], &["/trusteeship/cache_varies_with_locale type"]; "flag a word")]
#[test_case(&[r#"/trusteeship = {"urls": {}}"#], &["/trusteeship/urls unknown_field"]; "unknown field of trusteeship")]
fn an_instance_is_refused(edits: &[&str], expected: &[&str]) {
    assert_eq!(PUSH.refusal(edits), expected);
}

#[test_case("approved")]
#[test_case("rejected")]
#[test_case("canceled")]
#[test_case("deleted")]
#[test_case("terminated")]
fn a_wipe_is_refused(status: &str) {
    let status = format!(r#"/status = "{status}""#);
    let edits = [
        status.as_str(),
        r#"/ended_at = "2026-03-15T09:00:00Z""#,
        "/applicant_user_id",
        "/cc",
        "/tasks = []",
    ];
    assert_eq!(PUSH.refusal(&edits), ["/applicant_user_id would_erase"]);
    let named = [&edits[..], &[r#"/applicant_name = "cron""#]].concat();
    assert_eq!(PUSH.refusal(&named), ["/applicant_user_id would_erase"]);
}

#[test]
fn an_update_without_version_is_refused() {
    let update = Push { mode: Mode::Update, ..PUSH };
    assert_eq!(update.refusal(&["/status = \"hidden\""]), ["/updated_at required"]);
}

#[test]
fn an_instance_without_any_id_is_refused() {
    assert_eq!(Push { path_id: None, ..PUSH }.refusal(&[]), ["/instance_id required"]);
}

#[test]
fn a_locale_that_lark_does_not_know_is_refused_there() {
    let lark = Push { region: Region::Lark, ..PUSH };
    let edits = [r#"/locale = "ko-KR""#, r#"/translations = {"de-DE": {}, "en-US": {}}"#];
    assert_eq!(lark.refusal(&edits), ["/locale unknown_locale", "/translations/de-DE unknown_locale"]);
}

#[test]
fn violations_of_every_kind_are_reported_at_once() {
    let edits = [
        "/approval_code",
        r#"/status = "APPROVED""#,
        "/titel = 1",
        "/started_at = 1",
        "/tasks/0/user_id",
        r#"/tasks/0/actions/- = {"action": "forward"}"#,
        r#"/cc/0/cc_id = "t-1""#,
        r#"/form/0/value = {}"#,
    ];
    let mut found = PUSH.refusal(&edits);
    found.sort();
    assert_eq!(
        found,
        [
            "/approval_code required",
            "/cc/0/cc_id duplicate_id",
            "/form/0/value type",
            "/started_at type",
            "/status unknown_value",
            "/tasks/0/actions/1/label required",
            "/tasks/0/user_id required",
            "/titel unknown_field",
        ]
    );
}
