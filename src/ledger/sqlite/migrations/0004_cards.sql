-- Cards of tasks that wait. `src/ledger/card.rs` says what each column means.

alter table instance add column open_tasks blob;
alter table earlier add column open_tasks blob;

create table card (
  card_no integer primary key autoincrement,
  instance_no integer not null references instance on delete cascade,
  app text not null,
  task_id text not null,
  user_id text,
  open_id text,
  round integer not null,
  state text not null,
  status text,
  since integer not null,
  due_at integer,
  attempts integer not null,
  doubts integer not null,
  message_id text,
  problem_code text,
  problem text,
  ended_at integer
) strict;

create index card_of_instance on card (instance_no, card_no);
create index card_due on card (app, due_at, card_no) where due_at is not null;
create index card_since on card (app, since) where due_at is not null;
create index card_by_message on card (message_id) where message_id is not null;
create index card_ended on card (app, ended_at) where ended_at is not null;
