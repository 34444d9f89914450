-- The provider's quota, in one row: the instants, in milliseconds since 1970, from which each limit admits the next
-- mail, and the place that the latest mail was given. One update gives a mail its place.
create table mail_quota (
  id int not null constraint pk_mail_quota primary key,
  minute_at bigint not null,
  hour_at bigint not null,
  slot_at bigint not null
);

insert into mail_quota (id, minute_at, hour_at, slot_at) values (1, 0, 0, 0);

-- Addresses to which a mail came back for good, in the form in which addresses are compared: no more mail goes there
-- until the address is verified anew.
create table mail_suppressions (
  address nvarchar(254) not null,
  reason nvarchar(40) not null,
  reported_at datetime2(3) not null
);

create unique index ux_mail_suppressions_address on mail_suppressions (address);
