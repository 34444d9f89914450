-- Where a refresh token was used from, as keyed marks: what a repeat of it is compared with.
alter table refresh_tokens add used_from varbinary(24) null;

-- The live sessions of an account, and the one unused token of each, which says when it was last used.
create index ix_sessions_live on sessions (user_id) where ended_at is null;
create index ix_refresh_tokens_unused on refresh_tokens (session_id) where consumed_at is null;

-- What a shard of the token status list is made of: a stretch of places, of which some were ended lately.
create index ix_sessions_ended_places on sessions (status_index, ended_at) where ended_at is not null;
create index ix_client_tokens_revoked_places on client_tokens (status_index, revoked_at) where revoked_at is not null;

-- The highest place of when there was one list for all: that list is served for its tokens, and never grows beyond this.
create table whole_status_list (
  highest_index int not null constraint pk_whole_status_list primary key
);
insert into whole_status_list (highest_index)
select coalesce(max(status_index), 0)
from (select status_index from sessions union all select status_index from client_tokens) places;
