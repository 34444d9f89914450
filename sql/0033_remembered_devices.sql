-- Devices on which a sign-in needs no second factor for a time, because one was shown there.
create table remembered_devices (
  id uniqueidentifier not null constraint pk_remembered_devices primary key,
  user_id uniqueidentifier not null constraint fk_remembered_devices_users references users (id),
  -- The SHA-256 of the random part of what the device keeps.
  token_hash varbinary(32) not null constraint uq_remembered_devices unique,
  -- The device that it was given to: on no other it is good.
  device_hash varbinary(32) not null,
  -- The factors that the account had then: users.mfa_since, and how many authenticator apps.
  mfa_since datetime2(3) not null,
  app_count int not null,
  -- Where it was used from last, for its owner to recognise it.
  user_agent nvarchar(400) null,
  address nvarchar(64) null,
  created_at datetime2(3) not null,
  last_used_at datetime2(3) not null,
  expires_at datetime2(3) not null
);

create index ix_remembered_devices_user_id on remembered_devices (user_id, created_at, id);
create index ix_remembered_devices_expires_at on remembered_devices (expires_at);
