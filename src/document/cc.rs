//! The rules of `cc[]`.

use super::built::{BuiltItems, Element, Refused};
use super::embedded::Embedded;
use super::persons::{links, person};
use super::report::Report;
use super::requests::RawCc;
use crate::domain::CarbonCopy;

impl<'a> Element<'a> for RawCc<'a> {
    type Built = CarbonCopy<'a>;

    fn build(
        self,
        items: &mut BuiltItems<'a, CarbonCopy<'a>>,
        report: &mut Report,
    ) -> Result<(), Refused<'a>> {
        let Self {
            cc_id,
            user_id,
            open_id,
            title,
            pc_link,
            mobile_link,
            read,
            created_at,
            updated_at,
            extra,
            display_method,
        } = self;
        let cc_id = cc_id.required_id("cc_id", report);
        let reader = person(user_id, open_id, report);
        let links = links(pc_link, mobile_link, report);
        let created_at = created_at.0.required("created_at", report);
        match (cc_id, reader, created_at) {
            (Some(cc_id), Some(reader), Some(created_at)) => {
                items.built.push(CarbonCopy {
                    cc_id,
                    reader,
                    title: title.text(),
                    links,
                    read: read.0.optional().unwrap_or(false),
                    created_at,
                    updated_at: updated_at.0.optional(),
                    extra: extra.0.optional().map(Embedded::into_extra),
                    display_method: display_method.0.optional(),
                });
                Ok(())
            }
            // Its title has no wordings in other languages.
            (id, ..) => Err(Refused(id)),
        }
    }
}
