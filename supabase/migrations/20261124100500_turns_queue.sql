-- The queue is Supabase Queues (pgmq). A message is one turn of an account: {"account_id"}.
set lock_timeout = '4s';

do $$
begin
    -- The embedded stack has installed pgmq's own SQL already.
    if not exists (select from pg_catalog.pg_namespace where nspname = 'pgmq') then
        create extension pgmq;
    end if;
end
$$;

select pgmq.create('turns');
alter table pgmq.q_turns enable row level security;
alter table pgmq.a_turns enable row level security;

create table private.account_turns (
    account_id uuid primary key references public.accounts (id) on delete cascade,
    msg_id bigint not null
);
comment on table private.account_turns is 'The one unread message of an account that has unclaimed links.';

-- How many turns wait or are held, and the age of the oldest in seconds.
create function private.queue_health() returns table (length bigint, oldest_seconds integer)
language sql
security definer
set search_path = ''
as $$
    select m.queue_length, m.oldest_msg_age_sec from pgmq.metrics('turns') m
$$;
grant execute on function private.queue_health() to coverage_web, coverage_jobs;
