-- What happened to each account, for its owner to see, until the audit log takes over. A row about nobody (user_id null) makes a
-- refusal for an unknown address cost the same as one for a known address.
create table account_events (
  id uniqueidentifier not null constraint pk_account_events primary key,
  user_id uniqueidentifier null constraint fk_account_events_users references users (id),
  session_id uniqueidentifier null,
  type nvarchar(50) not null,
  outcome nvarchar(10) not null,
  reason nvarchar(200) null,
  details nvarchar(400) null,
  address nvarchar(64) null,
  user_agent nvarchar(400) null,
  request_id nvarchar(64) null,
  -- Bounds what people who are not signed in can add: rows with the same slot are counted.
  slot varbinary(16) null,
  created_at datetime2(3) not null,
  -- The order of events of one instant.
  ordinal int not null
);

-- A person's events, newest first; and among these the ones that they did themselves, to remove those beyond the limit.
create index ix_account_events_user on account_events (user_id, created_at, ordinal, id, slot);
create index ix_account_events_slot on account_events (slot) where slot is not null;
create index ix_account_events_created_at on account_events (created_at);
