//! Response budget: how many bytes Feishu's answers may take together while they are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Most bytes of the answers that one app reads at the same time; our choice. A page of a list has some hundred kilobytes,
/// so hundreds of them fit, while answers that are as long as they may be and never end do not fill the memory of a
/// container.
const BUDGET_BYTES: usize = 64 * 1024 * 1024;

/// Response budget of one app. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(in crate::feishu) struct ResponseBudget(Arc<AtomicUsize>);

/// Bytes that one answer takes of the budget, given back on drop.
#[derive(Debug)]
pub(in crate::feishu) struct BudgetShare {
    budget: ResponseBudget,
    bytes: usize,
}

impl ResponseBudget {
    /// The share of an answer of which nothing has come.
    pub(in crate::feishu) fn reserve(&self) -> BudgetShare {
        BudgetShare { budget: self.clone(), bytes: 0 }
    }
}

impl BudgetShare {
    /// Takes more bytes from the budget; false when there are none left.
    pub(in crate::feishu) fn take(&mut self, bytes: usize) -> bool {
        let before = self.budget.0.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        before + bytes <= BUDGET_BYTES
    }

    /// Bytes that this answer has taken.
    pub(in crate::feishu) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for BudgetShare {
    fn drop(&mut self) {
        self.budget.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_shared_and_given_back() {
        let budget = ResponseBudget::default();
        let (mut first, mut second) = (budget.reserve(), budget.reserve());
        assert!(first.take(BUDGET_BYTES - 1) && second.take(1));
        assert!(!second.take(1));
        drop(second);
        assert!(first.take(1) && !budget.reserve().take(1));
        drop(first);
        assert!(budget.reserve().take(BUDGET_BYTES));
    }
}
