//! Deliveries with a ledger: what is accepted is delivered, seen from outside with counted calls.
//!
//! Every case runs on the ledger in memory and on SQLite.

mod failing;
mod replicas;
pub(crate) mod support;

/// The cases on one kind of ledger: there, `support::Kept` is a gateway with such a one.
macro_rules! on_every_store {
    ($($store:ident: $kind:ident;)*) => {
        $(
            #[path = "."]
            mod $store {
                #[expect(clippy::duplicate_mod, reason = "the same cases on every store")]
                mod answers;
                #[expect(clippy::duplicate_mod, reason = "the same cases on every store")]
                mod callers;
                #[expect(clippy::duplicate_mod, reason = "the same cases on every store")]
                mod cards;
                #[expect(clippy::duplicate_mod, reason = "the same cases on every store")]
                mod drift;
                #[expect(clippy::duplicate_mod, reason = "the same cases on every store")]
                mod events;
                #[expect(clippy::duplicate_mod, reason = "the same cases on every store")]
                mod trouble;
                #[expect(clippy::duplicate_mod, reason = "the same cases on every store")]
                mod versions;

                mod support {
                    use crate::durable::support as all;
                    use crate::harness::Builder;

                    pub(super) struct Kept;

                    impl Kept {
                        pub(super) async fn start() -> all::Kept {
                            Self::with(|builder| builder).await
                        }

                        pub(super) async fn with(change: impl FnOnce(Builder) -> Builder) -> all::Kept {
                            all::Kept::on(all::Store::$kind, change).await
                        }
                    }
                }
            }
        )*
    };
}

on_every_store! {
    in_memory: Memory;
    on_sqlite: Sqlite;
}
