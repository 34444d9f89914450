-- Since when a password is kept that could not be looked up among breached ones when it was chosen: null if it was, or if it is
-- older than this look. The next sign-in looks again.
alter table users add password_unchecked_since datetime2(3) null;
alter table registrations add password_unchecked_since datetime2(3) null;

-- When the owner was last mailed that the password is known from a breach.
alter table users add compromise_told_at datetime2(3) null;
