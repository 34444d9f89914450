-- A session is one device's sign-in: one family of refresh tokens, of which at most one is unused.
create table sessions (
  id uniqueidentifier not null constraint pk_sessions primary key,
  user_id uniqueidentifier not null constraint fk_sessions_users references users (id),
  created_at datetime2(3) not null,
  expires_at datetime2(3) not null,
  ended_at datetime2(3) null,
  end_reason nvarchar(20) null
);

create index ix_sessions_user_id on sessions (user_id);

-- Of a refresh token only the SHA-256 of its text is kept.
create table refresh_tokens (
  token_hash varbinary(32) not null constraint pk_refresh_tokens primary key,
  session_id uniqueidentifier not null constraint fk_refresh_tokens_sessions references sessions (id),
  created_at datetime2(3) not null,
  expires_at datetime2(3) not null,
  consumed_at datetime2(3) null
);

create index ix_refresh_tokens_session_id on refresh_tokens (session_id);
