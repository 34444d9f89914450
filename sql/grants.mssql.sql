-- The rights of the service's own identity: what it does with rows of its tables, and nothing else. An administrator runs this
-- after the migrations, and once adds the identity:  alter role latchkey add member [name of the identity];
-- Migrations run as another identity, which may change the schema. What an earlier release granted and this one does not use is
-- taken back.
if database_principal_id('latchkey') is null create role latchkey;
grant select, insert, update, delete on users to latchkey;
grant select, insert, update, delete on sessions to latchkey;
grant select, insert, update, delete on refresh_tokens to latchkey;
grant select on whole_status_list to latchkey;
grant select, insert, update, delete on identities to latchkey;
revoke update on used_states from latchkey;
grant select, insert, delete on used_states to latchkey;
grant select, insert, update, delete on signing_keys to latchkey;
revoke insert, update, delete on clients from latchkey;
grant select on clients to latchkey;
grant select, insert, update, delete on client_tokens to latchkey;
grant select, insert, update, delete on mail_outbox to latchkey;
grant select, insert, update, delete on one_time_tokens to latchkey;
grant select, insert, delete on registrations to latchkey;
grant select, update on mail_quota to latchkey;
grant select, insert, delete on mail_suppressions to latchkey;
-- Of what the audit log says, only what is personal can change; nobody can, but for this role, who is not an administrator.
grant select, insert, update (personal, personal_salt), delete on audit_events to latchkey;
-- Nothing is added to it any more.
revoke insert, update on account_events from latchkey;
grant select, delete on account_events to latchkey;
grant select, insert on audit_anchors to latchkey;
grant select, insert, update, delete on devices to latchkey;
grant select, insert, update, delete on rate_limits to latchkey;
grant select on address_rules to latchkey;
grant select, insert, update, delete on sign_in_failures to latchkey;
grant select, insert, update on client_uses to latchkey;
grant select, insert, update, delete on totp_factors to latchkey;
grant select, insert, update, delete on recovery_codes to latchkey;
grant select, insert, update, delete on mfa_challenges to latchkey;
grant select, insert, update, delete on passkeys to latchkey;
grant select, insert, delete on user_handles to latchkey;
grant select, insert, delete on used_webauthn_challenges to latchkey;
-- Operators who run `npm run accounts`, `npm run addresses`, `npm run clients`, `npm run keys` and `npm run mail` as themselves:  alter role latchkey_operator add member [name];
if database_principal_id('latchkey_operator') is null create role latchkey_operator;
grant select, insert, update on clients to latchkey_operator;
grant select, update on client_tokens to latchkey_operator;
grant select on client_uses to latchkey_operator;
-- Ids and dates alone: nothing that says whose an account is.
grant select (id, is_active, created_at, last_login_at, audit_id) on users to latchkey_operator;
grant select, insert on audit_events to latchkey_operator;
grant select, insert, update, delete on address_rules to latchkey_operator;
grant select, update on mail_outbox to latchkey_operator;
grant select, delete on mail_suppressions to latchkey_operator;
grant select, insert, update on signing_keys to latchkey_operator;
