//! Result of a command.

use std::error::Error;

/// Nothing more to say, or why the command failed.
pub(super) type CommandResult = Result<(), Box<dyn Error>>;
