//! Words of outgoing events: the gateway's own, which Feishu does not know.

use super::own_words;

own_words! {
    /// What an outgoing event tells.
    EventType {
        /// Feishu refuses a document, or it does not stick: nothing more is tried by itself.
        DeliveryRefused = "delivery.refused",
        /// Feishu took a document that had been answered with 202.
        DeliveryDelivered = "delivery.delivered",
        /// Feishu holds a newer version: somebody else pushes this instance.
        DeliveryConflict = "delivery.conflict",
        /// Feishu showed something else than was delivered, and has it again.
        DriftRepaired = "drift.repaired",
        /// Nothing can be delivered for the app until somebody does something about it; what is accepted waits.
        AppParked = "app.parked",
        /// The app delivers again.
        AppOpened = "app.opened",
    }
}

own_words! {
    /// How far the sending of an outgoing event has come.
    EventState {
        /// It waits to be sent, or to be sent again.
        Pending = "pending",
        /// The receiver took it.
        Delivered = "delivered",
        /// It was given up: the receiver did not want it, or did not take it in three days.
        Dead = "dead",
    }
}

impl EventType {
    /// The state of the delivery, or of the app, that it tells of.
    pub fn state(self) -> &'static str {
        match self {
            Self::DeliveryRefused => "refused",
            Self::DeliveryDelivered | Self::DriftRepaired => "delivered",
            Self::DeliveryConflict => "conflict",
            Self::AppParked => "parked",
            Self::AppOpened => "open",
        }
    }
}
