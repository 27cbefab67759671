-- Tickets of store apps. `src/ledger/app_ticket.rs` says what each column means.

create table app_ticket (
  app_id text primary key,
  ticket text,
  issued_at integer,
  asked_at integer
) strict, without rowid;
