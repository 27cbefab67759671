//! Definitions: two codes each, upsert by the custom one, read by the real one (contract §3).

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::i18n::{Lexicon, Resource};
use super::refusal::Refusal;

/// More definitions than this are refused as server trouble, so that a sandbox left alone stays small.
const MAX_DEFINITIONS: usize = 10_000;

/// Feishu's internal ids look like this one and count up.
const FIRST_APPROVAL_ID: u64 = 7_301_550_094_428_135_452;

/// The body of `POST external_approvals`, and of the answer to the GET (contract §3.1, §3.2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct DefinitionBody {
    pub(super) approval_name: String,
    /// The custom code, in both directions.
    pub(super) approval_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    pub(super) external: External,
    #[serde(default)]
    pub(super) viewers: Vec<Viewer>,
    pub(super) i18n_resources: Vec<Resource>,
    #[serde(default)]
    pub(super) managers: Vec<String>,
}

/// The switches and links of a definition; what an upsert omits is reset to its default (contract §3.3).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct External {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) biz_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) biz_type: Option<String>,
    /// A missing link reads back as an empty value (contract §3.2).
    pub(super) create_link_pc: String,
    pub(super) create_link_mobile: String,
    pub(super) support_pc: bool,
    pub(super) support_mobile: bool,
    pub(super) support_batch_read: bool,
    pub(super) enable_mark_readed: bool,
    pub(super) enable_quick_operate: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action_callback_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action_callback_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action_callback_key: Option<String>,
    pub(super) allow_batch_operate: bool,
    pub(super) exclude_efficiency_statistics: bool,
}

impl External {
    /// Where taps go; an empty address is none.
    pub(super) fn callback_url(&self) -> Option<&str> {
        self.action_callback_url.as_deref().filter(|url| !url.is_empty())
    }
}

/// Where taps go, as a definition says it.
#[derive(Clone)]
pub struct TapTarget {
    /// The address.
    pub url: String,
    /// What callbacks hold as a proof; may be empty.
    pub token: String,
    /// What they are encrypted with; may be empty.
    pub key: String,
}

impl TapTarget {
    /// The one of a definition or a card, of which the optional parts may be missing.
    pub(super) fn of(url: &str, token: Option<&str>, key: Option<&str>) -> Self {
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Self { url: url.to_owned(), token: owned(token), key: owned(key) }
    }
}

/// Who may start an approval of this kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Viewer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) viewer_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) viewer_user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) viewer_department_id: Option<String>,
}

/// A stored definition.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    /// The app that made it; the seeded one belongs to every app.
    pub(super) app_id: Option<String>,
    /// The code that pushes and the GET take.
    pub(super) real_code: String,
    /// Feishu's internal id, as the task list shows it.
    pub(super) approval_id: String,
    /// Whether the administrator deleted it.
    pub(super) deleted: bool,
    pub(super) body: DefinitionBody,
}

/// All definitions.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    by_real_code: BTreeMap<String, Definition>,
    /// Groups by app and group code: the key of the name with the resources that explain it.
    groups: HashMap<(String, String), Group>,
    created: u64,
}

#[derive(Debug, Clone)]
struct Group {
    name: String,
    resources: Vec<Resource>,
}

impl Definitions {
    /// Adds a definition that every app may use.
    pub(super) fn seed(&mut self, real_code: &str, body: DefinitionBody) {
        self.insert(None, real_code.to_owned(), body);
    }

    /// Creates or overwrites by the custom code; answers the real one.
    pub(super) fn upsert(&mut self, app_id: &str, body: DefinitionBody) -> Result<String, Refusal> {
        if !(body.external.support_pc || body.external.support_mobile) {
            // Documented rule, inferred code (contract §13.5).
            return Err(Refusal::param("support_pc and support_mobile cannot both be false"));
        }
        let mut body = body;
        let existing = self.by_custom_code(app_id, &body.approval_code).map(|known| known.real_code.clone());
        self.bind_group(app_id, existing.as_deref(), &mut body)?;
        match existing {
            Some(real_code) => {
                if let Some(definition) = self.by_real_code.get_mut(&real_code) {
                    definition.body = body;
                    definition.deleted = false;
                }
                Ok(real_code)
            }
            None if self.by_real_code.len() >= MAX_DEFINITIONS => Err(Refusal::try_later()),
            None => {
                let real_code = Uuid::new_v4().hyphenated().to_string().to_uppercase();
                self.insert(Some(app_id.to_owned()), real_code.clone(), body);
                Ok(real_code)
            }
        }
    }

