-- When a deactivated account is erased: its owner has asked for that, and may change their mind until then.
alter table users add erase_at datetime2(3) null;
create index ix_users_erase_at on users (erase_at) where erase_at is not null;
