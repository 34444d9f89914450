-- Where a refresh token was used from, as keyed marks: what a repeat of it is compared with.
alter table refresh_tokens add used_from varbinary(24) null;

-- The live sessions of an account, and the one unused token of each, which says when it was last used.
create index ix_sessions_live on sessions (user_id) where ended_at is null;
create index ix_refresh_tokens_unused on refresh_tokens (session_id) where consumed_at is null;

-- What a shard of the token status list is made of: a stretch of places, of which some were ended lately.
create index ix_sessions_ended_places on sessions (status_index, ended_at) where ended_at is not null;
create index ix_client_tokens_revoked_places on client_tokens (status_index, revoked_at) where revoked_at is not null;

-- Sessions that ended and have their place still: it is free again when none of their access tokens is valid any more.
create index ix_sessions_places_to_free on sessions (ended_at) where ended_at is not null and status_index is not null;

-- The highest place of when there was one list for all: that list is served for its tokens, and never grows beyond this.
create table whole_status_list (
  highest_index int not null constraint pk_whole_status_list primary key
);
insert into whole_status_list (highest_index)
select coalesce(max(status_index), 0)
from (select status_index from sessions union all select status_index from client_tokens) places;

-- What a release of before has done lately: the tokens that it issues then name that list, which is served for as long.
create index ix_sessions_begun_before on sessions (created_at) where authenticated_at is null;
create index ix_refresh_tokens_used_before on refresh_tokens (consumed_at) where consumed_at is not null and used_from is null;
alter table client_tokens add issued_at datetime2(3) null;
create index ix_client_tokens_issued_before on client_tokens (expires_at) where issued_at is null;
