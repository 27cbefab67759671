//! What agents may do.

use super::error::ConfigError;
use super::reader::{Noted, Reader};
use super::{parse, schema};

/// What agents may do over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mcp {
    /// Whether they find any tools.
    pub enabled: bool,
    /// Whether some of these push documents.
    pub allow_writes: bool,
}

pub(super) fn read(reader: &mut Reader) -> Result<Mcp, Noted> {
    let enabled = reader.value(&schema::MCP_ENABLED, parse::truth);
    let mut allow_writes = reader.value(&schema::MCP_ALLOW_WRITES, parse::truth);
    if matches!(allow_writes, Ok(true)) && !cfg!(feature = "mcp") {
        let expected =
            "false: this program was built without tools for agents (cargo build --release --features mcp)";
        let (origin, expected) = (reader.origin(&schema::MCP_ALLOW_WRITES), expected.to_owned());
        let found = Some("true".to_owned());
        allow_writes = Err(reader.note(ConfigError::Invalid { origin, expected, found, suggestion: None }));
    }
    Ok(Mcp { enabled: enabled?, allow_writes: allow_writes? })
}
