-- Tickets of store apps. `src/ledger/app_ticket.rs` says what each column means.

create table app_ticket (
  app_id text collate "C" primary key,
  ticket text,
  issued_at bigint,
  asked_at bigint
);
