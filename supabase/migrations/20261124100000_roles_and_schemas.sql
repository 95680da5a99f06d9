-- Two doors: PostgREST serves the schema public under row level security; our own processes come with a
-- login role that may execute its functions and read no table. Neither sees the tables in private.
set lock_timeout = '4s';

create schema private;
comment on schema private is 'What no API shows: rules as functions, secrets, staff. PostgREST does not expose it.';

-- A function is executable by nobody until it is granted to one role.
alter default privileges revoke execute on functions from public;
-- Hosted Supabase grants new tables in public to its API roles; here every grant is written down.
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;

-- Hosted Supabase refuses role attributes, even negative ones. `coveragereport migrate` sets LOGIN and a password.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'coverage_web') then
        create role coverage_web nologin;
    end if;
    if not exists (select from pg_catalog.pg_roles where rolname = 'coverage_jobs') then
        create role coverage_jobs nologin;
    end if;
end
$$;

alter role coverage_web set statement_timeout = '8s';
alter role coverage_web set lock_timeout = '5s';
alter role coverage_web set idle_in_transaction_session_timeout = '15s';
alter role coverage_jobs set statement_timeout = '15s';
alter role coverage_jobs set lock_timeout = '10s';
alter role coverage_jobs set idle_in_transaction_session_timeout = '20s';

grant usage on schema private to coverage_web, coverage_jobs;
-- They make nothing of their own, not even for a moment.
do $$
begin
    execute format('revoke temporary on database %I from public', current_database());
end
$$;
-- Only for the helpers that row level security policies call.
grant usage on schema private to authenticated;

-- What is written once stays: ledger and audit log carry this trigger.
create function private.refuse_change() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

-- 256 random bits, URL-safe. Hosted and embedded share no pgcrypto, so: two random UUIDs, hashed.
create function private.random_token() returns text
language sql
volatile
set search_path = ''
as $$
    select pg_catalog.translate(
        pg_catalog.encode(
            pg_catalog.sha256(
                pg_catalog.uuid_send(pg_catalog.gen_random_uuid())
                || pg_catalog.uuid_send(pg_catalog.gen_random_uuid())
                || pg_catalog.uuid_send(pg_catalog.gen_random_uuid())
            ),
            'base64'
        ),
        '+/=', '-_'
    )
$$;
