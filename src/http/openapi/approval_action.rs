//! The event that the gateway sends to `callbacks.target_url`.

use serde_json::{Map, Value, json};

use super::webhook::Webhook;
use crate::callbacks::ApprovalActionEvent;
use crate::schema::{Named as _, Schemas, reference};

/// The webhook of quick approvals, by its type.
pub(super) fn webhooks(schemas: &mut Schemas) -> Map<String, Value> {
    let event = reference::<ApprovalActionEvent>(schemas);
    ApprovalActionEvent::add_to(schemas);
    let webhook = Webhook {
        operation_id: "approvalAction".to_owned(),
        summary: "Somebody pressed a button in Feishu",
        description: "Sent to `callbacks.target_url` for a quick approval, signed as Standard Webhooks says. The answer is shown to \
            whoever pressed the button; it must come within eight seconds, of Lark within four. Push the new state afterwards, with `patchInstance`.",
        id: (
            "Equal for a repeated action of the same person in the same round of a task.",
            "action_6b86b273ff34fce19d6b804eff5a3f57",
        ),
        event,
        examples: Map::new(),
        responses: json!({
            "200": { "description": "It was taken; any 2xx says so." },
            "4XX": { "description": "It was refused. The `message` of a JSON body, or the `detail` of a problem document, is shown to \
                whoever pressed the button." },
        }),
    };
    Map::from_iter([("approval.action".to_owned(), webhook.described())])
}
