-- What the daily purge looks for: tokens by when they expire.
create index ix_refresh_tokens_expires_at on refresh_tokens (expires_at);
