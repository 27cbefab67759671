//! What a card says, made of the document as it is kept.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::domain::{
    ApprovalInstance, ApprovalMessage, ApprovalTask, BotMessage, Callback, CardActions, CardContext,
    Catalogue, FormRow, Id, Links, Locale, MessageContent, MessageTemplate, Person, Text, Translations,
    Warnings,
};
use crate::ledger::CardPerson;

/// Most lines of the form that a card shows (contract §10.1).
const MOST_SUMMARIES: usize = 5;

/// What stands on a card of which the document says nothing.
const WAITS: [(&str, &str); 3] = [
    ("zh-CN", "有审批等待处理"),
    ("en-US", "An approval waits for you"),
    ("ja-JP", "承認待ちの申請があります"),
];

/// The card that tells somebody of a task; without buttons where there is no `callback`. Else why there is none.
///
/// A task that the document does not hold any more leaves the card with what it says of the instance.
pub(super) fn card_message<'a>(
    instance: &'a ApprovalInstance<'a>,
    task: Option<&'a ApprovalTask<'a>>,
    person: &'a CardPerson,
    callback: Option<&Callback<'a>>,
) -> Result<BotMessage<'a>, &'static str> {
    let recipient =
        Person::new(person.user_id.as_deref().and_then(Id::new), person.open_id.as_deref().and_then(Id::new))
            .ok_or("the document does not name the task's person")?;
    let own_links = task.and_then(|task| task.links.as_ref()).and_then(Links::with_scheme);
    let links = own_links.or_else(|| instance.links.with_scheme()).ok_or(
        "no link of the task or of the instance has a scheme, without which Feishu sends no message",
    )?;
    let mut texts = Texts::of(instance);
    let step = task.and_then(|task| task.title.as_ref().or(task.node_name.as_ref()));
    let title = instance.title.as_ref().or(step);
    let approval_name = title
        .map(|title| texts.plain(title))
        .or_else(|| texts.waits())
        .ok_or("nothing can be said of the task")?;
    let rows = instance.form.iter().flatten();
    let mut summaries: Vec<_> = rows.filter_map(|row| texts.row(row)).take(MOST_SUMMARIES).collect();
    if summaries.is_empty() {
        summaries.extend(step.map(|step| texts.plain(step)).or_else(|| texts.waits()));
    }
    let quick_approval = callback.zip(task).and_then(|(callback, task)| {
        let actions = task.actions.clone().filter(|actions| !actions.is_empty())?;
        for label in actions.iter().filter_map(|action| action.label()) {
            texts.translate(label.as_str());
        }
        let context = task.action_context.clone().or_else(|| context(instance, task));
        Some(CardActions { actions, context, callback: Some(callback.clone()) })
    });
    let content = ApprovalMessage {
        template: MessageTemplate::Todo,
        approval_name,
        subject: instance.applicant.clone(),
        applicant: instance.applicant.clone(),
        applicant_name: instance.applicant_name.as_ref().map(|name| texts.plain(name)),
        // Messages know the tenant's own ids only.
        department_id: instance
            .department_id
            .as_deref()
            .filter(|id| !id.starts_with("od-"))
            .and_then(Id::new),
        department_name: instance.department_name.as_ref().map(|name| texts.plain(name)),
        summaries,
        comment: None,
        sender: None,
        chat_text: None,
        quick_approval,
    };
    Ok(BotMessage {
        recipient,
        content: MessageContent::Approval(Box::new(content)),
        note: None,
        links,
        dedupe_key: None,
        locale: texts.locale,
        translations: texts.into_translations(),
        warnings: Warnings::default(),
    })
}

/// Names the task to the gateway itself, where it says nothing that shall come back: until the answer of Feishu is there,
/// and if that is lost, nobody knows the card by its message.
fn context<'a>(instance: &ApprovalInstance<'_>, task: &ApprovalTask<'_>) -> Option<Id<'a>> {
    let (instance_id, task_id) = (instance.instance_id.as_str(), task.task_id.as_str());
    Id::new(CardContext { instance_id: instance_id.into(), task_id: task_id.into() }.write())
}

