-- Mails to send, each written in the transaction of the change that it reports. A mail to nobody has no recipient: it is
-- dropped unsent, and makes an unknown address cost the same work as a known one. The data (with the link's token) is
-- sealed with a key derived from SECRET_KEY, and removed once the mail is sent.
create table mail_outbox (
  id uniqueidentifier not null constraint pk_mail_outbox primary key,
  user_id uniqueidentifier null constraint fk_mail_outbox_users references users (id),
  template nvarchar(40) not null,
  recipient nvarchar(254) null,
  locale nvarchar(10) not null,
  sealed_data varbinary(4000) null,
  status nvarchar(10) not null,
  attempts int not null,
  due_at datetime2(3) not null,
  -- The place in the provider's quota that it waits for.
  slot_at datetime2(3) null,
  -- Who is sending it, and until when nobody else does.
  claim_id uniqueidentifier null,
  claimed_until datetime2(3) null,
  created_at datetime2(3) not null,
  sent_at datetime2(3) null,
  failure nvarchar(400) null
);

create index ix_mail_outbox_waiting on mail_outbox (due_at, attempts) where status = 'waiting';
create index ix_mail_outbox_dead on mail_outbox (created_at) where status = 'dead';
create index ix_mail_outbox_created_at on mail_outbox (created_at);
create index ix_mail_outbox_user_id on mail_outbox (user_id) where user_id is not null;
