-- Wrong passwords in a row, by whoever tries them: a stranger's by address and network, those of all strangers by account,
-- those of a known device or a session by itself. A network with many of them has a row too. A subject is a keyed hash, so no
-- row names an address. user_id refers to no table: counting must not wait for an account that is just signing in.
create table sign_in_failures (
  subject varbinary(16) not null constraint pk_sign_in_failures primary key,
  user_id uniqueidentifier null,
  -- The subject of the network, and sixteen bits of a keyed hash of the password: what reveals guesses at many accounts.
  network varbinary(16) null,
  password_mark int null,
  failures int not null,
  failed_at datetime2(3) not null,
  -- The attempt that was counted last: whoever finds their own here was admitted.
  attempt_id uniqueidentifier not null,
  -- The attempt that was told last, to the account's owner or to whoever is on call.
  notice_id uniqueidentifier not null,
  noticed_at datetime2(3) not null
);

create index ix_sign_in_failures_user_id on sign_in_failures (user_id) where user_id is not null;
create index ix_sign_in_failures_network on sign_in_failures (network, failed_at) where network is not null;
create index ix_sign_in_failures_password_mark on sign_in_failures (password_mark, failed_at) where password_mark is not null;

-- To remove what is over: rows that belong to no account soon, those of accounts after a year.
create index ix_sign_in_failures_of_nobody on sign_in_failures (failed_at) where user_id is null;
create index ix_sign_in_failures_of_accounts on sign_in_failures (failed_at) where user_id is not null;
