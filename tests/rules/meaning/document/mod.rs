//! What a flat document says, read by the rules of the design alone.
//!
//! Only valid documents come here, so nothing is checked.

mod definition;
mod instance;
mod time;

use std::collections::BTreeMap;

use crate::meaning::json::Json;
use crate::meaning::model::{Extra, Links, Text};

pub(crate) use definition::definition;
pub(crate) use instance::{Request, instance};

/// One object of a flat document; `null` counts as absent, and so does the empty string.
#[derive(Clone, Copy)]
struct Flat<'a>(&'a Json);

impl<'a> Flat<'a> {
    fn get(self, name: &str) -> Option<&'a Json> {
        self.0.get(name).filter(|value| **value != Json::Null)
    }

    fn any_string(self, name: &str) -> Option<String> {
        match self.get(name)? {
            Json::Text(text) => Some(text.clone()),
            other => panic!("{name} is {other}"),
        }
    }

    fn string(self, name: &str) -> Option<String> {
        self.any_string(name).filter(|text| !text.is_empty())
    }

    fn due(self, name: &str) -> String {
        self.string(name).unwrap_or_else(|| panic!("{name} is missing"))
    }

    fn flag(self, name: &str) -> Option<bool> {
        self.get(name).map(|flag| *flag == Json::Bool(true))
    }

    fn time(self, name: &str) -> Option<i64> {
        self.string(name).map(|text| time::unix_millis(&text))
    }

    fn objects(self, name: &str) -> Option<Vec<Self>> {
        match self.get(name)? {
            Json::Array(items) => Some(items.iter().map(Flat).collect()),
            other => panic!("{name} is {other}"),
        }
    }

    fn strings(self, name: &str) -> Vec<String> {
        let text = |Flat(item): Flat<'_>| match item {
            Json::Text(text) => text.clone(),
            other => panic!("{name} holds {other}"),
        };
        self.objects(name).unwrap_or_default().into_iter().map(text).collect()
    }

    /// Own links; the missing one mirrors the other.
    fn links(self) -> Option<Links> {
        let (pc, mobile) = (self.string("pc_link"), self.string("mobile_link"));
        Some(Links { pc: pc.clone().or(mobile.clone())?, mobile: mobile.or(pc)? })
    }

    /// `extra`, and the flat field that travels inside it.
    fn extra(self, understood: &str) -> Option<Extra> {
        let mut object = self.get("extra").cloned();
        if let Some(value) = self.string(understood) {
            object.get_or_insert_with(|| Json::Object(Vec::new())).set(understood, value);
        }
        object.map(|object| Extra::new(object.members(), understood))
    }
}

/// The languages of one document.
struct Languages {
    locale: String,
    catalogues: Vec<(String, BTreeMap<String, String>)>,
}

impl Languages {
    fn new(document: Flat<'_>, default_locale: &str) -> Self {
        let locale = document.string("locale").unwrap_or_else(|| default_locale.to_owned());
        let catalogue = |entries: &Json| {
            let entry = |(source, text): &(String, Json)| match text {
                Json::Text(text) if !text.is_empty() => Some((source.clone(), text.clone())),
                _ => None,
            };
            entries.members().iter().filter_map(entry).collect()
        };
        let catalogues = document.get("translations").map(Json::members).unwrap_or_default();
        let catalogues = catalogues.iter().map(|(locale, entries)| (locale.clone(), catalogue(entries)));
        Self { catalogues: catalogues.collect(), locale }
    }

    fn text(&self, object: Flat<'_>, name: &str) -> Option<Text> {
        let wording = object.string(name)?;
        let others = self
            .catalogues
            .iter()
            .filter_map(|(locale, entries)| Some((locale.clone(), entries.get(&wording)?.clone())));
        Some(Text::new(&wording, others))
    }
}
