-- Another letter case is another provider and another subject, as on SQLite.
drop index ux_identities_provider_subject on identities;
alter table identities alter column provider nvarchar(50) collate Latin1_General_BIN2 not null;
alter table identities alter column subject nvarchar(255) collate Latin1_General_BIN2 not null;
create unique index ux_identities_provider_subject on identities (provider, subject);
