//! The flat documents that the binary is given.

use approval_gateway::sandbox::SEEDED_APPROVAL_CODE;
use serde_json::{Value, json};

pub(crate) fn instance(id: &str) -> Value {
    json!({
        "instance_id": id,
        "approval_code": SEEDED_APPROVAL_CODE,
        "status": "pending",
        "title": "Trip to Chengdu",
        "pc_link": "https://oa.example.org/1",
        "applicant_user_id": "applicant",
        "form": [{"name": "Days", "value": "3"}],
        "started_at": "2026-01-02T03:00:00Z",
        "updated_at": "2026-01-02T03:04:05Z",
        "extra": {"z": 1.10, "a": [null]},
        "tasks": [{
            "task_id": format!("{id}/t1"),
            "user_id": "approver",
            "title": "Manager",
            "status": "pending",
            "created_at": "2026-01-02T03:00:01Z",
        }],
    })
}
