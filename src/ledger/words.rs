//! The words that the ledger stores: the same in the database, the API, the log and the metrics.

use crate::domain::own_words;
pub use crate::domain::{DeliveryState, ImportState};

own_words! {
    /// What happened to an instance, as its history tells it.
    HistoryEvent {
        /// A document was accepted.
        Accepted = "accepted",
        /// A newer document took the place of one that still waited.
        Superseded = "superseded",
        /// Feishu took a revision.
        Delivered = "delivered",
        /// Feishu's check agreed with what was delivered.
        Confirmed = "confirmed",
        /// Feishu refused a revision.
        Refused = "refused",
        /// Feishu's versions differ from what was delivered.
        Drift = "drift",
        /// What had drifted was delivered again.
        Repaired = "repaired",
        /// Feishu holds a newer version of somebody else.
        Conflict = "conflict",
        /// It is sent again on request.
        Retried = "retried",
        /// Its import was canceled: what stood before stands again.
        Canceled = "canceled",
        /// Somebody pressed a button in Feishu.
        Action = "action",
        /// A card was sent, or changed; or it could not be.
        Notified = "notified",
    }
}

own_words! {
    /// How far a card has come.
    CardState {
        /// It is to be sent.
        Waiting = "waiting",
        /// Its person has it, and the task waits.
        Shown = "shown",
        /// It is to say how the task ended.
        Closing = "closing",
        /// There is nothing more to do.
        Ended = "ended",
    }
}

own_words! {
    /// How far an action that somebody took in Feishu has come.
    ActionState {
        /// It is being relayed.
        UnderWay = "under_way",
        /// It was taken.
        Succeeded = "succeeded",
        /// It was refused, or could not be relayed: it may be tried again.
        Failed = "failed",
    }
}
