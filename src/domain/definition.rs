//! A kind of approval, as Feishu's approval centre lists it.

use secrecy::SecretString;

use super::{
    Alias, DepartmentIdType, Id, KnownPeople, Link, Locale, NamesPeople, PersonIds, QuickApproval, Text,
    Translations, UserIdType, Warnings,
};

/// A valid definition (design §2.2, contract §3.1). Feishu resets what an upsert leaves out, so it is always whole.
#[derive(Debug, Clone)]
pub struct ApprovalDefinition<'a> {
    /// The caller's own code; Feishu returns another, the `approval_code`.
    pub definition_key: Id<'a>,
    /// The code that Feishu returned before, when the caller tells it.
    pub approval_code: Option<Id<'a>>,
    /// Name of the kind of approval.
    pub name: Text<'a>,
    /// The group that lists it; `None` keeps the group it is in.
    pub group: Option<Group<'a>>,
    /// What it is for.
    pub description: Option<Text<'a>>,
    /// Name of the system it comes from.
    pub source_name: Option<Text<'a>>,
    /// Free category of the business.
    pub business_type: Option<Id<'a>>,
    /// Where an approval is started on a computer.
    pub pc_create_link: Option<Link<'a>>,
    /// Where an approval is started on a phone.
    pub mobile_create_link: Option<Link<'a>>,
    /// Shown on computers.
    pub support_pc: bool,
    /// Shown on phones; not both may be off.
    pub support_mobile: bool,
    /// Copies can be marked as read in bulk.
    pub support_batch_read: bool,
    /// Tasks can be approved in bulk.
    pub allow_batch_operate: bool,
    /// Left out of efficiency statistics.
    pub exclude_from_statistics: bool,
    /// Where quick approvals are called back.
    pub callback: Option<Callback<'a>>,
    /// Who takes quick approvals, when the callback is to be filled in.
    pub quick_approval: Option<QuickApproval>,
    /// Who may start one.
    pub viewers: Viewers<'a>,
    /// Who administers it.
    pub managers: Vec<Id<'a>>,
    /// People of both lists who are named by aliases.
    pub named: Vec<NamedInDefinition<'a>>,
    /// The language of the texts.
    pub locale: Locale,
    /// The texts in other languages.
    pub translations: Translations<'a>,
    /// Which ids `viewers` and `managers` hold.
    pub user_id_type: UserIdType,
    /// Which department ids `viewers` holds.
    pub department_id_type: DepartmentIdType,
    /// What its writer should look at.
    pub warnings: Warnings,
}

/// Somebody whom a definition names by an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedInDefinition<'a> {
    /// As what.
    pub role: DefinitionRole,
    /// JSON Pointer to the alias.
    pub pointer: String,
    /// The alias.
    pub alias: Alias<'a>,
}

/// What somebody is to a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefinitionRole {
    /// May see it and start an approval.
    Viewer,
    /// Administers it.
    Manager,
}

impl NamesPeople for ApprovalDefinition<'_> {
    fn aliases(&self) -> Vec<(String, Alias<'_>)> {
        self.named.iter().map(|named| (named.pointer.clone(), named.alias.clone())).collect()
    }

    fn resolve(&mut self, known: &KnownPeople) {
        for NamedInDefinition { role, pointer: _, alias } in &self.named {
            let Some(PersonIds { open_id, user_id }) = known.get(alias) else { continue };
            let id = match self.user_id_type {
                UserIdType::UserId => user_id.clone(),
                UserIdType::OpenId | UserIdType::UnionId => Some(open_id.clone()),
            };
            let list = match (role, &mut self.viewers) {
                (DefinitionRole::Manager, _) => &mut self.managers,
                (DefinitionRole::Viewer, Viewers::Selected { user_ids, .. }) => user_ids,
                (DefinitionRole::Viewer, Viewers::Everyone | Viewers::Nobody) => continue,
            };
            // Somebody may be named twice, by different names.
            list.extend(id.and_then(Id::new).filter(|id| !list.contains(id)));
        }
    }

    fn needs_user_ids(&self) -> bool {
        !self.named.is_empty() && self.user_id_type == UserIdType::UserId
    }
}

/// Where a definition is listed. Feishu takes the code of a known group alone, and never a name alone (contract §3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'a> {
    /// The caller's code of the group.
    pub key: Id<'a>,
    /// What people read; the group's own name when absent.
    pub name: Option<Text<'a>>,
}

/// Where and how quick approvals are called back (contract §8.1).
#[derive(Debug, Clone)]
pub struct Callback<'a> {
    /// The caller's address.
    pub url: Id<'a>,
    /// Echoed in each callback, to prove where it comes from; `None` = none.
    pub token: Option<SecretString>,
    /// Switches on encryption; `None` = none.
    pub key: Option<SecretString>,
}

/// Who may see a definition and start an approval (contract §3.1 `viewers[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewers<'a> {
    /// The whole tenant.
    Everyone,
    /// Nobody.
    Nobody,
    /// Some people and departments.
    Selected {
        /// Ids of the definition's `user_id_type`.
        user_ids: Vec<Id<'a>>,
        /// Ids of the definition's `department_id_type`.
        department_ids: Vec<Id<'a>>,
    },
}
