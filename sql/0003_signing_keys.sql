-- Keys that sign access tokens. The private part is sealed with a key derived from SECRET_KEY.
-- The unique generation decides which of several instances makes the next key.
create table signing_keys (
  kid nvarchar(64) not null constraint pk_signing_keys primary key,
  generation int not null constraint uq_signing_keys_generation unique,
  algorithm nvarchar(10) not null,
  public_jwk nvarchar(2000) not null,
  sealed_private_key varbinary(4000) not null,
  created_at datetime2(3) not null
);
