//! The rules of `cc[]`.

use super::document::RawCc;
use super::embedded::Embedded;
use super::persons::{links_or, person};
use super::report::Report;
use crate::domain::{CarbonCopy, Links};

/// Builds one copy; `inherited` are the instance's links.
pub(super) fn build<'a>(
    raw: RawCc<'a>,
    inherited: Option<&Links<'a>>,
    report: &mut Report,
) -> Option<CarbonCopy<'a>> {
    let RawCc {
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
    } = raw;
    let cc_id = cc_id.required_id("cc_id", report);
    let reader = person(user_id, open_id, report);
    let links = links_or(pc_link, mobile_link, inherited, report);
    let created_at = created_at.0.required("created_at", report);
    Some(CarbonCopy {
        cc_id: cc_id?,
        reader: reader?,
        title: title.text(),
        links: links?,
        read: read.0.optional().unwrap_or(false),
        created_at: created_at?,
        updated_at: updated_at.0.optional(),
        extra: extra.0.optional().map(Embedded::into_extra),
        display_method: display_method.0.optional(),
    })
}
