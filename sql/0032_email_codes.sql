-- Since when the password is one that was chosen through a mailed link; null if it is not, or an older release changed it. With
-- such a password, a code by mail is no second factor: whoever reads the mail would have both.
alter table users add password_mailed_at datetime2(3) null;

-- The code that was mailed last for a sign-in that waits for its second factor, under a keyed hash; and how many were mailed.
alter table mfa_challenges add email_code_hash varbinary(32) null;
alter table mfa_challenges add email_codes int not null constraint df_mfa_challenges_email_codes default 0;
