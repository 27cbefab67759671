//! Who takes the quick approvals of a definition: a word of the gateway's own.

use super::own_words;

own_words! {
    /// Who takes the quick approvals of a definition.
    QuickApproval {
        /// The gateway, which checks and relays them; it fills in address, token and key.
        Gateway = "gateway",
    }
}
