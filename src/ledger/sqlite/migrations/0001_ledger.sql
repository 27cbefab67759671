-- Times are Unix milliseconds; words are those of the API. `src/ledger/record.rs` says what each column means.

create table import (
  import_no integer primary key autoincrement,
  app text not null,
  created_at integer not null,
  ended_at integer,
  caller text,
  request_id text,
  per_minute integer,
  state text not null,
  accepted integer not null default 0,
  unchanged integer not null default 0,
  invalid integer not null default 0,
  superseded integer not null default 0,
  delivered integer not null default 0,
  refused integer not null default 0,
  canceled integer not null default 0
) strict;

create index import_by_app on import (app, import_no);
create index import_waiting on import (app, state, import_no)
  where accepted - superseded - delivered - refused - canceled > 0;

create table instance (
  instance_no integer primary key,
  app text not null,
  instance_id text not null,
  approval_code text not null,
  status text not null,
  is_whole integer not null,
  mode text not null,
  revision integer not null,
  version integer not null,
  clock integer not null,
  hash blob,
  accepted_at integer not null,
  caller text,
  class text not null,
  import_no integer references import,
  state text,
  due_at integer,
  pending_since integer,
  attempts integer not null,
  failing_since integer,
  problem_code text,
  problem text,
  sent_revision integer,
  sent_version integer,
  sent_at integer,
  log_id text,
  confirmed_at integer,
  check_at integer,
  checks integer not null,
  doubt_at integer,
  drifts integer not null,
  drifts_since integer,
  is_repair integer not null,
  has_document integer not null,
  settled_at integer,
  history_entries integer not null,
  unique (app, instance_id)
) strict;

create index instance_due on instance (app, class, caller, due_at) where due_at is not null and import_no is null;
create index instance_import on instance (import_no, due_at) where import_no is not null;
create index instance_check on instance (app, check_at) where check_at is not null;
create index instance_pending on instance (app, pending_since) where pending_since is not null;
create index instance_open on instance (app, state, accepted_at) where state in ('pending', 'refused', 'conflict');
create index instance_accepted on instance (app, accepted_at);
create index instance_settled on instance (app, settled_at) where settled_at is not null;

-- The desired document of each instance that has one.
create table document (
  instance_no integer primary key references instance on delete cascade,
  format integer not null,
  body blob not null
) strict;

-- What an import's document took the place of: it comes back when the import is canceled.
create table earlier (
  instance_no integer primary key references instance on delete cascade,
  approval_code text not null,
  status text not null,
  is_whole integer not null,
  mode text not null,
  revision integer not null,
  version integer not null,
  clock integer not null,
  hash blob,
  accepted_at integer not null,
  caller text,
  class text not null,
  import_no integer,
  state text,
  due_at integer,
  pending_since integer,
  attempts integer not null,
  failing_since integer,
  problem_code text,
  problem text,
  sent_revision integer,
  sent_version integer,
  sent_at integer,
  log_id text,
  confirmed_at integer,
  check_at integer,
  checks integer not null,
  doubt_at integer,
  drifts integer not null,
  drifts_since integer,
  is_repair integer not null,
  has_document integer not null,
  settled_at integer,
  history_entries integer not null,
  format integer not null,
  body blob not null
) strict;

create table history (
  instance_no integer not null references instance on delete cascade,
  number integer not null,
  at integer not null,
  event text not null,
  revision integer not null,
  version integer not null,
  caller text,
  request_id text,
  problem_code text,
  problem text,
  log_id text,
  primary key (instance_no, number)
) strict, without rowid;

create table definition (
  app text not null,
  definition_key text not null,
  approval_code text not null,
  json text not null,
  caller text,
  updated_at integer not null,
  primary key (app, definition_key)
) strict, without rowid;

-- What the store notes of itself.
create table meta (
  name text primary key,
  value integer not null
) strict, without rowid;

-- Counts of instances, kept by the triggers below: counting a million rows would take too long.
create table tally (
  app text not null,
  state text not null,
  class text not null,
  count integer not null,
  primary key (app, state, class)
) strict, without rowid;

create trigger instance_inserted after insert on instance when new.state is not null begin
  insert into tally values (new.app, new.state, new.class, 1)
    on conflict do update set count = count + 1;
end;

create trigger instance_changed after update of state, class on instance
  when old.state is not new.state or old.class <> new.class
begin
  update tally set count = count - 1 where app = old.app and state = old.state and class = old.class;
  insert into tally select new.app, new.state, new.class, 1 where new.state is not null
    on conflict do update set count = count + 1;
end;

create trigger instance_deleted after delete on instance when old.state is not null begin
  update tally set count = count - 1 where app = old.app and state = old.state and class = old.class;
end;
