-- Addresses are compared bytewise, as in users.
drop index ix_one_time_tokens_email_normalised on one_time_tokens;
alter table one_time_tokens alter column email_normalised nvarchar(254) collate Latin1_General_BIN2 not null;
create index ix_one_time_tokens_email_normalised on one_time_tokens (email_normalised, purpose, created_at, token_hash);
drop index ix_registrations_email_normalised on registrations;
alter table registrations alter column email_normalised nvarchar(254) collate Latin1_General_BIN2 not null;
create index ix_registrations_email_normalised on registrations (email_normalised, created_at);
