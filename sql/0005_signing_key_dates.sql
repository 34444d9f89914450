-- From when on a key signs (null: since it was made), and when it was withdrawn.
alter table signing_keys add signs_from datetime2(3) null;
alter table signing_keys add revoked_at datetime2(3) null;
