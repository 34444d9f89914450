-- Since when signing in to an account takes a second factor; null if it does not. Set in the transaction that confirms the first
-- factor, and cleared in the one that removes the last, so that a sign-in learns it from the row that it holds anyway.
alter table users add mfa_since datetime2(3) null;

-- Authenticator apps (TOTP, RFC 6238).
create table totp_factors (
  id uniqueidentifier not null constraint pk_totp_factors primary key,
  user_id uniqueidentifier not null constraint fk_totp_factors_users references users (id),
  -- What the person calls it.
  name nvarchar(50) null,
  -- The secret, sealed under the id with a key derived from SECRET_KEY.
  sealed_secret varbinary(100) not null,
  -- Which key that was, so that secrets can be sealed anew after a rotation.
  key_mark varbinary(8) not null,
  created_at datetime2(3) not null,
  -- Null until a code has shown that the app has the secret.
  confirmed_at datetime2(3) null,
  -- The time step of the last code that was taken: this one and earlier ones are refused. An int lasts until the year 4011.
  last_step int null,
  last_used_at datetime2(3) null
);

create index ix_totp_factors_user_id on totp_factors (user_id);
create index ix_totp_factors_key_mark on totp_factors (key_mark, id);
create index ix_totp_factors_unconfirmed on totp_factors (created_at) where confirmed_at is null;

-- Codes for a person who has lost every other factor. They are random enough for a plain SHA-256.
create table recovery_codes (
  code_hash varbinary(32) not null constraint pk_recovery_codes primary key,
  user_id uniqueidentifier not null constraint fk_recovery_codes_users references users (id),
  created_at datetime2(3) not null,
  used_at datetime2(3) null
);

create index ix_recovery_codes_user_id on recovery_codes (user_id, used_at);

-- Sign-ins whose first factor was right, and that wait for a second one.
create table mfa_challenges (
  -- The SHA-256 of the mfa_token.
  token_hash varbinary(32) not null constraint pk_mfa_challenges primary key,
  user_id uniqueidentifier not null constraint fk_mfa_challenges_users references users (id),
  purpose nvarchar(20) not null,
  -- The device that showed the first factor: no other can go on.
  device_hash varbinary(32) not null,
  -- The first factor: when, its values of RFC 8176 separated by spaces, and the provider, if it was one.
  authenticated_at datetime2(3) not null,
  amr nvarchar(100) not null,
  provider nvarchar(50) null,
  tries int not null,
  -- The try that was counted last: whoever finds their own here may go on.
  try_id uniqueidentifier not null,
  created_at datetime2(3) not null,
  expires_at datetime2(3) not null,
  used_at datetime2(3) null
);

create index ix_mfa_challenges_user_id on mfa_challenges (user_id, created_at, token_hash);
create index ix_mfa_challenges_expires_at on mfa_challenges (expires_at);
