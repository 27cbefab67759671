//! What somebody did in Feishu: the three shapes of the callback (list, card, search) become one (contract §8.1).

use serde::Deserialize;

use crate::feishu::wire::Loose;

/// An action that somebody took in Feishu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Action {
    /// What was pressed, in our words.
    pub(super) action: String,
    /// Who pressed it.
    pub(super) user_id: String,
    /// The caller's id of the instance.
    pub(super) instance_id: Option<String>,
    /// The caller's id of the task.
    pub(super) task_id: Option<String>,
    /// Feishu's id of the card; 64 bits, so it is a text.
    pub(super) message_id: Option<String>,
    /// What the task or the card says that shall come back.
    pub(super) action_context: Option<String>,
    /// Why.
    pub(super) reason: Option<String>,
    /// What was attached.
    pub(super) attachments: Vec<Attachment>,
}

/// A file that came with an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attachment {
    pub(super) kind: Option<String>,
    pub(super) name: Option<String>,
    pub(super) size: Option<i64>,
    pub(super) url: Option<String>,
}

/// The body as Feishu sends it; what is not listed is left alone.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    action_type: Loose,
    user_id: Loose,
    instance_id: Loose,
    task_id: Loose,
    /// The task's id, when the task was found by searching.
    id: Loose,
    message_id: Loose,
    action_context: Loose,
    reason: Loose,
    attachments: Option<Vec<Option<File>>>,
}

/// `attachments[]`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    file_type: Loose,
    file_name: Loose,
    file_size: Loose,
    url: Loose,
}

impl Action {
    /// Reads the body of a callback; `None` when it does not say what was done, or who did it.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let body: Body = serde_json::from_slice(body).ok()?;
        let action = body.action_type.0?;
        Some(Self {
            action: match action.as_str() {
                "APPROVE" => "approve".to_owned(),
                "REJECT" => "reject".to_owned(),
                _ => action,
            },
            user_id: body.user_id.0?,
            instance_id: body.instance_id.0,
            task_id: body.task_id.0.or(body.id.0),
            // Some cards send an empty one, or zero.
            message_id: body.message_id.0.filter(|id| id != "0"),
            action_context: body.action_context.0,
            reason: body.reason.0,
            attachments: body.attachments.into_iter().flatten().flatten().map(Attachment::from).collect(),
        })
    }
}

impl From<File> for Attachment {
    fn from(file: File) -> Self {
        let kind = file.file_type.0.map(|kind| match kind.as_str() {
            "IMAGE" => "image".to_owned(),
            "ATTACHMENTS" => "attachment".to_owned(),
            _ => kind,
        });
        let size = file.file_size.0.and_then(|size| size.parse().ok());
        Self { kind, name: file.file_name.0, size, url: file.url.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_of_64_bits_keeps_every_digit() {
        for id in ["9007199254740993", "7301550094428135452", "9223372036854775807", "18446744073709551615"] {
            let number = format!(r#"{{"action_type":"APPROVE","user_id":"bob","message_id":{id}}}"#);
            let text = format!(r#"{{"action_type":"APPROVE","user_id":"bob","message_id":"{id}"}}"#);
            for body in [number, text] {
                let action = Action::read(body.as_bytes()).unwrap();
                assert_eq!(action.message_id.as_deref(), Some(id), "{body}");
            }
        }
    }

    #[test]
    fn the_three_shapes_become_one() {
        let read = |members: &str| {
            let body = format!(r#"{{"action_type":"REJECT","user_id":"bob","token":"t",{members}}}"#);
            let action = Action::read(body.as_bytes()).unwrap();
            (action.instance_id, action.task_id, action.message_id, action.action_context)
        };
        let text = |text: &str| Some(text.to_owned());
        let list = r#""instance_id":"i","task_id":"t1","approval_code":"c","action_context":"x""#;
        assert_eq!(read(list), (text("i"), text("t1"), None, text("x")));
        let card = r#""message_id":7301550094428135452,"action_context":"x""#;
        assert_eq!(read(card), (None, None, text("7301550094428135452"), text("x")));
        assert_eq!(read(r#""id":"t1","message_id":"","instance_id":null"#), (None, text("t1"), None, None));
    }

    #[test]
    fn without_a_person_or_an_action_it_is_none() {
        for body in [
            r#"{"action_type":"APPROVE"}"#,
            r#"{"user_id":"bob"}"#,
            r#"{"action_type":"","user_id":"bob"}"#,
            r#"{"action_type":["APPROVE"],"user_id":"bob"}"#,
            r#"{"action_type":"APPROVE","user_id":{}}"#,
            r#"{"action_type":"APPROVE","user_id":"bob","attachments":"none"}"#,
        ] {
            assert_eq!(Action::read(body.as_bytes()), None, "{body}");
        }
    }
}
