//! Objects with a schema, arrays, and objects whose member names are the caller's own.

use std::borrow::Cow;
use std::collections::HashSet;
use std::collections::hash_map::Entry;

use super::{Read, mismatch};
use crate::domain::Catalogue;
use crate::flat::json::{Json, NotJson, Token};
use crate::flat::members::{Members, read_members};
use crate::flat::report::Report;
use crate::flat::slot::{AnyStr, Catalogues, Items, List, Nested, Slot, Str};

/// Elements of one array that are kept; far above every limit of the schema, so that rules still see the excess.
const MAX_KEPT_ITEMS: usize = 1000;

/// Bytes of an element from which on moving it is worth avoiding. Tasks and copies have as many. What arrays inside of other
/// arrays hold has fewer, and must: each of a thousand such arrays would ask for room for the rest of the document.
const LARGE: usize = 128;

impl<'de, T: Members<'de>> Read<'de> for Nested<T> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        Ok(Self(match json.token()? {
            Token::Object => {
                let mut members = Box::<T>::default();
                read_members(&mut *members, json, report)?;
                Slot::Present(members)
            }
            Token::Null => Slot::Absent,
            other => mismatch(&other, "an object", json, report)?,
        }))
    }
}

/// One element of an array.
pub(super) trait Item<'de>: Sized {
    /// Reads an element and puts it behind the others; absent when it is `null` or empty.
    fn item(into: &mut Vec<Slot<Self>>, json: &mut Json<'de>, report: &mut Report) -> Result<(), NotJson>;
}

impl<'de, T: Members<'de>> Item<'de> for T {
    fn item(into: &mut Vec<Slot<Self>>, json: &mut Json<'de>, report: &mut Report) -> Result<(), NotJson> {
        match json.token()? {
            // Made and read where it stays: a task has a third of a kilobyte, which is much to hand up through five functions.
            Token::Object => into.resize_with(into.len() + 1, || Slot::Present(T::default())),
            Token::Null => into.push(Slot::Absent),
            other => into.push(mismatch(&other, "an object", json, report)?),
        }
        match into.last_mut() {
            Some(Slot::Present(members)) => read_members(members, json, report),
            _ => Ok(()),
        }
    }
}

impl<'de: 'a, 'a> Item<'de> for Cow<'a, str> {
    fn item(into: &mut Vec<Slot<Self>>, json: &mut Json<'de>, report: &mut Report) -> Result<(), NotJson> {
        into.push(Str::read(json, report)?.0);
        Ok(())
    }
}

impl<'de, T: Item<'de>> Read<'de> for List<T> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        match json.token()? {
            Token::Array => {}
            // Under `replace` no tasks means: delete them all. Nobody should say so by accident (design §2).
            Token::Null => {
                report.violate("type", "must be an array, not null; leave it out or write []");
                return Ok(Self(Slot::Invalid));
            }
            other => return mismatch(&other, "an array", json, report).map(Self),
        }
        let mut items = Items { kept: Vec::new(), total: 0 };
        let left_at_first = json.left();
        json.each_element(|json, index| {
            items.total = index + 1;
            if index >= MAX_KEPT_ITEMS {
                return json.skip();
            }
            if size_of::<Slot<T>>() >= LARGE {
                make_room(&mut items.kept, left_at_first - json.left(), json.left());
            }
            report.within_index(index, |report| element(&mut items.kept, json, report))
        })?;
        Ok(Self(Slot::Present(items)))
    }
}

/// Makes room for further elements when there is none: for as many as are in the rest of the document if they are like
/// those that were read, which took `read` bytes of it.
///
/// So hardly more than the first few are moved. No array gets more than it would for elements as small as its first.
#[inline]
fn make_room<T>(kept: &mut Vec<T>, read: usize, left: usize) {
    let count = kept.len();
    // The first elements are left to the vector.
    if count == kept.capacity() && count > 0 {
        let likely = left / (read / count).max(1);
        kept.reserve_exact(likely.clamp(1, MAX_KEPT_ITEMS - count));
    }
}

/// Reads an element, which must be one.
fn element<'de, T: Item<'de>>(
    into: &mut Vec<Slot<T>>,
    json: &mut Json<'de>,
    report: &mut Report,
) -> Result<(), NotJson> {
    T::item(into, json, report)?;
    if let Some(item @ Slot::Absent) = into.last_mut() {
        report.violate("required", "must not be null or empty");
        *item = Slot::Invalid;
    }
    Ok(())
}

/// Goes through one locale's entries, each of which may occur once.
fn catalogue<'de>(json: &mut Json<'de>, report: &mut Report) -> Result<Slot<Catalogue<'de>>, NotJson> {
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
    Ok(Slot::Present(catalogue))
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
            Token::Null => return Ok(Self(Slot::Absent)),
            other => return mismatch(&other, "an object", json, report).map(Self),
        }
        let mut seen = HashSet::new();
        let mut catalogues = Vec::new();
        json.each_member(|json, locale| {
            report.within_key(&locale, |report| {
                if !seen.insert(locale.clone()) {
                    return refuse_repeated(json, report);
                }
                if let Slot::Present(catalogue) = catalogue(json, report)? {
                    catalogues.push((locale.clone(), catalogue));
                }
                Ok(())
            })
        })?;
        Ok(Self(Slot::Present(catalogues)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flat::document::{RawAction, RawCc, RawTask, RawTaskVersion};

    /// How many more elements fit in behind so many that took 100 bytes each.
    fn room(count: usize, left: usize) -> usize {
        let mut kept = vec![0_u8; count];
        make_room(&mut kept, count * 100, left);
        kept.capacity() - count
    }

    #[test]
    fn an_array_gets_room_for_what_the_rest_of_the_document_can_hold() {
        assert_eq!([0, 1000, 1_000_000].map(|left| room(4, left)), [1, 10, MAX_KEPT_ITEMS - 4]);
    }

    #[test]
    fn only_arrays_of_the_document_itself_hold_large_elements() {
        assert!(size_of::<Slot<RawTask<'_>>>() >= LARGE && size_of::<Slot<RawCc<'_>>>() >= LARGE);
        assert!(size_of::<Slot<RawAction<'_>>>() < LARGE && size_of::<Slot<RawTaskVersion<'_>>>() < LARGE);
    }

    #[test]
    fn an_array_gets_no_room_for_what_is_not_kept() {
        assert_eq!(room(MAX_KEPT_ITEMS - 5, 1_000_000), 5);
    }
}
