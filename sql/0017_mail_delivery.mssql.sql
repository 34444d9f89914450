-- Normalised addresses are compared bytewise, as in users.
alter table mail_suppressions drop constraint pk_mail_suppressions;
alter table mail_suppressions alter column address nvarchar(254) collate Latin1_General_BIN2 not null;
alter table mail_suppressions add constraint pk_mail_suppressions primary key (address);
