//! What a problem's code means and what to do about it.

use crate::http::problem::Code;
use crate::http::problem::catalogue::{Language, explain};
use crate::schema::shown;

shown! {
    /// What a problem's code means and what to do about it.
    pub(in crate::http) struct ProblemExplanation {
        /// Path of this page; the `type` of such problems.
        r#type: String { required: true, example: "\"/v1/problems/validation_failed\"" },
        /// The stable word.
        code: &'static str { required: true, example: "\"validation_failed\"" },
        /// The HTTP status of such problems.
        status: u16 { required: true, example: "422" },
        /// The problem in a few words.
        title: &'static str { required: true, example: "\"The request breaks a rule\"" },
        /// The same in Chinese.
        title_zh: &'static str { required: true, example: "\"请求不符合规则\"" },
        /// Whether sending the same again may help.
        retryable: bool { required: true, example: "false" },
        /// What it means.
        meaning: &'static str { required: true, example: "\"Fields or parameters break a rule.\"" },
        /// The same in Chinese.
        meaning_zh: &'static str { required: true, example: "\"字段或参数不符合规则。\"" },
        /// What to do.
        what_to_do: &'static str { required: true, example: "\"Correct what errors lists.\"" },
        /// The same in Chinese.
        what_to_do_zh: &'static str { required: true, example: "\"按 errors 逐项修正。\"" },
    }
}

impl From<Code> for ProblemExplanation {
    fn from(code: Code) -> Self {
        let english = explain(code, Language::English);
        let chinese = explain(code, Language::Chinese);
        Self {
            r#type: code.type_path(),
            code: code.as_str(),
            status: code.status().as_u16(),
            title: english.title,
            title_zh: chinese.title,
            retryable: code.retryable(),
            meaning: english.meaning,
            meaning_zh: chinese.meaning,
            what_to_do: english.what_to_do,
            what_to_do_zh: chinese.what_to_do,
        }
    }
}
