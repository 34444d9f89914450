-- By which random id authenticators know an account (WebAuthn's user handle): it says nothing of the account, and nobody
-- else knows it.
create table user_handles (
  user_id uniqueidentifier not null constraint pk_user_handles primary key constraint fk_user_handles_users references users (id),
  handle varbinary(32) not null
);

-- Passkeys (WebAuthn's public key credentials).
create table passkeys (
  id uniqueidentifier not null constraint pk_passkeys primary key,
  user_id uniqueidentifier not null constraint fk_passkeys_users references users (id),
  -- As the authenticator chose it: up to 1,023 bytes, more than an index takes.
  credential_id varbinary(1023) not null,
  -- Its SHA-256.
  credential_hash varbinary(32) not null,
  -- The public key as a COSE_Key (RFC 9052).
  public_key varbinary(1000) not null,
  -- COSE's number of its algorithm.
  algorithm int not null,
  -- How often the authenticator says that it has signed; 0 if it does not count. 32 bits without a sign.
  sign_count bigint not null,
  -- How a browser can reach the authenticator, separated by spaces.
  transports nvarchar(100) not null,
  -- Whether it may be on several devices; this never changes.
  is_backup_eligible bit not null,
  -- Whether it is, as far as the last sign-in said.
  is_backed_up bit not null,
  -- Whether the authenticator has verified its user when the passkey was made, or in a way that counts since.
  is_user_verified bit not null,
  -- The make of the authenticator, as it says itself.
  aaguid uniqueidentifier not null,
  -- What the person calls it.
  name nvarchar(50) null,
  created_at datetime2(3) not null,
  last_used_at datetime2(3) null
);

create unique index ux_passkeys_credential_hash on passkeys (credential_hash);
create index ix_passkeys_user_id on passkeys (user_id);

-- Challenges that were met, until they expire: each is good once. One that was not met has no row.
create table used_webauthn_challenges (
  -- The SHA-256 of the challenge.
  challenge_hash varbinary(32) not null constraint pk_used_webauthn_challenges primary key,
  -- The call that used it: whoever finds their own here goes on.
  used_by uniqueidentifier not null,
  expires_at datetime2(3) not null
);

create index ix_used_webauthn_challenges_expires_at on used_webauthn_challenges (expires_at);
