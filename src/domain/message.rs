//! A message of the approval bot to one person.

use super::{
    Action, Alias, Callback, Id, KnownPeople, Links, Locale, MessageStatus, MessageTemplate, NamesPeople,
    Person, Text, Translations, Warnings,
};

/// A valid message (design §4.3, contract §10.1). A sync of an instance notifies nobody; this does.
#[derive(Debug, Clone)]
pub struct BotMessage<'a> {
    /// Who gets it.
    pub recipient: Person<'a>,
    /// What it says.
    pub content: MessageContent<'a>,
    /// A remark at its end.
    pub note: Option<Text<'a>>,
    /// Where its button leads; both have a scheme.
    pub links: Links<'a>,
    /// Equal ones reach a person once.
    pub dedupe_key: Option<Id<'a>>,
    /// The language of the texts, one of those that messages know.
    pub locale: Locale,
    /// The texts in the others of those languages.
    pub translations: Translations<'a>,
    /// What its writer should look at.
    pub warnings: Warnings,
}

impl NamesPeople for BotMessage<'_> {
    fn aliases(&self) -> Vec<(String, Alias<'_>)> {
        let (subject, applicant) = match &self.content {
            MessageContent::Approval(approval) => (approval.subject.as_ref(), approval.applicant.as_ref()),
            MessageContent::Custom { .. } => (None, None),
        };
        // Where the headline names the applicant, both are one.
        let subject = subject.filter(|subject| Some(*subject) != applicant);
        let people = [("", Some(&self.recipient)), ("subject_", subject), ("applicant_", applicant)];
        let named = people.into_iter().filter_map(|(prefix, person)| {
            let alias = person?.alias()?;
            Some((format!("/{prefix}{}", alias.kind.as_str()), alias.clone()))
        });
        named.collect()
    }

    fn resolve(&mut self, known: &KnownPeople) {
        self.recipient.resolve(known);
        if let MessageContent::Approval(approval) = &mut self.content {
            approval
                .subject
                .iter_mut()
                .chain(&mut approval.applicant)
                .for_each(|person| person.resolve(known));
        }
    }
}

/// What a message says.
#[derive(Debug, Clone)]
pub enum MessageContent<'a> {
    /// Something about an approval, under a headline of Feishu's.
    Approval(Box<ApprovalMessage<'a>>),
    /// A text of one's own.
    Custom {
        /// The headline.
        title: Text<'a>,
        /// The text, in Markdown.
        text: Text<'a>,
        /// What the button says.
        link_label: Text<'a>,
    },
}

/// A message about an approval.
#[derive(Debug, Clone)]
pub struct ApprovalMessage<'a> {
    /// What has happened.
    pub template: MessageTemplate,
    /// Name of the kind of approval.
    pub approval_name: Text<'a>,
    /// Whom the headline names.
    pub subject: Option<Person<'a>>,
    /// Who has started the approval.
    pub applicant: Option<Person<'a>>,
    /// Name of an applicant that is no person.
    pub applicant_name: Option<Text<'a>>,
    /// The applicant's department; needed where there are several.
    pub department_id: Option<Id<'a>>,
    /// The department's name.
    pub department_name: Option<Text<'a>>,
    /// What it is about, at least one line and at most five, in Markdown.
    pub summaries: Vec<Text<'a>>,
    /// What somebody has said, in Markdown.
    pub comment: Option<Text<'a>>,
    /// Who sends a reminder.
    pub sender: Option<Id<'a>>,
    /// What the sender says in the chat.
    pub chat_text: Option<Id<'a>>,
    /// Buttons that act.
    pub quick_approval: Option<CardActions<'a>>,
}

/// Buttons that act, and who is told of a tap.
#[derive(Debug, Clone)]
pub struct CardActions<'a> {
    /// At least one, at most two.
    pub actions: Vec<Action<'a>>,
    /// Handed back unchanged.
    pub context: Option<Id<'a>>,
    /// Where taps are called back; the gateway itself when absent.
    pub callback: Option<Callback<'a>>,
}

/// A valid change of a to-do card (contract §10.2).
#[derive(Debug, Clone)]
pub struct MessageUpdate<'a> {
    /// What the card says from now on.
    pub status: CardStatus<'a>,
    /// The language of the texts, one of those that messages know.
    pub locale: Locale,
    /// The texts in the others of those languages.
    pub translations: Translations<'a>,
}

/// What a card says of its task.
#[derive(Debug, Clone)]
pub enum CardStatus<'a> {
    /// In Feishu's words; never [`MessageStatus::Custom`].
    Word(MessageStatus),
    /// In one's own.
    Custom {
        /// The status.
        text: Text<'a>,
        /// What the button says from now on.
        link_label: Option<Text<'a>>,
    },
}