/// Collects the wordings of what a card says, in the languages that messages know.
struct Texts<'a> {
    /// What the document's own language is declared as.
    locale: Locale,
    /// The other languages: the document's catalogue, and what of it is used.
    others: Vec<(Locale, Option<&'a Catalogue<'a>>, Catalogue<'a>)>,
}

impl<'a> Texts<'a> {
    fn of(instance: &'a ApprovalInstance<'a>) -> Self {
        let locale = instance.locale.for_messages();
        let catalogue = |other: Locale| {
            let known = instance.translations.catalogues.iter().find(|(known, _)| *known == other);
            (other, known.map(|(_, catalogue)| catalogue), HashMap::new())
        };
        let others = Locale::all_of_messages().filter(|other| *other != locale).map(catalogue);
        Self { locale, others: others.collect() }
    }

    /// Notes what a text reads like in the other languages.
    fn translate(&mut self, source: &str) {
        for (_, catalogue, used) in &mut self.others {
            if let Some(wording) = catalogue.and_then(|catalogue| catalogue.get(source)) {
                used.insert(source.to_owned().into(), Cow::Borrowed(wording));
            }
        }
    }

    /// A text of the document as it is.
    fn plain(&mut self, text: &Text<'a>) -> Text<'a> {
        self.translate(text.as_str());
        text.clone()
    }

    /// A row of the form in one line.
    fn row(&mut self, row: &FormRow<'a>) -> Option<Text<'a>> {
        let (name, value) = match (&row.name, &row.value) {
            (Some(name), Some(value)) => (name.as_str(), value.as_str()),
            (Some(only), None) | (None, Some(only)) => return Some(self.plain(only)),
            (None, None) => return None,
        };
        let source = line(self.locale, name, value);
        for (locale, catalogue, used) in &mut self.others {
            let wording = |text: &str| catalogue.and_then(|catalogue| catalogue.get(text)).map(AsRef::as_ref);
            let (other_name, other_value): (Option<&str>, Option<&str>) = (wording(name), wording(value));
            if other_name.is_some() || other_value.is_some() {
                let line = line(*locale, other_name.unwrap_or(name), other_value.unwrap_or(value));
                used.insert(source.clone().into(), line.into());
            }
        }
        Text::new(source)
    }

    /// That something waits, where the document does not say what.
    fn waits(&mut self) -> Option<Text<'a>> {
        let source = waits(self.locale)?;
        for (locale, _, used) in &mut self.others {
            used.extend(waits(*locale).map(|wording| (source.into(), wording.into())));
        }
        Text::new(source)
    }

    fn into_translations(self) -> Translations<'a> {
        Translations { catalogues: self.others.into_iter().map(|(locale, _, used)| (locale, used)).collect() }
    }
}

fn waits(locale: Locale) -> Option<&'static str> {
    WAITS.into_iter().find(|(word, _)| *word == locale.as_str()).map(|(_, wording)| wording)
}

