//! The rules of `cc[]`.

use super::embedded::Embedded;
use super::field::List;
use super::persons::{Naming, OWN, links};
use super::report::Report;
use super::requests::RawCc;
use crate::domain::CarbonCopy;

/// The copies of an instance, as far as they could be read; `None` when the document does not speak of them.
pub(super) fn build_all<'a>(
    raw: List<RawCc<'a>>,
    max: usize,
    report: &mut Report,
) -> Option<Vec<CarbonCopy<'a>>> {
    raw.build_each("cc", max, report, build)
}

/// Applies the rules of one copy; `None` when a violation made the value impossible.
fn build<'a>(raw: RawCc<'a>, report: &mut Report) -> Option<CarbonCopy<'a>> {
    let RawCc {
        cc_id,
        user_id,
        open_id,
        email,
        mobile,
        union_id,
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
    let reader = Naming { names: OWN, user_id, open_id, email, mobile, union_id }.required(report);
    let links = links(pc_link, mobile_link, report);
    let created_at = created_at.0.required("created_at", report);
    Some(CarbonCopy {
        cc_id: cc_id?,
        reader: reader?,
        title: title.text("title", report),
        links,
        read: read.0.optional().unwrap_or(false),
        created_at: created_at?,
        updated_at: updated_at.0.optional(),
        extra: extra.0.optional().map(Embedded::into_extra),
        display_method: display_method.0.optional(),
    })
}
