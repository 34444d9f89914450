-- The place of a session in the token status list; unique, so that ending one session ends no other.
alter table sessions add status_index int null;
update sessions set status_index = place
from (select id as numbered, row_number() over (order by id) - 1 as place from sessions) places
where numbered = sessions.id;
create unique index ux_sessions_status_index on sessions (status_index) where status_index is not null;
-- What the status list is made of: sessions by when they ended.
create index ix_sessions_ended_at on sessions (ended_at) where ended_at is not null;
