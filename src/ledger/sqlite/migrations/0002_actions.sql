-- What callbacks of Feishu ask for. `src/ledger/task.rs` and `action.rs` say what each column means.

alter table history add column detail text;

-- The tasks of kept documents, where somebody wants to know them.
create table task (
  instance_no integer not null references instance on delete cascade,
  task_id text not null,
  is_open integer not null,
  round integer not null,
  context blob,
  primary key (instance_no, task_id)
) strict, without rowid;

create index task_by_id on task (task_id);
create index task_by_context on task (context) where context is not null;

create table action (
  app text not null,
  action_key blob not null,
  state text not null,
  answer text,
  until integer not null,
  primary key (app, action_key)
) strict, without rowid;

create index action_until on action (app, until);