    /// The definition behind a real code, for pushes and the GET.
    pub(super) fn find(&self, app_id: &str, real_code: &str) -> Result<&Definition, Refusal> {
        let belongs = |definition: &&Definition| definition.app_id.as_deref().is_none_or(|app| app == app_id);
        let definition =
            self.by_real_code.get(real_code).filter(belongs).ok_or_else(Refusal::code_not_found)?;
        if definition.deleted { Err(Refusal::definition_deleted()) } else { Ok(definition) }
    }

    /// The definition of a stored instance, deleted or not.
    pub(super) fn of_instance(&self, real_code: &str) -> Option<&Definition> {
        self.by_real_code.get(real_code)
    }

    /// All of them, by real code.
    pub(super) fn all(&self) -> impl Iterator<Item = &Definition> {
        self.by_real_code.values()
    }

    /// Deletes as an administrator would in the console; answers whether it existed.
    pub(super) fn delete(&mut self, real_code: &str) -> bool {
        self.by_real_code.get_mut(real_code).map(|definition| definition.deleted = true).is_some()
    }

    fn by_custom_code(&self, app_id: &str, custom_code: &str) -> Option<&Definition> {
        self.by_real_code.values().find(|definition| {
            definition.body.approval_code == custom_code
                && definition.app_id.as_deref().is_none_or(|app| app == app_id)
        })
    }

    fn insert(&mut self, app_id: Option<String>, real_code: String, body: DefinitionBody) {
        let approval_id = (FIRST_APPROVAL_ID + self.created).to_string();
        self.created += 1;
        let definition =
            Definition { app_id, real_code: real_code.clone(), approval_id, deleted: false, body };
        self.by_real_code.insert(real_code, definition);
    }

    /// The rules of `group_code` and `group_name` (contract §3.1): a name needs a code, a new code needs a name, a name
    /// renames, and an update without a code keeps its group.
    fn bind_group(
        &mut self,
        app_id: &str,
        existing: Option<&str>,
        body: &mut DefinitionBody,
    ) -> Result<(), Refusal> {
        let group_code = body.group_code.clone().filter(|code| !code.is_empty());
        let Some(code) = group_code else {
            if body.group_name.is_some() {
                return Err(Refusal::param("Group code cannot be empty"));
            }
            let kept = existing.and_then(|real_code| self.by_real_code.get(real_code)).cloned();
            body.group_code = kept.and_then(|definition| definition.body.group_code);
            if let Some(code) = body.group_code.clone() {
                self.keep_group_name(app_id, &code, body);
            }
            return Ok(());
        };
        match body.group_name.clone() {
            Some(_) if self.groups.len() >= MAX_DEFINITIONS => Err(Refusal::try_later()),
            Some(name) => {
                let group = Group { name, resources: body.i18n_resources.clone() };
                self.groups.insert((app_id.to_owned(), code), group);
                Ok(())
            }
            None if self.keep_group_name(app_id, &code, body) => Ok(()),
            None => Err(Refusal::param("Group name cannot be empty for a new group code")),
        }
    }

    /// Carries the name of a known group over into a body that leaves it out; answers whether the group is known.
    fn keep_group_name(&self, app_id: &str, code: &str, body: &mut DefinitionBody) -> bool {
        let Some(group) = self.groups.get(&(app_id.to_owned(), code.to_owned())) else { return false };
        body.group_name = Some(group.name.clone());
        let names = Lexicon::new(&group.resources);
        for resource in &mut body.i18n_resources {
            if resource.texts.iter().all(|text| text.key != group.name) {
                let value = names.read(&group.name, Some(&resource.locale));
                resource.texts.push(super::i18n::Text { key: group.name.clone(), value });
            }
        }
        true
    }
}
