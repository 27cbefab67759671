//! Calls of tools: one request to the gateway, or those of a write.

use rmcp::model::JsonObject;

use super::arguments::Arguments;
use super::gateway::Gateway;
use super::results::Outcome;
use super::tools::Tool;
use super::writes;
use crate::support::clock::Clock;

/// Carries out the call of a tool.
pub(super) async fn call<G: Gateway>(
    gateway: &G,
    tool: &'static Tool,
    given: JsonObject,
    clock: &Clock,
) -> Outcome {
    let arguments = match Arguments::read(tool, given) {
        Ok(arguments) => arguments,
        Err(wrong) => return Outcome::wrong_arguments(&wrong),
    };
    if tool.writes() {
        return writes::write(gateway, tool, &arguments, clock.unix_millis())
            .await
            .unwrap_or_else(|failed| failed);
    }
    match gateway.send(arguments.request()).await {
        Ok(answer) => Outcome::of(&answer),
        Err(error) => error.into(),
    }
}
