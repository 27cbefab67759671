//! What all webhooks of the OpenAPI file have in common: signed requests that the gateway sends to systems of the operator.

use serde_json::{Map, Value, json};

/// A webhook, as the OpenAPI file shows it.
pub(super) struct Webhook {
    pub(super) operation_id: String,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    /// What `webhook-id` is, and one.
    pub(super) id: (&'static str, &'static str),
    /// The schema of the body.
    pub(super) event: Value,
    /// Examples of the body by their names; perhaps none.
    pub(super) examples: Map<String, Value>,
    /// What the receiver may answer.
    pub(super) responses: Value,
}

impl Webhook {
    /// As the OpenAPI file has it. All have one tag of their own, because generators write what shares one into one file.
    pub(super) fn described(self) -> Value {
        let Self { operation_id, summary, description, id, event, examples, responses } = self;
        let mut content = json!({ "schema": event });
        if !examples.is_empty() {
            content["examples"] = examples.into();
        }
        json!({
            "post": {
                "operationId": operation_id,
                "tags": ["webhooks"],
                "summary": summary,
                "description": description,
                "security": [],
                "parameters": [
                    header("webhook-id", id.0, id.1),
                    header("webhook-timestamp", "When it is sent, in seconds since 1970.", "1796088600"),
                    header("webhook-signature", "`v1,` and the HMAC-SHA256 of id, timestamp and body in Base64; several, with blanks between \
                        them, while secrets are rotated.", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
                ],
                "requestBody": {
                    "required": true,
                    "content": { "application/json": content },
                },
                "responses": responses,
            },
        })
    }
}

fn header(name: &str, description: &str, example: &str) -> Value {
    json!({
        "name": name,
        "in": "header",
        "required": true,
        "description": description,
        "schema": { "type": "string", "maxLength": 4096 },
        "example": example,
    })
}
