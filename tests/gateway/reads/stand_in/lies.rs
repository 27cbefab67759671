//! How the stand-in misbehaves, when a test wants it to.

use serde_json::{Value, json};

use super::{Answer, Asked, Refusal, Shared, token};

/// How the stand-in misbehaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Lie {
    /// `has_more` without a token.
    MoreWithoutToken,
    /// Every page names the same next one.
    SameTokenForEver,
    /// A page of a proxy.
    Html,
    /// JSON of another shape.
    WrongTypes,
    /// Lists that are texts.
    TextsForLists,
    /// No `data`.
    NoData,
    /// Items in which everything that may be missing is `null`.
    NullsEverywhere,
    /// Two pages name each other as the next one.
    TokensInACircle,
    /// The page that is asked for as this one, counted from 1, is answered with HTTP 500 once.
    FailsOnceAt(usize),
    /// All is well for so many pages, then nothing is answered.
    HangsAfter(usize),
    /// All is well for so many pages, then the app loses its scope.
    ScopeLostAfter(usize),
    /// Tokens of pages and scroll ids have expired.
    StaleTokens,
}

impl Shared {
    /// The answer of a stand-in that misbehaves whatever the question.
    pub(crate) fn lied(&self, asked: &Asked) -> Option<Answer> {
        match self.lie()? {
            Lie::Html => Some(Err(Refusal::Raw("<html>Bad gateway</html>"))),
            Lie::WrongTypes => Some(Err(Refusal::Raw(r#"{"code":0,"msg":"success","data":[7]}"#))),
            Lie::NoData => Some(Err(Refusal::Raw(r#"{"code":0,"msg":"success"}"#))),
            Lie::TextsForLists => Some(Ok(json!({list_of(&asked.path): "none", "has_more": false}))),
            Lie::NullsEverywhere => Some(Ok(json!({list_of(&asked.path): [nulls_everywhere()]}))),
            Lie::ScopeLostAfter(pages) if self.pages_asked() > pages => {
                Some(Err(Refusal::Code(400, 99_991_672, "access denied, scope needed")))
            }
            Lie::FailsOnceAt(page) if self.pages_asked() == page => {
                Some(Err(Refusal::Code(500, 1_395_000, "internal error")))
            }
            // A gateway that goes round in circles must come to an end some time, for the test to fail.
            Lie::SameTokenForEver | Lie::TokensInACircle if self.pages_asked() > 100 => {
                Some(Err(Refusal::undocumented("a hundred pages of a list that never ends")))
            }
            _ => None,
        }
    }

    /// Whether this request is never answered.
    pub(crate) fn hangs(&self, asked: &Asked) -> bool {
        match self.lie() {
            Some(Lie::HangsAfter(pages)) => asked.path != token::PATH && self.pages_asked() > pages,
            _ => false,
        }
    }

    fn lie(&self) -> Option<Lie> {
        self.memory().lie
    }

    /// Requests so far, this one included, tokens excluded.
    fn pages_asked(&self) -> usize {
        self.memory().asked.iter().filter(|asked| asked.path != token::PATH).count()
    }
}

/// The member that holds an operation's list.
fn list_of(path: &str) -> &'static str {
    match path.rsplit('/').next().unwrap_or_default() {
        "query" if path.ends_with("tasks/query") => "tasks",
        "query" => "instance_list",
        "search" => "task_list",
        "search_cc" => "cc_list",
        "check" => "diff_instances",
        "external_tasks" | "list" => "data",
        _ => "viewers",
    }
}

/// A search's item of an instance with a code and nothing else.
fn nulls_everywhere() -> Value {
    json!({
        "approval": null,
        "group": null,
        "instance": {
            "code": "C-1", "external_id": null, "user_id": null, "start_time": null, "end_time": "", "status": null,
            "title": null, "extra": null, "serial_id": null, "link": null,
        },
        "task": null,
        "cc": null,
    })
}
