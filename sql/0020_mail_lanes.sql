-- Half of the provider's quota is for notices about accounts, so that mails that anybody can ask for do not delay them:
-- row 1 is for the latter, row 2 for notices.
insert into mail_quota (id, minute_at, hour_at, slot_at) values (2, 0, 0, 0);
