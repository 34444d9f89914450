-- Anchors of the audit log: each is a signed text (JWS) with the heads of the chains that have grown since the one before. Nothing
-- in them is personal, so they are kept for ever. Rows are only added.
create table audit_anchors (
  -- From 1, without a gap.
  number int not null constraint pk_audit_anchors primary key,
  anchored_at datetime2(3) not null,
  -- The quotes are SQLite's, which knows no "max".
  jws "nvarchar(max)" not null
);
