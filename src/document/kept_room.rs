//! Room for long lists of tasks and copies, kept from one document to the next.
//!
//! It is too large for what the allocator keeps at hand. Between large documents that come some dozen times a second it went back
//! to the system, and came again page by page (`docs/performance.md`; [`crate::large_buffers`] does the same for bytes). A document
//! that is refused keeps nothing: the next long one makes room anew.

use std::cell::Cell;
use std::thread::LocalKey;

use crate::domain::{ApprovalInstance, ApprovalTask, CarbonCopy};
use crate::large_buffers::LARGE;

/// An empty list; it has room for 1000 elements at most, as no more are read of any document.
type Kept<T> = LocalKey<Cell<Vec<T>>>;

thread_local! {
    /// For the tasks of the next document; takes up to 0.3 MB.
    pub(super) static TASKS: Cell<Vec<ApprovalTask<'static>>> = const { Cell::new(Vec::new()) };
    /// For its copies; takes up to 0.2 MB.
    pub(super) static COPIES: Cell<Vec<CarbonCopy<'static>>> = const { Cell::new(Vec::new()) };
}

/// Ends an instance, and keeps the room of its lists for the next one where they are long.
pub fn keep_room_of(instance: ApprovalInstance<'_>) {
    let ApprovalInstance { tasks, cc, .. } = instance;
    keep(&TASKS, tasks);
    keep(&COPIES, cc);
}

fn keep<T, Lasting>(kept: &'static Kept<Lasting>, list: Option<Vec<T>>) {
    let Some(list) = list else { return };
    if list.capacity() * size_of::<T>() > LARGE {
        let list = emptied(list);
        let other = kept.take();
        kept.set(if list.capacity() > other.capacity() { list } else { other });
    }
}

/// The same room, for elements that borrow from another document.
///
/// That `collect` writes where the others were is no promise of the standard library, so the tests watch it.
fn emptied<T, Lasting>(list: Vec<T>) -> Vec<Lasting> {
    list.into_iter().filter_map(|_| None).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Rules, read_instance};
    use crate::domain::{Locale, Mode, Region};

    const RULES: Rules = Rules { region: Region::Feishu, default_locale: Locale::ZH_CN };

    /// Reads a document with so many tasks and half as many copies, ends it, and says where they were.
    fn places(tasks: usize) -> [*const (); 2] {
        let at = "2026-03-14T09:00:00Z";
        let task =
            |id| format!(r#"{{"task_id":"t{id}","user_id":"u","status":"pending","created_at":"{at}"}}"#);
        let copy = |id| format!(r#"{{"cc_id":"c{id}","user_id":"u","created_at":"{at}"}}"#);
        let body = format!(
            r#"{{"approval_code":"c","status":"pending","started_at":"{at}","applicant_user_id":"u",
            "pc_link":"https://a.example","mobile_link":"https://a.example","cc":[{}],"tasks":[{}]}}"#,
            (0..tasks / 2).map(copy).collect::<Vec<_>>().join(","),
            (0..tasks).map(task).collect::<Vec<_>>().join(","),
        );
        let instance = read_instance(body.as_bytes(), Some("i"), Mode::Replace, RULES).unwrap();
        let (tasks, cc) = (instance.tasks.as_ref().unwrap(), instance.cc.as_ref().unwrap());
        let places = [tasks.as_ptr().cast(), cc.as_ptr().cast()];
        keep_room_of(instance);
        places
    }

    /// Where the lists are that are kept; both are empty.
    fn kept() -> [*const (); 2] {
        let (tasks, cc) = (TASKS.take(), COPIES.take());
        assert!(tasks.is_empty() && cc.is_empty());
        let places = [tasks.as_ptr().cast(), cc.as_ptr().cast()];
        TASKS.set(tasks);
        COPIES.set(cc);
        places
    }

    #[test]
    fn the_next_long_document_is_read_into_the_room_of_the_last() {
        let first = places(300);
        assert_eq!(kept(), first);
        assert_eq!(places(280), first);
    }

    #[test]
    fn a_short_document_leaves_the_room_alone() {
        let long = places(300);
        let short = places(20);
        assert!(short[0] != long[0] && short[1] != long[1]);
        assert_eq!(places(300), long);
    }

    #[test]
    fn the_larger_room_is_kept() {
        let longer = Vec::<CarbonCopy<'static>>::with_capacity(600);
        let place = longer.as_ptr();
        keep(&COPIES, Some(longer));
        keep(&COPIES, Some(Vec::<CarbonCopy<'_>>::with_capacity(500)));
        let kept = COPIES.take();
        assert_eq!(kept.as_ptr(), place);
    }
}
