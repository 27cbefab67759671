//! Writes the file in the order in which people read it. JSON objects have none in memory: there they are sorted by name.

use std::collections::HashSet;

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use crate::http::routes;

/// The members of the file, as the specification lists them.
const MEMBERS: [&str; 8] =
    ["openapi", "info", "servers", "security", "tags", "paths", "webhooks", "components"];

/// The whole file: its members, its paths and the methods of a path in order.
pub(super) struct InOrder<'a>(pub(super) &'a Value);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut file = serializer.serialize_map(None)?;
        // 3.0 has no webhooks.
        for name in MEMBERS.into_iter().filter(|name| self.0.get(name).is_some()) {
            match name {
                "paths" => file.serialize_entry(name, &Paths(&self.0[name]))?,
                _ => file.serialize_entry(name, &self.0[name])?,
            }
        }
        file.end()
    }
}

struct Paths<'a>(&'a Value);

impl Serialize for Paths<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Each once, where its first operation stands.
        let mut names: Vec<_> = routes::operations().iter().map(|operation| operation.path).collect();
        let mut seen = HashSet::new();
        names.retain(|name| seen.insert(*name));
        serializer.collect_map(names.into_iter().map(|name| (name, Methods(name, &self.0[name]))))
    }
}

struct Methods<'a>(&'static str, &'a Value);

impl Serialize for Methods<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let operations = routes::operations();
        let own = operations.iter().filter(|operation| operation.path == self.0);
        let names = own.map(|operation| operation.method.as_str());
        serializer.collect_map(names.map(|name| (name, &self.1[name])))
    }
}
