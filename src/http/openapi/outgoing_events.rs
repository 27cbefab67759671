//! The events that the gateway sends to `webhooks.url`.

use serde_json::{Map, Value, json};

use super::webhook::Webhook;
use crate::delivery::durable::OutgoingEvent;
use crate::domain::{EventType, Word as _};
use crate::schema::{Named as _, Schemas, reference};

/// What all of them have in common.
const DESCRIPTION: &str = "Sent to `webhooks.url`, signed as Standard Webhooks says, at least once, and about each instance in the order \
    in which things happened. Answer within ten seconds. What is not taken is sent again for three days, after one second, two, four, up to ten minutes.";

/// The webhooks of outgoing events, by their types.
pub(super) fn webhooks(schemas: &mut Schemas) -> Map<String, Value> {
    let event = reference::<OutgoingEvent>(schemas);
    OutgoingEvent::add_to(schemas);
    EventType::ALL.iter().map(|kind| (kind.as_str().to_owned(), webhook(*kind, &event))).collect()
}

fn webhook(kind: EventType, event: &Value) -> Value {
    let example = json!({ "summary": "As it is sent", "value": example(kind) });
    let webhook = Webhook {
        operation_id: operation_id(kind),
        summary: kind.meaning().trim_end_matches('.'),
        description: DESCRIPTION,
        id: ("Names the event; equal whenever it is sent.", "evt_7f3f6a1c9f0b4d0c8f2a6f1f6f0c3b5e"),
        event: event.clone(),
        examples: Map::from_iter([("event".to_owned(), example)]),
        responses: json!({
            "200": { "description": "It was taken; any 2xx says so." },
            "410": { "description": "It is not wanted: this event is given up." },
            "429": { "description": "Too much: nothing is sent for a while, at least for the time in `Retry-After`. 502 and 504 mean the same." },
            "default": { "description": "It was not taken, and is sent again; a redirect is not followed." },
        }),
    };
    webhook.described()
}

/// `deliveryRefused` for `delivery.refused`.
fn operation_id(kind: EventType) -> String {
    let mut id = String::new();
    for (place, part) in kind.as_str().split('.').enumerate() {
        match part.chars().next() {
            Some(first) if place > 0 => {
                id.extend(first.to_uppercase());
                id.push_str(&part[first.len_utf8()..]);
            }
            _ => id.push_str(part),
        }
    }
    id
}

fn example(kind: EventType) -> Value {
    let mut data = json!({ "app": "default", "state": kind.state() });
    if !matches!(kind, EventType::AppParked | EventType::AppOpened) {
        data["instance_id"] = "leave-1001".into();
        data["approval_code"] = "7C468A54-8745-2245-9675-08B7C63E7A85".into();
        data["revision"] = 3.into();
    }
    let problem = match kind {
        EventType::DeliveryRefused => Some((
            "upstream_rejected",
            "Feishu answered code 99992402; correct what upstream.message and errors name.",
        )),
        EventType::DeliveryConflict => {
            Some(("conflict", "Feishu has a newer version of this instance; somebody else pushes it, too."))
        }
        EventType::AppParked => Some(("upstream_auth_failed", "Feishu does not take the app's credentials.")),
        EventType::DeliveryDelivered | EventType::DriftRepaired | EventType::AppOpened => None,
    };
    if let Some((code, detail)) = problem {
        data["problem"] = json!({ "code": code, "detail": detail });
    }
    json!({ "type": kind.as_str(), "timestamp": "2026-11-29T01:30:00.120Z", "data": data })
}
