//! What a refused caller is told to write instead.

use test_case::test_case;

use crate::document::support::{PUSH, edited, instance, violations};

#[test_case(r#"/titel = "x""# => Some(r#"did you mean "title"?"#.to_owned()); "slip in a field")]
#[test_case("/startedAt = 1" => Some(r#"did you mean "started_at"?"#.to_owned()); "field in camel case")]
#[test_case("/tasks/0/taskid = 1" => Some(r#"did you mean "task_id"?"#.to_owned()); "slip in a task")]
#[test_case("/cc/0/red = true" => Some(r#"did you mean "read"?"#.to_owned()); "slip in a copy")]
#[test_case("/weather = 1" => None; "field near to nothing")]
#[test_case(r#"/status = "PENDING""# => Some(r#"did you mean "pending"?"#.to_owned()); "word in upper case")]
#[test_case(r#"/status = "cancelled""# => Some(r#"did you mean "canceled"?"#.to_owned()); "word in another spelling")]
#[test_case(r#"/locale = "zh_cn""# => Some(r#"did you mean "zh-CN"?"#.to_owned()); "locale in another spelling")]
#[test_case("/started_at = 1773450000000" => Some(r#"did you mean "2026-03-14T01:00:00.000Z"?"#.to_owned()); "milliseconds")]
#[test_case("/started_at = 1773450000" => Some(r#"did you mean "2026-03-14T01:00:00.000Z"?"#.to_owned()); "seconds")]
#[test_case(r#"/started_at = "1773450000000""# => Some(r#"did you mean "2026-03-14T01:00:00.000Z"?"#.to_owned()); "milliseconds in a string")]
#[test_case("/started_at = 0" => None; "zero")]
#[test_case(r#"/started_at = "2026-09-01T09:30:00+0800""# => Some(r#"did you mean "2026-09-01T09:30:00+08:00"?"#.to_owned()); "offset without its colon")]
#[test_case(r#"/started_at = "2026-09-01 09:30:00""# => Some(r#"did you mean "2026-09-01T09:30:00+08:00"? Write the offset that is meant"#.to_owned()); "blank in place of T")]
#[test_case(r#"/tasks/0/created_at = "2026-09-01""# => Some(r#"did you mean "2026-09-01T00:00:00+08:00"? Write the offset that is meant"#.to_owned()); "date alone")]
#[test_case(r#"/started_at = "2026-13-01 09:30:00""# => None; "no such month")]
#[test_case(r#"/locale = "zh-Hans""# => Some(r#"did you mean "zh-CN"?"#.to_owned()); "locale by its script")]
#[test_case(r#"/translations = {"en": {}}"# => Some(r#"did you mean "en-US"?"#.to_owned()); "language alone")]
#[test_case(r#"/tasks/0/actions/0/action = "APPROVE""# => Some(r#"the ready-made action is spelled "approve""#.to_owned()); "action in upper case")]
fn the_hint_for(edit: &str) -> Option<String> {
    let mut found = violations(PUSH.payload(edited(instance(), &[edit]).as_bytes()));
    assert_eq!(found.len(), 1);
    found.remove(0).hint
}
