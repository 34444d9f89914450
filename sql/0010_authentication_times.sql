-- When the person last proved who they are, and how (values of RFC 8176, separated by spaces).
-- Null for a session of an earlier release: then it is when the session began, and how is not known.
alter table sessions add authenticated_at datetime2(3) null;
alter table sessions add amr nvarchar(100) null;
