-- The rights of the service's own identity: rows of its tables, nothing else. An administrator runs this after the
-- migrations, and once adds the identity:  alter role latchkey add member [name of the identity];
-- Migrations run as another identity, which may change the schema.
if database_principal_id('latchkey') is null create role latchkey;
grant select, insert, update, delete on users to latchkey;
grant select, insert, update, delete on sessions to latchkey;
grant select, insert, update, delete on refresh_tokens to latchkey;
grant select, insert, update, delete on whole_status_list to latchkey;
grant select, insert, update, delete on identities to latchkey;
grant select, insert, update, delete on used_states to latchkey;
grant select, insert, update, delete on signing_keys to latchkey;
grant select, insert, update, delete on clients to latchkey;
grant select, insert, update, delete on client_tokens to latchkey;
