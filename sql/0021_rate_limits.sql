-- How often each key of a rate limit was used in its window. The key is an HMAC: no row shows an address or an identifier.
create table rate_limits (
  bucket varbinary(32) not null constraint pk_rate_limits primary key,
  used int not null,
  resets_at datetime2(3) not null
);

create index ix_rate_limits_resets_at on rate_limits (resets_at);
