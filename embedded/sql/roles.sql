-- Roles as a hosted Supabase has them, made once by the superuser. Passwords are set afterwards.
create role anon nologin;
create role authenticated nologin;
create role service_role nologin bypassrls;
create role authenticator login noinherit;
create role supabase_auth_admin login noinherit createrole;
create role dashboard_user nologin createdb createrole replication;
-- The migration role: like hosted Supabase's, no superuser.
create role postgres login createrole createdb bypassrls replication;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
grant pg_monitor, pg_read_all_settings, pg_read_all_stats, pg_signal_backend to postgres with admin option;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role supabase_auth_admin set search_path = auth;
alter role postgres set search_path = '"$user"', public, extensions;

alter database postgres owner to postgres;
create schema extensions authorization postgres;
grant usage on schema public, extensions to anon, authenticated, service_role;
