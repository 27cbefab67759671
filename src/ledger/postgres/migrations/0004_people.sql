-- Who was found for the e-mail addresses, mobiles and union ids of a document. `src/ledger/kept_people.rs` says how it is written.

alter table instance add column people bytea;
alter table earlier add column people bytea;
