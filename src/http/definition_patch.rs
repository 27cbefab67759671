//! Changes to a definition: what Feishu has, with the patch over it, as the document of an upsert.

use serde_json::Value;

use super::problem::Problem;
use super::responses::Definition;
use crate::document::MergePatch;
use crate::domain::{Location, UserIdType, Violation, Word};

/// The kind of ids in which the patch speaks of people.
pub(super) fn user_id_type(patch: &MergePatch) -> UserIdType {
    // A word that is none is reported with everything else that is wrong with the result.
    patch.word("user_id_type").and_then(UserIdType::parse).unwrap_or(UserIdType::UserId)
}

/// The whole definition as it shall be.
///
/// # Errors
/// When the patch is for another definition, because its key would create or change that one.
pub(super) fn patched(stored: &Definition, mut patch: MergePatch) -> Result<Vec<u8>, Problem> {
    let mut stored = serde_json::to_value(stored).map_err(Problem::internal)?;
    for shown in ["approval_code", "has_action_callback_token", "has_action_callback_key"] {
        patch.ignore(shown);
    }
    if patch.changes("definition_key", &stored["definition_key"]) {
        let detail = "differs from that of the definition; another key is another definition, which POST /v1/definitions creates";
        return Err(Problem::validation(vec![Violation::at(
            Location::Body,
            "/definition_key",
            "id_mismatch",
            detail,
        )]));
    }
    let has_departments =
        stored["viewers"]["department_ids"].as_array().is_some_and(|departments| !departments.is_empty());
    if has_departments && patch.names("department_id_type") && !patch.names("viewers") {
        let detail = "must be given whole together with department_id_type: Feishu shows departments by their open_department_id";
        return Err(Problem::validation(vec![Violation::at(Location::Body, "/viewers", "required", detail)]));
    }
    // Each takes the place of the other.
    let (own, elsewhere) = ("quick_approval", "action_callback_url");
    if let Some(stored) = stored.as_object_mut() {
        for (named, replaced) in [(own, elsewhere), (elsewhere, own)] {
            if patch.word(named).is_some() && !patch.names(replaced) {
                stored.remove(replaced);
            }
        }
    }
    let whole: Value = patch.apply(stored);
    serde_json::to_vec(&whole).map_err(Problem::internal)
}
