//! The schema of the flat documents: which members each object has, how each is read, and what each means.
//!
//! These declarations are what the reader follows and what the OpenAPI file shows.

mod definition;
mod deliveries;
mod events;
mod imports;
mod instance;
mod message;
mod shapes;
mod versions;

pub(super) use definition::{MAX_KEY, MAX_PERSONS, RawDefinition, RawViewers};
pub(super) use deliveries::{MAX_STATES, RawDeliveryFilter};
pub(super) use events::RawEventFilter;
pub(super) use imports::RawImportChange;
pub(super) use instance::{
    MAX_ACTIONS, MAX_CC, MAX_FORM_TEXT, MAX_ROWS, RawAction, RawCc, RawInstance, RawRow, RawTask,
    RawTrusteeship,
};
pub(super) use message::{MAX_SUMMARIES, RawMessage, RawMessageUpdate};
pub(super) use versions::{MAX_INSTANCES, RawTaskVersion, RawVersion, RawVersions};

use crate::schema::{Named, Schemas};

/// Adds the schemas of every document that is read.
pub fn add_request_schemas(schemas: &mut Schemas) {
    RawInstance::add_to(schemas);
    RawDefinition::add_to(schemas);
    RawVersions::add_to(schemas);
    RawMessage::add_to(schemas);
    RawMessageUpdate::add_to(schemas);
    RawDeliveryFilter::add_to(schemas);
    RawEventFilter::add_to(schemas);
    RawImportChange::add_to(schemas);
    add_patch_of(RawDefinition::NAME, "DefinitionPatch", schemas);
}

/// Adds the schema of a merge patch: the members of a document, none of which must be there.
fn add_patch_of(document: &str, name: &str, schemas: &mut Schemas) {
    let mut patch = schemas.get(document).cloned().unwrap_or_default();
    if let Some(patch) = patch.as_object_mut() {
        patch.remove("required");
        let description = format!(
            "Changes to a `{document}` (RFC 7396): members that are named take the place of what is there, `null` removes \
             (the schema does not list it), objects are changed member by member, arrays are replaced whole."
        );
        patch.insert("description".to_owned(), description.into());
    }
    schemas.insert(name.to_owned(), patch);
}
