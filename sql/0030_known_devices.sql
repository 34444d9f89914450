-- Whether the account knew the device when its first factor was shown: wrong codes from it are counted apart from those of
-- strangers, and no number of their challenges ends its own.
alter table mfa_challenges add is_device_known bit not null constraint df_mfa_challenges_is_device_known default 0;
