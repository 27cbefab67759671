//! The result objects that the searches share (contract §7).

use serde::Serialize;
use time::macros::format_description;

use super::filter::Candidate;
use super::ids::instance_code;
use crate::sandbox::documents::{Instance, Links};
use crate::sandbox::i18n::Lexicon;
use crate::sandbox::instances::Stored;
use crate::sandbox::int64::Int64;
use crate::sandbox::query::UserIdType;
use crate::sandbox::times::utc;

/// What every result begins with.
#[derive(Debug, Serialize)]
pub(crate) struct Shared {
    approval: Approval,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<Group>,
    instance: InstanceResult,
}

#[derive(Debug, Serialize)]
struct Approval {
    code: String,
    name: String,
    is_external: bool,
    external: ExternalFlags,
    approval_id: String,
    icon: &'static str,
}

#[derive(Debug, Serialize)]
struct ExternalFlags {
    batch_cc_read: bool,
}

#[derive(Debug, Serialize)]
struct Group {
    external_id: String,
    name: String,
}

#[derive(Debug, Serialize)]
struct InstanceResult {
    code: String,
    external_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    start_time: Int64,
    end_time: Int64,
    status: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<String>,
    serial_id: String,
    link: Links,
}

/// Reads the texts of one result in one locale.
pub(super) struct Texts<'a> {
    names: Lexicon<'a>,
    texts: Lexicon<'a>,
    locale: Option<&'a str>,
}

impl<'a> Texts<'a> {
    /// Indexes the texts of a definition and an instance.
    pub(super) fn of(candidate: &Candidate<'a>, locale: Option<&'a str>) -> Self {
        Self {
            names: Lexicon::new(&candidate.definition.body.i18n_resources),
            texts: Lexicon::new(&candidate.instance.i18n_resources),
            locale,
        }
    }

    /// A text of the definition.
    pub(super) fn name(&self, key: &str) -> String {
        self.names.read(key, self.locale)
    }

    /// A text of the instance, empty when the field is absent.
    pub(super) fn text(&self, key: &Option<String>) -> String {
        key.as_deref().map(|key| self.texts.read(key, self.locale)).unwrap_or_default()
    }

    /// The instance's title; the definition's name when it has none (contract §4.1).
    pub(super) fn title(&self, candidate: &Candidate<'_>) -> String {
        match &candidate.instance.title {
            Some(_) => self.text(&candidate.instance.title),
            None => self.name(&candidate.definition.body.approval_name),
        }
    }
}

impl Shared {
    /// Describes definition, group and instance of a result.
    pub(super) fn of(candidate: &Candidate<'_>, texts: &Texts<'_>, id_type: UserIdType) -> Self {
        let Candidate { stored, instance, definition } = candidate;
        let body = &definition.body;
        let group_name = body.group_name.as_deref().map(|key| texts.name(key));
        Self {
            approval: Approval {
                code: definition.real_code.clone(),
                name: texts.name(&body.approval_name),
                is_external: true,
                external: ExternalFlags { batch_cc_read: body.external.support_batch_read },
                approval_id: definition.approval_id.clone(),
                icon: "https://static.example.org/icon/approval.png",
            },
            group: body
                .group_code
                .clone()
                .map(|external_id| Group { external_id, name: group_name.unwrap_or_default() }),
            instance: InstanceResult {
                code: instance_code(stored),
                external_id: instance.instance_id.clone(),
                user_id: id_type.pick(&instance.user_id, &instance.open_id).cloned(),
                start_time: instance.start_time,
                end_time: instance.end_time,
                status: instance.status.to_lowercase(),
                title: texts.title(candidate),
                extra: instance.extra.clone(),
                serial_id: serial_id(stored, instance),
                link: instance.links.clone(),
            },
        }
    }
}

/// The day of the start and the position in the order of creation, as in the documents' examples.
fn serial_id(stored: &Stored, instance: &Instance) -> String {
    let day = utc(instance.start_time.0).format(format_description!("[year][month][day]"));
    let day = day.expect("a day can be written");
    format!("{day}{:04}", stored.number)
}
