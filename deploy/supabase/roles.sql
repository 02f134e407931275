-- Passwords of the logins that Supabase's own services use. Run once, by the database image, when its volume is new.
\set password `echo "$POSTGRES_PASSWORD"`
alter user supabase_admin with password :'password';
alter user supabase_auth_admin with password :'password';
alter user authenticator with nologin;
