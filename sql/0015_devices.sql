-- Where a session was used from last, for its owner to recognise it. Null in sessions of an older release.
alter table sessions add user_agent nvarchar(400) null;
alter table sessions add address nvarchar(64) null;
alter table sessions add last_used_at datetime2(3) null;

-- The devices that an account has been signed in from: a sign-in from another one is told to its owner.
create table devices (
  id uniqueidentifier not null constraint pk_devices primary key,
  user_id uniqueidentifier not null constraint fk_devices_users references users (id),
  -- The SHA-256 of the device's id, which its cookie carries.
  device_hash varbinary(32) not null,
  first_seen_at datetime2(3) not null,
  last_seen_at datetime2(3) not null,
  constraint uq_devices unique (user_id, device_hash)
);

-- The devices of an account that were seen longest ago, to remove those beyond the limit; and of all accounts, by age.
create index ix_devices_last_seen on devices (user_id, last_seen_at, id);
create index ix_devices_last_seen_at on devices (last_seen_at);
