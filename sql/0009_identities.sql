-- What providers say of people, as they say it at each sign-in.
alter table users add name nvarchar(200) null;
alter table users add picture nvarchar(2000) null;

-- An identity at a provider, by which an account can be signed in to. Subjects are compared bytewise.
create table identities (
  id uniqueidentifier not null constraint pk_identities primary key,
  user_id uniqueidentifier not null constraint fk_identities_users references users (id),
  provider nvarchar(50) not null,
  subject nvarchar(255) not null,
  email nvarchar(254) null,
  created_at datetime2(3) not null,
  last_used_at datetime2(3) not null
);

create unique index ux_identities_provider_subject on identities (provider, subject);
create index ix_identities_user_id on identities (user_id);

-- The states of sign-ins at providers that have been answered, so that none is answered twice.
create table used_states (
  state_hash varbinary(32) not null constraint pk_used_states primary key,
  expires_at datetime2(3) not null
);

create index ix_used_states_expires_at on used_states (expires_at);
