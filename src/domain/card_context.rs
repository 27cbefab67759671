//! What the buttons of a card hand back where its task names no `action_context`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Names the task of a card to whoever is told of a tap; the only way where the id of its message is not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardContext<'a> {
    /// The caller's id of the instance.
    pub instance_id: Cow<'a, str>,
    /// The caller's id of the task.
    pub task_id: Cow<'a, str>,
}

/// What tells it from the contexts of callers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marked<'a> {
    #[serde(borrow)]
    approval_gateway: CardContext<'a>,
}

impl CardContext<'_> {
    /// As the card has it.
    pub fn write(self) -> String {
        serde_json::to_string(&Marked { approval_gateway: self }).unwrap_or_default()
    }

    /// Reads what a card handed back; `None` for what a caller wrote.
    pub fn read(context: &str) -> Option<CardContext<'_>> {
        let Marked { approval_gateway } = serde_json::from_str(context).ok()?;
        Some(approval_gateway)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test]
    fn what_is_written_is_read() {
        for (instance_id, task_id) in [("i1", "i1-1"), ("\"", "\\\n"), ("审批", "{}")] {
            let context = CardContext { instance_id: instance_id.into(), task_id: task_id.into() };
            assert_eq!(CardContext::read(&context.clone().write()), Some(context));
        }
    }

    #[test_case("i1-1"; "a text")]
    #[test_case(r#"{"instance_id":"i1","task_id":"i1-1"}"#; "ids alone")]
    #[test_case(r#"{"approval_gateway":{"instance_id":"i1","task_id":"i1-1"},"more":1}"#; "more beside it")]
    fn what_a_caller_wrote_is_left_alone(context: &str) {
        assert_eq!(CardContext::read(context), None);
    }
}
