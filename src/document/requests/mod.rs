//! The schema of the flat documents: which members each object has, how each is read, and what each means.
//!
//! These declarations are what the reader follows and what the OpenAPI file shows.

mod definition;
mod instance;
mod shapes;
mod versions;

pub(super) use definition::{MAX_KEY, MAX_PERSONS, RawDefinition, RawViewers};
pub(super) use instance::{
    MAX_ACTIONS, MAX_CC, MAX_FORM_TEXT, MAX_ROWS, RawAction, RawCc, RawInstance, RawRow, RawTask,
    RawTrusteeship,
};
pub(super) use versions::{MAX_INSTANCES, RawTaskVersion, RawVersion, RawVersions};

use crate::schema::{Named, Schemas};

/// Adds the schemas of every document that is read.
pub fn add_request_schemas(schemas: &mut Schemas) {
    RawInstance::add_to(schemas);
    RawDefinition::add_to(schemas);
    RawVersions::add_to(schemas);
}