fn line(locale: Locale, name: &str, value: &str) -> String {
    let colon = if locale.as_str() == "en-US" { ": " } else { "：" };
    format!("{name}{colon}{value}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{CardRules, Rules, read_instance};
    use crate::domain::{Mode, Region};
    use crate::feishu::translate::message_payload;
    use serde_json::{Value, json};

    fn document(members: &Value) -> Vec<u8> {
        let mut document = json!({
            "instance_id": "i", "approval_code": "leave", "status": "pending", "title": "年假申请",
            "applicant_user_id": "alice", "pc_link": "https://oa.example.com/1", "started_at": "2026-11-20T09:30:00Z",
            "form": [{"name": "天数", "value": "3"}, {"name": "备注", "value": ""}, {"value": "急"}],
            "tasks": [{
                "task_id": "t", "user_id": "bob", "status": "pending", "created_at": "2026-11-20T09:30:00Z",
                "title": "主管审批", "action_context": "ctx", "actions": [{"action": "approve", "label": "同意"}]
            }],
            "translations": {
                "en-US": {"年假申请": "Annual leave", "天数": "Days", "同意": "Agree"},
                "de-DE": {"年假申请": "Urlaub"}
            }
        });
        for (name, value) in members.as_object().unwrap() {
            document[name] = value.clone();
        }
        document.to_string().into_bytes()
    }

    /// The card of the first task, with its texts in place of their keys, in each language.
    fn card(members: &Value, callback: bool) -> Value {
        let json = document(members);
        let rules = Rules {
            region: Region::Feishu,
            default_locale: Locale::ZH_CN,
            update_needs_version: false,
            cards: CardRules::default(),
        };
        let instance = read_instance(&json, None, Mode::Replace, rules).unwrap();
        let task = instance.tasks.as_ref().and_then(|tasks| tasks.first());
        let callback = callback.then(|| Callback {
            url: Id::new("https://callbacks.example.com/").unwrap(),
            token: Some("token".into()),
            key: None,
        });
        let person = CardPerson { user_id: Some("bob".to_owned()), open_id: None };
        let message = card_message(&instance, task, &person, callback.as_ref()).unwrap();
        let payload = message_payload(&message, "uuid").unwrap();
        serde_json::from_slice(&payload).unwrap()
    }

    /// What a text of the card reads like in a language, where there is one.
    fn read(card: &Value, pointer: &str, locale: &str) -> Option<String> {
        let key = card.pointer(pointer)?.as_str()?;
        let resources = card["i18n_resources"].as_array().unwrap();
        let resource = resources.iter().find(|resource| resource["locale"] == locale)?;
        resource["texts"][key].as_str().map(str::to_owned)
    }

    #[test]
    fn a_card_says_what_the_document_says_in_the_languages_of_messages() {
        let card = card(&json!({}), true);
        assert_eq!((&card["template_id"], &card["user_id"]), (&json!("1008"), &json!("bob")));
        assert_eq!((&card["title_user_id"], &card["content"]["user_id"]), (&json!("alice"), &json!("alice")));
        for (pointer, chinese, english) in [
            ("/approval_name", "年假申请", Some("Annual leave")),
            ("/content/summaries/0/summary", "天数：3", Some("Days: 3")),
            ("/content/summaries/1/summary", "备注", None),
            ("/content/summaries/2/summary", "急", None),
            ("/action_configs/0/action_name", "同意", Some("Agree")),
        ] {
            assert_eq!(read(&card, pointer, "zh-CN").as_deref(), Some(chinese), "{pointer}");
            assert_eq!(read(&card, pointer, "en-US").as_deref(), english, "{pointer}");
            assert_eq!(read(&card, pointer, "de-DE"), None, "{pointer}");
        }
        assert_eq!(card["action_callback"]["action_callback_url"], "https://callbacks.example.com/");
        assert_eq!(card["action_callback"]["action_context"], "ctx");
    }

    #[test]
    fn a_language_that_messages_do_not_know_is_declared_chinese() {
        let translations = json!({"zh-CN": {"年假申请": "?"}, "en-US": {"年假申请": "Annual leave"}});
        let card = card(&json!({"locale": "de-DE", "translations": translations}), false);
        assert_eq!(read(&card, "/approval_name", "zh-CN").as_deref(), Some("年假申请"));
        assert_eq!(read(&card, "/approval_name", "en-US").as_deref(), Some("Annual leave"));
    }

    #[test]
    fn a_card_shows_five_rows_and_something_where_there_are_none() {
        let rows: Vec<_> = (1..=9).map(|row| json!({"name": format!("{row}"), "value": "x"})).collect();
        let full = card(&json!({"form": rows}), false);
        assert_eq!(full["content"]["summaries"].as_array().unwrap().len(), 5);
        let step = card(&json!({"form": []}), false);
        assert_eq!(read(&step, "/content/summaries/0/summary", "zh-CN").as_deref(), Some("主管审批"));
        let task = json!({"task_id": "t", "user_id": "bob", "status": "pending", "created_at": "2026-11-20T09:30:00Z"});
        let bare = card(&json!({"form": [], "title": null, "translations": null, "tasks": [task]}), false);
        for pointer in ["/approval_name", "/content/summaries/0/summary"] {
            assert_eq!(
                read(&bare, pointer, "en-US").as_deref(),
                Some("An approval waits for you"),
                "{pointer}"
            );
        }
    }

    #[test]
    fn buttons_need_somebody_who_is_told_of_a_tap() {
        let card = card(&json!({}), false);
        assert_eq!((&card["action_configs"], &card["action_callback"]), (&Value::Null, &Value::Null));
    }
}
