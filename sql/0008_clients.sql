-- OAuth clients: services that call services. Of a secret only its SHA-256 is kept.
create table clients (
  id uniqueidentifier not null constraint pk_clients primary key,
  name nvarchar(100) not null,
  scope nvarchar(1000) not null,
  secret_hash varbinary(32) not null,
  created_at datetime2(3) not null,
  disabled_at datetime2(3) null
);

-- The access tokens that clients hold for themselves, by their `jti`: each can be revoked alone.
create table client_tokens (
  id uniqueidentifier not null constraint pk_client_tokens primary key,
  client_id uniqueidentifier not null constraint fk_client_tokens_clients references clients (id),
  status_index int not null,
  expires_at datetime2(3) not null,
  revoked_at datetime2(3) null
);

create unique index ux_client_tokens_status_index on client_tokens (status_index);
create index ix_client_tokens_client_id on client_tokens (client_id);
create index ix_client_tokens_expires_at on client_tokens (expires_at);
create index ix_client_tokens_revoked_at on client_tokens (revoked_at) where revoked_at is not null;
