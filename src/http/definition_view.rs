//! A definition as Feishu has it: texts instead of keys, flags instead of secrets.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::feishu::wire::{
    IsSet, Loose, StoredDefinition, StoredExternal, StoredResource, StoredText, StoredViewer,
};

/// The answer of `getDefinition` (design §2.2).
#[derive(Debug, Serialize)]
pub(super) struct Definition {
    #[serde(skip_serializing_if = "Option::is_none")]
    definition_key: Option<String>,
    approval_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    business_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pc_create_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_create_link: Option<String>,
    support_pc: bool,
    support_mobile: bool,
    support_batch_read: bool,
    allow_batch_operate: bool,
    exclude_from_statistics: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_callback_url: Option<String>,
    has_action_callback_token: bool,
    has_action_callback_key: bool,
    viewers: DefinitionViewers,
    managers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    /// For each other locale, source text and translated text.
    translations: BTreeMap<String, BTreeMap<String, String>>,
    user_id_type: &'static str,
}

/// Who may see it; `NONE` beats `TENANT` beats names (contract §3.1).
#[derive(Debug, Serialize)]
struct DefinitionViewers {
    scope: &'static str,
    user_ids: Vec<String>,
    department_ids: Vec<String>,
}

impl Definition {
    /// The view of a stored definition whose real code is `approval_code`.
    pub(super) fn new(approval_code: String, user_id_type: &'static str, stored: StoredDefinition) -> Self {
        let StoredDefinition {
            approval_name,
            approval_code: definition_key,
            group_code,
            group_name,
            description,
            external,
            viewers,
            i18n_resources,
            managers,
        } = stored;
        let StoredExternal {
            biz_name,
            biz_type,
            create_link_pc,
            create_link_mobile,
            support_pc,
            support_mobile,
            support_batch_read,
            action_callback_url,
            action_callback_token: IsSet(has_action_callback_token),
            action_callback_key: IsSet(has_action_callback_key),
            allow_batch_operate,
            exclude_efficiency_statistics,
        } = external;
        let mut texts = Wordings::new(i18n_resources);
        let name = texts.resolve(approval_name);
        let group_name = texts.resolve(group_name);
        let description = texts.resolve(description);
        let source_name = texts.resolve(biz_name);
        Self {
            definition_key: definition_key.0,
            approval_code,
            name,
            group_key: group_code.0,
            group_name,
            description,
            source_name,
            business_type: biz_type.0,
            pc_create_link: create_link_pc.0,
            mobile_create_link: create_link_mobile.0,
            support_pc,
            support_mobile,
            support_batch_read,
            allow_batch_operate,
            exclude_from_statistics: exclude_efficiency_statistics,
            action_callback_url: action_callback_url.0,
            has_action_callback_token,
            has_action_callback_key,
            viewers: viewer_view(viewers),
            managers: managers.into_iter().filter_map(|id| id.0).collect(),
            locale: texts.locale,
            translations: texts.used,
            user_id_type,
        }
    }
}

/// Finds the texts behind keys, and keeps the translations of those that were asked for.
struct Wordings {
    locale: Option<String>,
    default: BTreeMap<String, String>,
    others: Vec<(String, BTreeMap<String, String>)>,
    used: BTreeMap<String, BTreeMap<String, String>>,
}

impl Wordings {
    fn new(resources: Vec<StoredResource>) -> Self {
        let mut wordings =
            Self { locale: None, default: BTreeMap::new(), others: Vec::new(), used: BTreeMap::new() };
        for StoredResource { locale, is_default, texts } in resources {
            let Loose(Some(locale)) = locale else { continue };
            let pairs = texts.into_iter().filter_map(|StoredText { key, value }| Some((key.0?, value.0?)));
            let texts: BTreeMap<_, _> = pairs.collect();
            if is_default && wordings.locale.is_none() {
                (wordings.locale, wordings.default) = (Some(locale), texts);
            } else {
                wordings.others.push((locale, texts));
            }
        }
        wordings
    }

    /// The text behind a key; a field that holds no known key is shown as it is.
    fn resolve(&mut self, field: Loose) -> Option<String> {
        let key = field.0?;
        let text = self.default.get(&key).unwrap_or(&key).clone();
        for (locale, texts) in &self.others {
            if let Some(translated) = texts.get(&key) {
                self.used.entry(locale.clone()).or_default().insert(text.clone(), translated.clone());
            }
        }
        Some(text)
    }
}

fn viewer_view(viewers: Vec<StoredViewer>) -> DefinitionViewers {
    let mut view = DefinitionViewers { scope: "nobody", user_ids: Vec::new(), department_ids: Vec::new() };
    let kinds: Vec<_> =
        viewers.iter().map(|viewer| viewer.viewer_type.0.clone().unwrap_or_default()).collect();
    let is = |kind: &str| kinds.iter().any(|found| found == kind);
    if is("NONE") || viewers.is_empty() {
        return view;
    }
    if is("TENANT") {
        view.scope = "everyone";
        return view;
    }
    view.scope = "selected";
    for (kind, StoredViewer { viewer_type: _, viewer_user_id, viewer_department_id }) in
        kinds.iter().zip(viewers)
    {
        // The page's example shows both ids in one entry; only the one that its type speaks of counts.
        match kind.as_str() {
            "USER" => view.user_ids.extend(viewer_user_id.0),
            "DEPARTMENT" => view.department_ids.extend(viewer_department_id.0),
            _ => {}
        }
    }
    view
}
