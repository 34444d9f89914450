-- When a deactivated account is erased: its owner has asked for that, and may change their mind until then.
alter table users add erase_at datetime2(3) null;
create index ix_users_erase_at on users (erase_at) where erase_at is not null;

-- Mails to an address, such as the one that a registration was verified with: they go when its owner is erased.
create index ix_mail_outbox_recipient on mail_outbox (recipient) where recipient is not null;
