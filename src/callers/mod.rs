//! Who may call, for which app, and what for: the callers' keys, and how a new file of them takes effect.

mod caller;
mod key_file;
mod keys;
mod line;
mod new_key;
mod scope;

pub use caller::Caller;
pub use key_file::{KeyFile, KeyRing};
pub use keys::{CallerKeys, CallerKeysError};
pub use line::LineError;
pub use new_key::{NewKey, NewKeyError};
pub use scope::{Scope, Scopes};
