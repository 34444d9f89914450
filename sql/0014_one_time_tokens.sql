-- Tokens that are mailed as links, and are used once. subject_id is an account's, a registration's, or for a mail to nobody
-- that of neither, so it refers to no table. The address is the one that was written to, or that is to become the account's.
create table one_time_tokens (
  token_hash varbinary(32) not null constraint pk_one_time_tokens primary key,
  purpose nvarchar(20) not null,
  subject_id uniqueidentifier not null,
  email nvarchar(254) not null,
  email_normalised nvarchar(254) not null,
  code_hash varbinary(32) not null,
  code_tries int not null,
  created_at datetime2(3) not null,
  expires_at datetime2(3) not null,
  consumed_at datetime2(3) null
);

create index ix_one_time_tokens_subject_id on one_time_tokens (subject_id, purpose);
create index ix_one_time_tokens_email_normalised on one_time_tokens (email_normalised, purpose, created_at, token_hash);
create index ix_one_time_tokens_expires_at on one_time_tokens (expires_at);

-- Registrations whose address is still to be proven. Several may have the same address: an unproven address belongs to nobody.
create table registrations (
  id uniqueidentifier not null constraint pk_registrations primary key,
  email nvarchar(254) not null,
  email_normalised nvarchar(254) not null,
  username nvarchar(200) not null,
  password_hash nvarchar(255) not null,
  password_parameters nvarchar(100) null,
  locale nvarchar(35) not null,
  created_at datetime2(3) not null,
  expires_at datetime2(3) not null
);

create index ix_registrations_email_normalised on registrations (email_normalised, created_at);
create index ix_registrations_expires_at on registrations (expires_at);

-- The person's language, a BCP 47 tag. The last mail that told the owner of a proven address that someone tried to register it.
alter table users add locale nvarchar(35) null;
alter table users add notice_id uniqueidentifier null;
alter table users add noticed_at datetime2(3) null;
