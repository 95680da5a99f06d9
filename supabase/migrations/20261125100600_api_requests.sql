-- Requests of API keys, so that support finds the one a customer names by its Request-Id. Kept for 30 days.
set lock_timeout = '4s';

-- No foreign keys: rows come in batches of many accounts, and would wait for the locks of each. The account of a row is
-- the one of its key; a row outlives its key for the rest of its 30 days and names nobody.
create table private.api_requests (
    request_id text primary key check (request_id ~ '^req_[0-9a-f]{32}$'),
    account_id uuid not null,
    key_id uuid not null,
    method text not null check (char_length(method) <= 16),
    -- The template of the path, never the path.
    route text not null check (char_length(route) <= 200),
    status integer not null check (status between 100 and 599),
    created_at timestamptz not null
);
comment on table private.api_requests is 'Requests with a valid API key, whatever the answer was. The sweep removes them after 30 days.';
create index api_requests_newest_first on private.api_requests (account_id, created_at desc, request_id desc);
create index api_requests_created_at on private.api_requests (created_at);

-- Requests noted by a web process since its last flush: [{"request_id", "key_id", "method", "route", "status",
-- "created_at"}]. What was written before is left as it is, so a batch may be sent again.
create function private.record_api_requests(p_rows jsonb) returns void
language sql
security definer
set search_path = ''
as $$
    insert into private.api_requests (request_id, account_id, key_id, method, route, status, created_at)
    select r.request_id, k.account_id, k.id, left(r.method, 16), left(r.route, 200), r.status, r.created_at
    from jsonb_to_recordset(p_rows) r (
        request_id text, key_id uuid, method text, route text, status integer, created_at timestamptz
    )
    join public.api_keys k on k.id = r.key_id
    order by r.request_id
    on conflict (request_id) do nothing
$$;

-- The sweep of the queue keeps its body under a name of its own; what else is swept stands beside it.
-- It is there again at the end of this migration.
-- squawk-ignore renaming-object
alter function private.sweep() rename to heal_queue;
revoke execute on function private.heal_queue() from coverage_jobs, coverage_web;

-- At most 5,000 a call, so that no sweep is long; processes that sweep at once do not wait for each other.
create function private.forget_api_requests() returns bigint
language sql
set search_path = ''
as $$
    with forgotten as (
        delete from private.api_requests where request_id in (
            select r.request_id from private.api_requests r
            where r.created_at < now() - interval '30 days'
            order by r.created_at limit 5000
            for update skip locked
        )
        returning 1
    )
    select count(*) from forgotten
$$;

-- What heals or ends by itself, called by every runner and web process every 15 s; one of them does the work.
create function private.sweep() returns table (released bigint, sent bigint, ended bigint)
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.forget_api_requests();
    return query select h.released, h.sent, h.ended from private.heal_queue() h;
end
$$;

grant execute on function private.record_api_requests(jsonb) to coverage_web;
grant execute on function private.sweep() to coverage_jobs, coverage_web;
