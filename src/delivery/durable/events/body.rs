//! What a receiver is told.

use bytes::Bytes;

use crate::domain::{AppName, EventType, Timestamp, Word as _};
use crate::ledger::{NewEvent, StoredProblem};
use crate::schema::shapes::words;
use crate::schema::shown;

shown! {
    /// Something that happened. Nothing of the document is in it.
    pub struct OutgoingEvent {
        /// What happened.
        r#type: &'static str { required: true, example: "\"delivery.refused\"", words: Some(words::<EventType>) },
        /// When it happened.
        timestamp: Timestamp { required: true, example: "\"2026-11-29T01:30:00.120Z\"" },
        /// What it is about.
        data: EventData { required: true },
    }

    /// What an event is about.
    pub struct EventData {
        /// The operator's name of the Feishu app.
        app: String { required: true, example: "\"default\"" },
        /// How it stands now: `refused`, `delivered` or `conflict` for an instance, `parked` or `open` for the app.
        state: &'static str { required: true, example: "\"refused\"" },
        /// Your id of the instance; absent when it is about the app, and so are the next two.
        instance_id: Option<String> { example: "\"leave-1001\"" },
        /// The definition that the instance belongs to.
        approval_code: Option<String> { example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// The revision of the document that it is about.
        revision: Option<i64> { example: "3" },
        /// Why it happened.
        problem: Option<EventProblem>,
    }

    /// Why something happened; `getDelivery` tells more.
    pub struct EventProblem {
        /// Stable word for programs; `getProblemType` explains those of Feishu's answers.
        code: String { required: true, example: "\"upstream_rejected\"" },
        /// What happened, for people.
        detail: Option<String> { example: "\"Feishu answered code 99992402; correct what upstream.message and errors name.\"" },
    }
}

impl OutgoingEvent {
    /// What the receiver of this event is told.
    pub fn new(app: &AppName, event: &NewEvent) -> Self {
        let NewEvent { id: _, kind, at, instance_id, revision, approval_code, problem } = event;
        let data = EventData {
            app: app.to_string(),
            state: kind.state(),
            instance_id: instance_id.clone(),
            approval_code: approval_code.clone().filter(|code| !code.is_empty()),
            revision: revision.and_then(|revision| i64::try_from(revision.0).ok()),
            problem: problem.as_ref().map(EventProblem::read),
        };
        Self { r#type: kind.as_str(), timestamp: *at, data }
    }

    /// As JSON.
    pub(super) fn body(&self) -> Bytes {
        // Such a value always has a JSON form.
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

impl EventProblem {
    /// Code and detail of a kept problem.
    pub fn read(problem: &StoredProblem) -> Self {
        let json: serde_json::Value = serde_json::from_str(problem.json()).unwrap_or_default();
        Self { code: problem.code().to_owned(), detail: json["detail"].as_str().map(str::to_owned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Revision;

    #[test]
    fn a_receiver_is_told_what_happened_to_which_revision_and_why() {
        let json =
            r#"{"code":"upstream_rejected","detail":"no","errors":[{"detail":"what the document says"}]}"#;
        let event = NewEvent {
            id: "evt_1".to_owned(),
            kind: EventType::DeliveryRefused,
            at: Timestamp::from_unix_millis(1_800_000_000_120).unwrap(),
            instance_id: Some("leave-1".to_owned()),
            revision: Some(Revision(3)),
            approval_code: Some("leave".to_owned()),
            problem: Some(StoredProblem::new("upstream_rejected", json)),
        };
        let body = OutgoingEvent::new(&AppName::default(), &event).body();
        let expected = r#"{"type":"delivery.refused","timestamp":"2027-01-15T08:00:00.120Z","data":{"app":"default","state":"refused","instance_id":"leave-1","approval_code":"leave","revision":3,"problem":{"code":"upstream_rejected","detail":"no"}}}"#;
        assert_eq!(std::str::from_utf8(&body).unwrap(), expected);
    }

    #[test]
    fn of_an_app_only_its_state_is_told() {
        let at = Timestamp::from_unix_millis(1_800_000_000_000).unwrap();
        let event = NewEvent::of_app(EventType::AppOpened, at, None);
        let body = OutgoingEvent::new(&AppName::default(), &event).body();
        let expected = r#"{"type":"app.opened","timestamp":"2027-01-15T08:00:00.000Z","data":{"app":"default","state":"open"}}"#;
        assert_eq!(std::str::from_utf8(&body).unwrap(), expected);
    }
}
