//! How the arrays are read whose elements are built at once.

use super::containers::{NOTHING, array};
use super::members::{Members, read_members};
use super::{Read, mismatch};
use crate::document::built::{BuiltItems, BuiltList, Element, Refused};
use crate::document::json::{Json, NotJson, Token};
use crate::document::report::Report;

impl<'de: 'a, 'a, R: Members<'de> + Element<'a>> Read<'de> for BuiltList<'a, R> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        let mut items = BuiltItems::default();
        let total = array(json, report, |json, report, index| {
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
