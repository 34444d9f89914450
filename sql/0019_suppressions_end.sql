-- Addresses that mail came back from long ago, which may get mail again.
create index ix_mail_suppressions_reported_at on mail_suppressions (reported_at);
