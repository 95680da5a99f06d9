-- Files to remove from the object store. Each removal is done twice, at once and 5 minutes later: a runner that was at
-- work may still have uploaded in between. Then its row goes.
set lock_timeout = '4s';

create table private.removals (
    id bigint generated always as identity primary key,
    -- A file, or, ending in a slash, a folder with all below it.
    prefix text not null check (prefix ~ '^(reports|logos)/[0-9A-Za-z][0-9A-Za-z./_-]*$' and prefix !~ '\.\.'),
    created_at timestamptz not null default now(),
    due_at timestamptz not null default now(),
    -- How often a runner took it up.
    attempts integer not null default 0,
    -- When it was done the first time.
    done_at timestamptz
);
create index removals_due_at on private.removals (due_at);

-- What is due, oldest first. Until it is done it is due again after a minute, later with every attempt, at most ten.
create function private.claim_removals(p_limit integer) returns table (id bigint, prefix text)
language sql
security definer
set search_path = ''
as $$
    update private.removals r
    set attempts = r.attempts + 1,
        due_at = clock_timestamp() + interval '1 minute' * least(r.attempts + 1, 10)
    where r.id in (
        select d.id from private.removals d
        where d.due_at <= clock_timestamp()
        order by d.due_at
        limit p_limit
        for update skip locked
    )
    returning r.id, r.prefix
$$;

create function private.removal_done(p_id bigint) returns void
language sql
security definer
set search_path = ''
as $$
    delete from private.removals where id = p_id and done_at <= clock_timestamp() - interval '5 minutes';
    update private.removals
    set done_at = clock_timestamp(), due_at = clock_timestamp() + interval '5 minutes', attempts = 0
    where id = p_id and done_at is null;
$$;

grant execute on function private.claim_removals(integer), private.removal_done(bigint) to coverage_jobs;
