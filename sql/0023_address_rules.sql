-- Networks that operators admit or refuse for a time, besides those of the settings. A network is in CIDR notation, in one
-- spelling: one rule for each.
create table address_rules (
  network nvarchar(43) not null constraint pk_address_rules primary key,
  verdict nvarchar(5) not null,
  created_at datetime2(3) not null,
  expires_at datetime2(3) not null
);

create index ix_address_rules_expires_at on address_rules (expires_at);
