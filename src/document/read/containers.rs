//! Objects with a schema, arrays, and objects whose member names are the caller's own.

use std::borrow::Cow;
use std::collections::HashSet;
use std::collections::hash_map::Entry;

use super::members::{Members, read_members};
use super::{Read, mismatch};
use crate::document::field::{AnyStr, Catalogues, Field, Identifier, Items, Line, List, Nested, OneOf, Str};
use crate::document::json::{Json, NotJson, Token};
use crate::document::report::Report;
use crate::domain::{Catalogue, DeliveryState, EventState, EventType};

/// Elements of one array that are kept; far above every limit of the schema, so that rules still see the excess.
const MAX_KEPT_ITEMS: usize = 1000;

/// Violation of an element that is null or empty.
const NOTHING: &str = "must not be null or empty";

impl<'de, T: Members<'de>> Read<'de> for Nested<T> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        Ok(Self(match json.token()? {
            Token::Object => {
                let mut members = Box::<T>::default();
                read_members(&mut *members, json, report)?;
                Field::Present(members)
            }
            Token::Null => Field::Absent,
            other => mismatch(&other, "an object", json, report)?,
        }))
    }
}

/// One element of an array.
trait Item<'de>: Sized {
    /// Reads an element; absent when it is `null` or empty.
    fn item(json: &mut Json<'de>, report: &mut Report) -> Result<Field<Self>, NotJson>;
}

impl<'de, T: Members<'de>> Item<'de> for T {
    fn item(json: &mut Json<'de>, report: &mut Report) -> Result<Field<Self>, NotJson> {
        match json.token()? {
            Token::Object => {
                let mut members = T::default();
                read_members(&mut members, json, report)?;
                Ok(Field::Present(members))
            }
            Token::Null => Ok(Field::Absent),
            other => mismatch(&other, "an object", json, report),
        }
    }
}

impl<'de: 'a, 'a> Item<'de> for Cow<'a, str> {
    fn item(json: &mut Json<'de>, report: &mut Report) -> Result<Field<Self>, NotJson> {
        Ok(Identifier::read(json, report)?.0)
    }
}

impl<'de: 'a, 'a> Item<'de> for Line<'a> {
    fn item(json: &mut Json<'de>, report: &mut Report) -> Result<Field<Self>, NotJson> {
        Ok(Str::read(json, report)?.0.map(Self))
    }
}

/// Words of the gateway's own in a list.
macro_rules! words {
    ($($word:ty),+) => {$(
        impl<'de> Item<'de> for $word {
            fn item(json: &mut Json<'de>, report: &mut Report) -> Result<Field<Self>, NotJson> {
                Ok(OneOf::read(json, report)?.0)
            }
        }
    )+};
}

words!(DeliveryState, EventState, EventType);

impl<'de, T: Item<'de>> Read<'de> for List<T> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        let mut kept = Vec::new();
        let total = array(json, report, |json, report, _| {
            kept.push(match T::item(json, report)? {
                Field::Absent => {
                    report.violate("required", NOTHING);
                    Field::Invalid
                }
                item => item,
            });
            Ok(())
        })?;
        Ok(Self(total.map(|total| Items { kept, total })))
    }
}

/// Goes through an array, and says how many elements it has; those beyond [`MAX_KEPT_ITEMS`] are only counted.
fn array<'de>(
    json: &mut Json<'de>,
    report: &mut Report,
    mut element: impl FnMut(&mut Json<'de>, &mut Report, usize) -> Result<(), NotJson>,
) -> Result<Field<usize>, NotJson> {
    match json.token()? {
        Token::Array => {}
        // Under `replace` no tasks means: delete them all. Nobody should say so by accident (design §2).
        Token::Null => {
            report.violate("type", "must be an array, not null; leave it out or write []");
            return Ok(Field::Invalid);
        }
        other => return mismatch(&other, "an array", json, report),
    }
    let mut total = 0;
    report.within_elements(|report| {
        json.each_element(|json, index| {
            total = index + 1;
            if index >= MAX_KEPT_ITEMS {
                return json.skip();
            }
            report.within_index(index, |report| element(json, report, index))
        })
    })?;
    Ok(Field::Present(total))
}

/// Goes through one locale's entries, each of which may occur once.
fn catalogue<'de>(json: &mut Json<'de>, report: &mut Report) -> Result<Field<Catalogue<'de>>, NotJson> {
    match json.token()? {
        Token::Object => {}
        // An entry is no member that could be absent: whoever writes one means a language.
        other => return mismatch(&other, "an object", json, report),
    }
    let mut catalogue = Catalogue::default();
    // Entries without a wording stay until all are there, so that a second one is seen.
    let mut gaps = false;
    json.each_member(|json, source| match catalogue.entry(source) {
        Entry::Vacant(entry) => {
            let wording = report.within_key(entry.key(), |report| wording(json, report))?;
            gaps |= wording.is_empty();
            entry.insert(wording);
            Ok(())
        }
        Entry::Occupied(entry) => report.within_key(entry.key(), |report| refuse_repeated(json, report)),
    })?;
    if gaps {
        catalogue.retain(|_, wording| !wording.is_empty());
    }
    Ok(Field::Present(catalogue))
}

/// What a source text reads like; empty when there is none yet, as in gettext.
fn wording<'de>(json: &mut Json<'de>, report: &mut Report) -> Result<Cow<'de, str>, NotJson> {
    let wording = AnyStr::read(json, report)?.0;
    if !wording.is_given() {
        report.violate("type", "must be a string, not null; leave it out or write \"\"");
    }
    Ok(wording.optional().unwrap_or_default())
}

fn refuse_repeated(json: &mut Json<'_>, report: &mut Report) -> Result<(), NotJson> {
    report.violate("duplicate_field", "occurs twice in its object");
    json.skip()
}

impl<'de: 'a, 'a> Read<'de> for Catalogues<'a> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        match json.token()? {
            Token::Object => {}
            Token::Null => return Ok(Self(Field::Absent)),
            other => return mismatch(&other, "an object", json, report).map(Self),
        }
        let mut seen = HashSet::new();
        let mut catalogues = Vec::new();
        json.each_member(|json, locale| {
            report.within_key(&locale, |report| {
                if !seen.insert(locale.clone()) {
                    return refuse_repeated(json, report);
                }
                if let Field::Present(catalogue) = catalogue(json, report)? {
                    catalogues.push((locale.clone(), catalogue));
                }
                Ok(())
            })
        })?;
        Ok(Self(Field::Present(catalogues)))
    }
}
