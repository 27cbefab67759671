-- What other systems are told. `src/ledger/event.rs` says what each column means.

alter table instance add column is_promised integer not null default 0;
alter table earlier add column is_promised integer not null default 0;

create table event (
  event_no integer primary key autoincrement,
  app text not null,
  event_id text not null,
  type text not null,
  at integer not null,
  -- Empty where it is about the app.
  instance_id text not null,
  revision integer,
  approval_code text,
  problem_code text,
  problem text,
  state text not null,
  attempts integer not null,
  due_at integer,
  tried_until integer not null,
  ended_at integer,
  last_error text
) strict;

create index event_waiting on event (app, instance_id, event_no) where state = 'pending';
create index event_due on event (app, due_at, event_no) where due_at is not null;
create index event_by_state on event (app, state, event_no);
create index event_by_instance on event (app, instance_id, event_no);
create index event_ended on event (app, state, ended_at) where ended_at is not null;
