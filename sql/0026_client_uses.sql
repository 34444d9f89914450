-- When each client last authenticated itself, to within a day. Apart from clients, which the service may not write.
create table client_uses (
  client_id uniqueidentifier not null constraint pk_client_uses primary key constraint fk_client_uses_clients references clients (id),
  last_used_at datetime2(3) not null
);
