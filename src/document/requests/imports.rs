//! A change of an import (design §3.3).

use crate::document::field::{Integer, OneOf};
use crate::document::read::members;
use crate::domain::ImportState;

members! {
    /// What an import does from now on; what is absent stays as it is.
    struct RawImportChange as ImportUpdateInput {
        /// `paused` lets its documents wait, `running` lets them go on, `canceled` withdraws what waits for good.
        state: OneOf<ImportState> { example: "\"paused\"" },
        /// Most documents that are delivered in a minute; 0 takes the bound away.
        per_minute: Integer { example: "300" },
    }
}
