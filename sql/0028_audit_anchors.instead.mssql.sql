-- A ledger: the server refuses to change or remove a row, whoever asks, and its digests tell if someone went around it. An existing
-- table cannot become one.
create table audit_anchors (
  number int not null constraint pk_audit_anchors primary key,
  anchored_at datetime2(3) not null,
  jws nvarchar(max) not null
) with (ledger = on (append_only = on));
