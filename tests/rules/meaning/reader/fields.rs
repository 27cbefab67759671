//! One object of a payload, read field by field; whatever nobody asked for is a fault.

use std::cell::RefCell;

use crate::meaning::json::{Json, Member};

/// Everything that is wrong with a payload.
#[derive(Default)]
pub(crate) struct Faults(RefCell<Vec<String>>);

impl Faults {
    pub(crate) fn note(&self, place: &str, fault: &str) {
        self.0.borrow_mut().push(format!("{place}: {fault}"));
    }

    pub(crate) fn into_inner(self) -> Vec<String> {
        self.0.into_inner()
    }
}

/// The fields of one object.
pub(crate) struct Fields<'a> {
    place: String,
    members: &'a [Member],
    known: Vec<&'static str>,
    pub faults: &'a Faults,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(place: String, json: &'a Json, faults: &'a Faults) -> Self {
        if !matches!(json, Json::Object(_)) {
            faults.note(&place, "must be an object");
        }
        let members = json.members();
        for (index, (name, _)) in members.iter().enumerate() {
            if members[..index].iter().any(|(earlier, _)| earlier == name) {
                faults.note(&format!("{place}/{name}"), "occurs twice");
            }
        }
        Self { place, members, known: Vec::new(), faults }
    }

    pub(crate) fn place(&self, name: &str) -> String {
        format!("{}/{name}", self.place)
    }

    pub(crate) fn fault(&self, name: &str, fault: &str) {
        self.faults.note(&self.place(name), fault);
    }

    /// The value as it stands; marks the field as known.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'a Json> {
        self.known.push(name);
        self.members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A string that may be empty.
    pub(crate) fn any_string(&mut self, name: &'static str) -> Option<String> {
        match self.get(name)? {
            Json::Text(text) => Some(text.clone()),
            _ => {
                self.fault(name, "must be a string");
                None
            }
        }
    }

    pub(crate) fn string(&mut self, name: &'static str) -> Option<String> {
        let text = self.any_string(name)?;
        if text.is_empty() {
            self.fault(name, "must not be empty");
        }
        Some(text)
    }

    pub(crate) fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.get(name)? {
            Json::Bool(flag) => Some(*flag),
            _ => {
                self.fault(name, "must be a boolean");
                None
            }
        }
    }

    /// One of the documents' words, in the caller's lower case.
    pub(crate) fn word(&mut self, name: &'static str, words: &[&str]) -> Option<String> {
        let word = self.string(name)?;
        if !words.contains(&word.as_str()) {
            self.fault(name, "is no word of the documents");
        }
        Some(word.to_lowercase())
    }

    /// A whole number of 64 bits, written as a decimal string.
    pub(crate) fn int64(&mut self, name: &'static str) -> Option<i64> {
        let text = self.string(name)?;
        let number = text.parse::<i64>().ok().filter(|number| number.to_string() == text);
        if number.is_none() {
            self.fault(name, "must be the decimal digits of 64 bits");
        }
        number
    }

    /// Unix milliseconds after 1970 (contract §1.4).
    pub(crate) fn time(&mut self, name: &'static str) -> Option<i64> {
        let millis = self.int64(name)?;
        if millis <= 0 {
            self.fault(name, "must lie after 1970");
        }
        Some(millis)
    }

    /// An end time: `"0"` while open (contract §4.1).
    pub(crate) fn end_time(&mut self, name: &'static str) -> Option<i64> {
        let millis = self.int64(name);
        if millis.is_some_and(|millis| millis < 0) {
            self.fault(name, "must not lie before 1970");
        }
        Some(self.required(name, millis)).filter(|millis| *millis != 0)
    }

    pub(crate) fn object(&mut self, name: &'static str) -> Option<Fields<'a>> {
        let json = self.get(name)?;
        Some(Fields::new(self.place(name), json, self.faults))
    }

    /// The elements of an array, each as an object.
    pub(crate) fn objects(&mut self, name: &'static str, max: usize) -> Option<Vec<Fields<'a>>> {
        let items = self.items(name, max)?;
        let place = |index: usize| format!("{}/{index}", self.place(name));
        let fields = |(index, json)| Fields::new(place(index), json, self.faults);
        Some(items.iter().enumerate().map(fields).collect())
    }

    pub(crate) fn items(&mut self, name: &'static str, max: usize) -> Option<&'a [Json]> {
        let Json::Array(items) = self.get(name)? else {
            self.fault(name, "must be an array");
            return None;
        };
        if items.len() > max {
            self.fault(name, "holds too many elements");
        }
        Some(items)
    }

    /// Notes the absence of something that the documents require, and goes on with a default.
    pub(crate) fn required<T: Default>(&self, name: &str, value: Option<T>) -> T {
        if value.is_none() {
            self.fault(name, "is required");
        }
        value.unwrap_or_default()
    }

    /// Notes every field that the documents do not know.
    pub(crate) fn finish(self) {
        for (name, _) in self.members {
            if !self.known.contains(&name.as_str()) {
                self.fault(name, "is no field of the documents");
            }
        }
    }
}
