-- Normalised addresses are compared bytewise, as in users.
drop index ux_mail_suppressions_address on mail_suppressions;
alter table mail_suppressions alter column address nvarchar(254) collate Latin1_General_BIN2 not null;
create unique index ux_mail_suppressions_address on mail_suppressions (address);
