//! Pages of lists.

use super::record::DeliveryRecord;

/// Which page is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest<C> {
    /// The cursor of the page before; the first page without one.
    pub after: Option<C>,
    /// Most items that it may have; at least one.
    pub limit: usize,
}

impl<C> PageRequest<C> {
    /// The first page.
    pub fn first(limit: usize) -> Self {
        Self { after: None, limit }
    }
}

/// One page of a list; a short page, or one without items, need not be the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, C> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// The first `limit` items, and where those behind them begin.
    pub(super) fn cut(items: impl IntoIterator<Item = T>, limit: usize, cursor: impl Fn(&T) -> C) -> Self {
        let mut items = items.into_iter();
        let page: Vec<T> = items.by_ref().take(limit).collect();
        let next = items.next().and_then(|_| page.last().map(cursor));
        Self { items: page, next }
    }
}

/// A position in the list of deliveries, newest acceptance first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeliveryCursor {
    /// When the last delivery of the page before was accepted, Unix milliseconds.
    pub accepted_at: i64,
    /// Its number in the store.
    pub instance_no: i64,
}

impl DeliveryCursor {
    /// The position of this delivery.
    pub(super) fn of(record: &DeliveryRecord, instance_no: i64) -> Self {
        Self { accepted_at: record.accepted_at.unix_millis(), instance_no }
    }
}
