//! Removes the echo of the document from Feishu's answer to a push, before the answer is parsed (contract §4.2).

use std::borrow::Cow;

use crate::support::json_text::nested_end;

/// How an echo begins: an object under `data` that stands first in the `data` of the answer.
const BEGINNING: &[u8; 16] = br#""data":{"data":{"#;

/// An echo begins behind a code and a few words, or nowhere.
const FAR: usize = 64;

/// The answer with its echo replaced by `{}`; the echo may be as long as the largest push.
///
/// What is taken out is not checked, and need not be JSON: only where it ends is found out. The rest is as it was, so
/// whoever reads that finds every member that matters: what is called `data` two levels down is none of them.
pub(super) fn without_echo(answer: &[u8]) -> Cow<'_, [u8]> {
    let beginning = answer.windows(BEGINNING.len()).take(FAR).position(|place| place == BEGINNING);
    let Some(place) = beginning else { return answer.into() };
    let (before, echo) = answer.split_at(place + BEGINNING.len() - 1);
    match nested_end(echo) {
        Some(end) => [before, b"{}", &echo[end..]].concat().into(),
        None => answer.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(r#"{"code":0,"msg":"success","data":{"data":{"title":"}\"}","list":[{}]},"process_record":{}}}"#
        => r#"{"code":0,"msg":"success","data":{"data":{},"process_record":{}}}"#; "an echo")]
    #[test_case(r#"{"code":0,"data":{"data":{"title":"@i18n@1"}},"msg":"success"}"#
        => r#"{"code":0,"data":{"data":{}},"msg":"success"}"#; "the message behind it")]
    #[test_case(r#"{"code":0,"data":{"data":{"title":"x"#
        => r#"{"code":0,"data":{"data":{"title":"x"#; "broken off")]
    #[test_case(r#"{"code":0,"data":{"process_record":{}}}"#
        => r#"{"code":0,"data":{"process_record":{}}}"#; "none")]
    #[test_case("" => ""; "nothing at all")]
    fn answers(answer: &str) -> String {
        String::from_utf8(without_echo(answer.as_bytes()).into_owned()).unwrap()
    }
}
