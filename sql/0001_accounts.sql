-- Accounts. The address is null for people who came by a provider that gave none; a filtered index keeps it
-- unique, since a plain unique index admits one null on SQL Server and many on SQLite.
create table users (
  id uniqueidentifier not null constraint pk_users primary key,
  email nvarchar(254) null,
  email_normalised nvarchar(254) null,
  email_verified_at datetime2(3) null,
  username nvarchar(200) not null,
  password_hash nvarchar(255) null,
  password_changed_at datetime2(3) null,
  provider nvarchar(50) null,
  is_active bit not null,
  created_at datetime2(3) not null,
  updated_at datetime2(3) not null,
  last_login_at datetime2(3) null
);

create unique index ux_users_email_normalised on users (email_normalised) where email_normalised is not null;
