//! Who may see a definition, as far as what was upserted says.

use serde_json::Value;

use super::person::PersonId;
use crate::domain::{AppName, UserIdType, ViewerScope, Word};
use crate::ledger::{DefinitionRecord, Ledger, LedgerError, PageRequest};

/// Definitions of one look into the ledger.
const PAGE: usize = 200;

/// What a kept definition says about who sees it, and where.
#[derive(Debug, Clone)]
pub(super) struct DefinitionFacts {
    pub(super) scope: ViewerScope,
    pub(super) user_id_type: UserIdType,
    pub(super) user_ids: Vec<String>,
    pub(super) on_pc: bool,
    pub(super) on_mobile: bool,
}

/// The definition with this code, if it was upserted through this gateway.
pub(super) async fn kept_definition(
    ledger: &dyn Ledger,
    app: &AppName,
    approval_code: &str,
) -> Result<Option<DefinitionFacts>, LedgerError> {
    // Kept by key, and an app has few.
    let mut page = PageRequest::first(PAGE);
    loop {
        let found = ledger.definitions(app, page).await?;
        let mut items = found.items.into_iter();
        if let Some(definition) = items.find(|definition| definition.approval_code == approval_code) {
            return Ok(DefinitionFacts::read(&definition));
        }
        match found.next {
            Some(next) => page = PageRequest { after: Some(next), limit: PAGE },
            None => return Ok(None),
        }
    }
}

impl DefinitionFacts {
    /// Reads as much as is needed here: without its secrets it is no definition that could be upserted.
    fn read(record: &DefinitionRecord) -> Option<Self> {
        let json: Value = serde_json::from_str(&record.json).ok()?;
        let viewers = &json["viewers"];
        let user_ids = viewers["user_ids"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Some(Self {
            scope: word(&viewers["scope"])?,
            user_id_type: word(&json["user_id_type"]).unwrap_or(UserIdType::UserId),
            user_ids: user_ids.map(str::to_owned).collect(),
            on_pc: json["support_pc"].as_bool().unwrap_or(false),
            on_mobile: json["support_mobile"].as_bool().unwrap_or(false),
        })
    }

    /// Whether this person is not among those who see the definition, or may not be: it names departments, or another kind of
    /// id.
    pub(super) fn leaves_out(&self, person: &PersonId) -> bool {
        let is_named = match (person, self.user_id_type) {
            (PersonId::UserId(id), UserIdType::UserId) | (PersonId::OpenId(id), UserIdType::OpenId) => {
                self.user_ids.contains(id)
            }
            _ => false,
        };
        match self.scope {
            ViewerScope::Everyone => false,
            ViewerScope::Nobody => true,
            ViewerScope::Selected => !is_named,
        }
    }
}

fn word<W: Word>(value: &Value) -> Option<W> {
    W::parse(value.as_str()?)
}
