//! Shows one leave request in Feishu's approval centre, through a client that the build generates from the gateway's
//! OpenAPI file.
//!
//! Start `approval-gateway serve --sandbox`, then `GATEWAY_URL=http://127.0.0.1:8080 cargo run`.

/// The client that `build.rs` generates.
mod gateway {
    #![allow(unused_imports, clippy::all, reason = "written by a machine")]
    include!(concat!(env!("OUT_DIR"), "/gateway.rs"));
}

use std::error::Error;

use chrono::{DateTime, Utc};
use gateway::types::{
    self, InstanceInput, InstanceStatus, InstanceVersionInput, Problem, TaskInput, TaskStatus,
};

/// The definition that the sandbox has from the start; yours is what `upsertDefinition` answered.
const APPROVAL_CODE: &str = "7C468A54-8745-2245-9675-08B7C63E7A85";
/// Ids may hold anything: the client percent-encodes them.
const INSTANCE_ID: &str = "rust/leave-1001";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GATEWAY_URL").unwrap_or_else(|_| "http://127.0.0.1:8080".to_owned());
    // With caller keys configured, this is `Client::new_with_client` and a reqwest client with the header
    // `Authorization: Bearer …` among its defaults.
    let client = gateway::Client::new(&url);
    let started_at = "2026-11-20T09:30:00+08:00".parse()?;

    let document = leave_request(InstanceStatus::Pending, started_at)?;
    let preview = client.preview_instance().instance_id(INSTANCE_ID).body(document.clone()).send().await?;
    println!("Feishu would be sent the status {}", preview["status"]);

    let receipt =
        client.put_instance().instance_id(INSTANCE_ID).verify(true).body(document).send().await?.into_inner();
    println!("pushed; Feishu has it: {}", receipt.applied);

    let version: InstanceVersionInput =
        InstanceVersionInput::builder().instance_id(INSTANCE_ID).updated_at(receipt.updated_at).try_into()?;
    let checks = types::InstanceChecksInput::builder().instances(vec![version]);
    let report = client.check_instances().body(checks).send().await?.into_inner();
    println!("in sync: {}", report.in_sync);

    let asked = vec![INSTANCE_ID.to_owned()];
    for item in &client.list_task_statuses().instance_id(asked).send().await?.items {
        let status = item.instance_status.as_ref().map_or("unknown", String::as_str);
        println!("{INSTANCE_ID} is {status}");
    }

    // An approval needs a link: the gateway says so, with a pointer to the member.
    let mut unlinked = leave_request(InstanceStatus::Approved, started_at)?;
    unlinked.pc_link = None;
    match client.put_instance().instance_id(INSTANCE_ID).body(unlinked).send().await {
        Err(gateway::Error::ErrorResponse(problem)) => show(&problem),
        Err(other) => return Err(other.into()),
        Ok(_) => return Err("an instance without a link was taken".into()),
    }
    Ok(())
}

/// The approval as our own system has it.
fn leave_request(
    status: InstanceStatus,
    started_at: DateTime<Utc>,
) -> Result<InstanceInput, types::error::ConversionError> {
    let manager: TaskInput = TaskInput::builder()
        .task_id(format!("{INSTANCE_ID}/manager"))
        .user_id("bob".to_owned())
        .status(TaskStatus::Pending)
        .created_at(started_at)
        .try_into()?;
    InstanceInput::builder()
        .approval_code(APPROVAL_CODE)
        .status(status)
        .title("年假申请".to_owned())
        .pc_link("https://oa.example.com/leave/1001".to_owned())
        .applicant_user_id("alice".to_owned())
        .started_at(started_at)
        .updated_at(started_at)
        .tasks(vec![manager])
        .try_into()
}

/// Branch on `code`, never on the HTTP status alone.
fn show(problem: &Problem) {
    for error in &problem.errors {
        println!("refused: {} {} {}", problem.code, error.pointer, error.detail);
    }
}
