-- How long the longest access token lives that a key has signed: so long is the key published after it was replaced.
alter table signing_keys add token_seconds int null;
