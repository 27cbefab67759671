//! How versions compare with Feishu's.

use super::stale_instance::StaleInstance;
use crate::feishu;
use crate::schema::shown;

shown! {
    /// How Feishu's versions compare with those asked about. Copies and contents are not compared.
    pub(in crate::http) struct InstanceCheckReport {
        /// Whether all versions agree.
        in_sync: bool { required: true, example: "false" },
        /// What differs; push again what is missing or behind.
        stale: Vec<StaleInstance> { required: true, max_items: 1000 },
    }
}

impl From<Vec<feishu::StaleInstance>> for InstanceCheckReport {
    fn from(stale: Vec<feishu::StaleInstance>) -> Self {
        Self { in_sync: stale.is_empty(), stale: stale.into_iter().map(StaleInstance::from).collect() }
    }
}
