//! How the arrays are read whose elements are built at once.

use super::containers::{MAX_KEPT_ITEMS, NOTHING, array};
use super::{Read, mismatch};
use crate::document::built::{BuiltItems, BuiltList, Element, Refused};
use crate::document::json::{Json, NotJson, Token};
use crate::document::members::{Members, read_members};
use crate::document::report::Report;
use crate::large_buffers::LARGE;

impl<'de: 'a, 'a, R: Members<'de> + Element<'a>> Read<'de> for BuiltList<'a, R> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        let mut items = BuiltItems::default();
        let left_at_first = json.left();
        let total = array(json, report, |json, report, index| {
            make_room(&mut items.built, left_at_first - json.left(), json.left(), R::take_room);
            if let Some(refused) = element::<R>(&mut items, json, report)? {
                items.refused.push((index, refused));
            }
            Ok(())
        })?;
        Ok(Self(total.map(|total| BuiltItems { total, ..items })))
    }
}

/// Reads and builds an element, which must be an object; says so when it is refused.
fn element<'de: 'a, 'a, R: Members<'de> + Element<'a>>(
    items: &mut BuiltItems<'a, R::Built>,
    json: &mut Json<'de>,
    report: &mut Report,
) -> Result<Option<Refused<'a>>, NotJson> {
    match json.token()? {
        Token::Object => {
            let mut raw = R::default();
            read_members(&mut raw, json, report)?;
            return Ok(raw.build(items, report).err());
        }
        Token::Null => report.violate("required", NOTHING),
        other => {
            mismatch::<R>(&other, "an object", json, report)?;
        }
    }
    Ok(Some(Refused::default()))
}

/// Makes room for further elements when there is none: for as many as are in the rest of the document if they are like
/// those that were read, which took `read` bytes of it.
///
/// So hardly more than the first few are moved. No array gets more than it would for elements as small as its first, but a long
/// one may take over more, from `take_room`.
#[inline]
fn make_room<T>(kept: &mut Vec<T>, read: usize, left: usize, take_room: fn() -> Vec<T>) {
    let count = kept.len();
    // The first elements are left to the vector.
    if count == kept.capacity() && count > 0 {
        let likely = left / (read / count).max(1);
        let likely = likely.clamp(1, MAX_KEPT_ITEMS - count);
        if (count + likely) * size_of::<T>() > LARGE {
            let mut room = take_room();
            room.reserve_exact(count + likely);
            room.append(kept);
            *kept = room;
        } else {
            kept.reserve_exact(likely);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many more elements fit in behind so many that took 100 bytes each.
    fn room(count: usize, left: usize) -> usize {
        let mut kept = vec![0_u8; count];
        make_room(&mut kept, count * 100, left, Vec::new);
        kept.capacity() - count
    }

    #[test]
    fn an_array_gets_room_for_what_the_rest_of_the_document_can_hold() {
        assert_eq!([0, 1000, 1_000_000].map(|left| room(4, left)), [1, 10, MAX_KEPT_ITEMS - 4]);
    }

    #[test]
    fn an_array_gets_no_room_for_what_is_not_kept() {
        assert_eq!(room(MAX_KEPT_ITEMS - 5, 1_000_000), 5);
    }
}
