-- Addresses are normalised by the service and then compared bytewise, as SQLite does: accents and width count.
drop index ux_users_email_normalised on users;
alter table users alter column email_normalised nvarchar(254) collate Latin1_General_BIN2 null;
create unique index ux_users_email_normalised on users (email_normalised) where email_normalised is not null;
