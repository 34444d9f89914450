-- Columns that follow from others. email_form says by which rules email_normalised was made from email: 1 has the domain in
-- its A-labels; null is an older release's. password_parameters is what stands before the salt in password_hash; null beside
-- a hash is an older release's. What is null is brought up to date by `npm run migrate -- up` after this file, and every night.
alter table users add email_form int null;
alter table users add password_parameters nvarchar(100) null;
-- What is still to be brought up to date.
create index ix_users_email_form on users (email_form, id) where email_form is null and email_normalised is not null;
-- Which parameters there are: one seek for each.
create index ix_users_password_parameters on users (password_parameters) where password_hash is not null;
