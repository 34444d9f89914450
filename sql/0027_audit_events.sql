-- The audit log: what happened, in chains of hashes. Rows are only added; what is personal in them can be erased, and whole days
-- are removed when they are old. Of an account they know its audit id alone, which goes with the account, and which is null in accounts of an older release.
alter table users add audit_id uniqueidentifier null;
create index ix_users_without_audit_id on users (id) where audit_id is null;
create index ix_users_audit_id on users (audit_id) where audit_id is not null;

create table audit_events (
  chain_id uniqueidentifier not null,
  seq int not null,
  id uniqueidentifier not null,
  type nvarchar(50) not null,
  outcome nvarchar(10) not null,
  actor nvarchar(20) not null,
  -- The audit id of an account, or the id of an OAuth client.
  actor_id nvarchar(100) null,
  -- The audit id of an account.
  subject_id uniqueidentifier null,
  reason nvarchar(200) null,
  -- Canonical JSON (RFC 8785), nothing personal.
  details nvarchar(1000) null,
  -- Canonical JSON: where the call came from, and what leads to a person. The hash covers its salted digest alone.
  personal nvarchar(2000) null,
  personal_salt varbinary(16) null,
  personal_digest varbinary(32) not null,
  created_at datetime2(3) not null,
  prev_hash varbinary(32) not null,
  hash varbinary(32) not null,
  constraint pk_audit_events primary key (chain_id, seq)
);

create unique index ux_audit_events_id on audit_events (id);
-- A person's events, newest first; the salt says which of them still have something personal to erase.
create index ix_audit_events_subject on audit_events (subject_id, created_at, chain_id, seq, personal_salt);
-- What administrators did to others.
create index ix_audit_events_administrator on audit_events (actor_id, personal_salt) where actor = 'administrator';
-- Events about nobody from which what is personal is still to be taken.
create index ix_audit_events_nobody on audit_events (actor, created_at) where actor = 'anonymous' and subject_id is null and personal_salt is not null;
create index ix_audit_events_created_at on audit_events (created_at, chain_id, seq);
create index ix_audit_events_erased on audit_events (created_at, subject_id) where type = 'account.erased';
