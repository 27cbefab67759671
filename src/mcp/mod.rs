//! Tools for agents (Model Context Protocol): a thin client of the REST operations, with nothing of its own to say about
//! approvals.
//!
//! `tools` lists the tools, each with the operation that it calls; `arguments` reads what an agent gives them; `calls` asks
//! the gateway, and `writes` does so in two steps, bound together by a `digest`; `results` marks what comes back as data.
//! How the gateway is reached, over the network or in the same process, is behind [`Gateway`].

mod arguments;
mod calls;
mod digest;
mod gateway;
mod results;
mod server;
mod tools;
mod writes;

pub use gateway::{Gateway, MOST_ANSWER_BYTES, SendError};
pub use server::McpServer;
pub use tools::{Argument, Place, Shape, TOOLS, Tool};
