//! What the gateway sends to systems of the operator.

use serde_json::{Value, json};

use crate::callbacks::ApprovalActionEvent;
use crate::schema::{Named as _, Schemas, reference};

/// The webhooks of the file. They have a tag of their own, because generators write what shares one into one file.
pub(super) fn webhooks(schemas: &mut Schemas) -> Value {
    let event = reference::<ApprovalActionEvent>(schemas);
    ApprovalActionEvent::add_to(schemas);
    let header = |name: &str, description: &str, example: &str| {
        json!({
            "name": name,
            "in": "header",
            "required": true,
            "description": description,
            "schema": { "type": "string", "maxLength": 4096 },
            "example": example,
        })
    };
    json!({
        "approval.action": {
            "post": {
                "operationId": "approvalAction",
                "tags": ["webhooks"],
                "summary": "Somebody pressed a button in Feishu",
                "description": "Sent to `callbacks.target_url` for a quick approval, signed as Standard Webhooks says. The answer is shown to \
                    whoever pressed the button; it must come within eight seconds, of Lark within four. Push the new state afterwards, with `patchInstance`.",
                "security": [],
                "parameters": [
                    header("webhook-id", "Equal for a repeated action of the same person in the same round of a task.",
                        "action_6b86b273ff34fce19d6b804eff5a3f57"),
                    header("webhook-timestamp", "When it was sent, in seconds since 1970.", "1796088600"),
                    header("webhook-signature", "`v1,` and the HMAC-SHA256 of id, timestamp and body in Base64; several, with blanks between \
                        them, while secrets are rotated.", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
                ],
                "requestBody": {
                    "required": true,
                    "content": { "application/json": { "schema": event } },
                },
                "responses": {
                    "200": { "description": "It was taken; any 2xx says so." },
                    "4XX": { "description": "It was refused. The `message` of a JSON body, or the `detail` of a problem document, is shown to \
                        whoever pressed the button." },
                },
            },
        },
    })
}
