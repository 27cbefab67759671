//! A definition as Feishu has it: texts instead of keys, flags instead of secrets.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::{QuickApproval, ViewerScope, Word};
use crate::feishu::wire::{
    IsSet, Loose, StoredDefinition, StoredExternal, StoredResource, StoredText, StoredViewer,
};
use crate::schema::shapes::words;
use crate::schema::{Constraints, Named, Schemas, Shape, reference, shown};

shown! {
    /// A definition as Feishu has it. Callback secrets are never returned.
    pub(in crate::http) struct Definition {
        /// Your own code.
        definition_key: Option<String> { example: "\"hr-leave\"" },
        /// Feishu's code, the one that pushes use.
        approval_code: String { required: true, example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// Name of the kind of approval.
        name: Option<String> { example: "\"请假\"" },
        /// Your code of the group that lists it.
        group_key: Option<String> { example: "\"hr\"" },
        /// Name of the group.
        group_name: Option<String> { example: "\"人事\"" },
        /// What it is for.
        description: Option<String> { example: "\"年假、病假、事假\"" },
        /// Name of the system it comes from.
        source_name: Option<String> { example: "\"人事系统\"" },
        /// Free category of the business.
        business_type: Option<String> { example: "\"leave\"" },
        /// Where an approval is started on a computer.
        pc_create_link: Option<String> { example: "\"https://oa.example.com/leave/new\"" },
        /// Where an approval is started on a phone.
        mobile_create_link: Option<String> { example: "\"https://oa.example.com/m/leave/new\"" },
        /// Shown on computers.
        support_pc: bool { required: true, example: "true" },
        /// Shown on phones.
        support_mobile: bool { required: true, example: "true" },
        /// Copies can be marked as read in bulk.
        support_batch_read: bool { required: true, example: "false" },
        /// Tasks can be approved in bulk.
        allow_batch_operate: bool { required: true, example: "false" },
        /// Left out of efficiency statistics.
        exclude_from_statistics: bool { required: true, example: "false" },
        /// `gateway` when quick approvals come to this gateway; then there is no `action_callback_url`.
        quick_approval: Option<&'static str> { example: "\"gateway\"", words: Some(words::<QuickApproval>) },
        /// Where quick approvals are called back.
        action_callback_url: Option<String> { example: "\"https://oa.example.com/feishu/actions\"" },
        /// Whether a callback token is set.
        has_action_callback_token: bool { required: true, example: "true" },
        /// Whether a callback key is set.
        has_action_callback_key: bool { required: true, example: "false" },
        /// Who may see it and start an approval.
        viewers: DefinitionViewers { required: true },
        /// Who administers it.
        managers: Vec<String> { required: true, example: "[\"alice\"]", max_items: 1000 },
        /// The locale that the texts are written in.
        locale: Option<String> { example: "\"zh-CN\"" },
        /// For other locales, what texts read like: source text and translated text.
        translations: BTreeMap<String, TranslatedTexts> { required: true, example: "{\"en-US\":{\"请假\":\"Leave\"}}" },
        /// Which ids `viewers` and `managers` hold.
        user_id_type: &'static str { required: true, example: "\"user_id\"" },
    }

    /// Who may see a definition.
    struct DefinitionViewers {
        /// `everyone`, `nobody` or `selected`.
        scope: &'static str { required: true, example: "\"everyone\"", words: Some(words::<ViewerScope>) },
        /// People, with the scope `selected`.
        user_ids: Vec<String> { required: true, example: "[]", max_items: 1000 },
        /// Departments, with the scope `selected`.
        department_ids: Vec<String> { required: true, example: "[]", max_items: 1000 },
    }
}

impl Definition {
    /// The view of a stored definition whose real code is `approval_code`. `own_url` is where Feishu calls this gateway.
    pub(in crate::http) fn new(
        approval_code: String,
        user_id_type: &'static str,
        stored: StoredDefinition,
        own_url: Option<&str>,
    ) -> Self {
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
        let is_own = own_url.is_some() && own_url == action_callback_url.0.as_deref();
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
            quick_approval: is_own.then_some(QuickApproval::Gateway.as_str()),
            action_callback_url: action_callback_url.0.filter(|_| !is_own),
            has_action_callback_token,
            has_action_callback_key,
            viewers: who_may_see(viewers),
            managers: managers.into_iter().filter_map(|id| id.0).collect(),
            locale: texts.locale,
            translations: texts.used,
            user_id_type,
        }
    }
}

/// What texts read like in one other locale.
#[derive(Debug, Default, serde::Serialize)]
struct TranslatedTexts(BTreeMap<String, String>);

impl Named for TranslatedTexts {
    const NAME: &'static str = "TranslatedTexts";

    fn add_to(schemas: &mut Schemas) {
        let mut schema = BTreeMap::<String, String>::shape(&Constraints::NONE, schemas);
        schema["description"] =
            "What the texts of a definition read like in one other locale: source text and translated text."
                .into();
        schemas.insert(Self::NAME.to_owned(), schema);
    }
}

impl Shape for TranslatedTexts {
    fn shape(_: &Constraints, schemas: &mut Schemas) -> Value {
        reference::<Self>(schemas)
    }
}

/// Finds the texts behind keys, and keeps the translations of those that were asked for.
struct Wordings {
    locale: Option<String>,
    default: BTreeMap<String, String>,
    others: Vec<(String, BTreeMap<String, String>)>,
    used: BTreeMap<String, TranslatedTexts>,
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
                self.used.entry(locale.clone()).or_default().0.insert(text.clone(), translated.clone());
            }
        }
        Some(text)
    }
}

/// `NONE` beats `TENANT` beats names (contract §3.1).
fn who_may_see(viewers: Vec<StoredViewer>) -> DefinitionViewers {
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
