//! Who is meant by e-mail addresses, mobiles and union ids: looked up in Feishu together, and remembered for a while.
//!
//! A [`PeopleResolver`] is one app's. It answers from a cache what it can; the rest is looked up by a `directory` for each of
//! Feishu's two calls, which gathers what everybody asks into as few of them as possible, and asks for nobody twice at a time.
//! [`UnresolvedPeople`] says why people of a document are not known, and when to try again.

mod cache;
mod directory;
mod metrics;
mod resolver;
mod unresolved;

pub use self::metrics::PeopleMetrics;
pub use self::resolver::PeopleResolver;
pub use self::unresolved::{LookupFailure, NO_USER_ID, NotKnown, UnresolvedPeople};
