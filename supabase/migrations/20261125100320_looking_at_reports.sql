-- What the pages of a signed-in person show of reports.
set lock_timeout = '4s';

-- Who made something, in words.
create function private.name_of_maker(p_key uuid, p_user uuid) returns text
language sql
stable
set search_path = ''
as $$
    select coalesce(private.name_of_key(p_key), private.name_of_user(p_user), 'A deleted user')
$$;

-- One row a report, each with the total of what was found. From p_from on and before p_to; the search is for a part of
-- the name, its characters as they are.
create function public.search_reports(
    p_account uuid, p_search text default null, p_status text default null,
    p_from timestamptz default null, p_to timestamptz default null,
    p_sort text default 'created_at', p_descending boolean default true,
    p_limit integer default 25, p_offset integer default 0
)
returns table (
    id uuid, name text, status text, url_count integer, open_count integer, captured_count integer,
    credits_used integer, credits_refunded integer, created_at timestamptz, completed_at timestamptz, error text,
    created_by text, created_by_kind text, total bigint
)
language plpgsql
stable
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
    v_search text := lower(private.clean_line(p_search, 200, 'The search'));
    -- Of our own words alone; so only the page is sorted, where one query for every order would sort all reports.
    v_key text := case p_sort
        when 'created_at' then 'r.created_at'
        when 'name' then 'lower(r.name)'
        when 'status' then 'r.status'
        when 'url_count' then 'r.url_count'
    end;
    v_way text := case when coalesce(p_descending, true) then 'desc' else 'asc' end;
begin
    perform private.require_account(p_account);
    if p_status not in ('processing', 'completed', 'failed')
        or v_key is null or coalesce(p_limit, 0) < 1 or coalesce(p_offset, -1) < 0
    then
        raise sqlstate 'PT400' using message = 'Reports cannot be listed in this way.', detail = 'invalid_search';
    end if;
    return query execute format(
        $query$
            with found as not materialized (
                select r.* from public.reports r
                where r.account_id = $1
                    and ($2 is null or r.status = $2)
                    and ($3 is null or r.created_at >= $3)
                    and ($4 is null or r.created_at < $4)
                    and ($5 is null or strpos(lower(r.name), $5) > 0)
            ), page as (
                select r.* from found r
                order by %1$s %2$s, r.created_at %2$s, r.id %2$s
                limit $6 offset $7
            )
            select
                r.id, r.name, r.status, r.url_count, r.open_count, r.captured_count,
                r.credits_used, r.credits_refunded, r.created_at, r.completed_at, r.error,
                private.name_of_maker(r.created_by_key, r.created_by_user),
                case when r.created_by_key is null then 'user' else 'key' end,
                (select count(*) from found)
            from page r
            order by %1$s %2$s, r.created_at %2$s, r.id %2$s
        $query$,
        v_key, v_way
    ) using p_account, p_status, p_from, p_to, v_search, least(p_limit, 100), p_offset;
end
$$;

-- All that the page of a report shows beside its items, which are read from report_items.
-- "progress": links that ended, and the seconds since the first of them did; null before.
create function public.report_page(p_report uuid) returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_account uuid := private.account_of_report(p_report);
    v_page jsonb;
begin
    with ends as (
        select i.status, i.reason, count(*) as links, min(i.ended_at) as first_ended_at
        from public.report_items i
        where i.report_id = p_report
        group by i.status, i.reason
    )
    select
        jsonb_build_object(
            'id', r.id, 'account_id', r.account_id, 'name', r.name, 'status', r.status, 'url_count', r.url_count,
            'open_count', r.open_count, 'captured_count', r.captured_count, 'credits_used', r.credits_used,
            'credits_refunded', r.credits_refunded, 'error', r.error, 'created_at', r.created_at,
            'completed_at', r.completed_at, 'version', r.version,
            'created_by', private.name_of_maker(r.created_by_key, r.created_by_user),
            'created_by_kind', case when r.created_by_key is null then 'user' else 'key' end,
            'share_token', (
                select s.token from private.share_links s where s.report_id = r.id and s.revoked_at is null
            ),
            'may_delete', r.status <> 'processing' and exists (
                select from public.members m
                where m.account_id = r.account_id and m.user_id = (select auth.uid())
                    and (m.role in ('owner', 'admin') or r.created_by_user = m.user_id)
            ),
            'links', (
                select jsonb_build_object(
                    'pending', coalesce(sum(e.links) filter (where e.status = 'pending'), 0),
                    'captured', coalesce(sum(e.links) filter (where e.status = 'captured'), 0),
                    'failed', coalesce(sum(e.links) filter (where e.status = 'failed'), 0)
                )
                from ends e
            ),
            'reasons', (
                select coalesce(jsonb_object_agg(e.reason, e.links), '{}') from ends e where e.reason is not null
            ),
            'progress', (
                select jsonb_build_object(
                    'ended', coalesce(sum(e.links) filter (where e.status <> 'pending'), 0),
                    'seconds', extract(epoch from clock_timestamp() - min(e.first_ended_at))::double precision
                )
                from ends e
            )
        )
    into v_page
    from public.reports r
    where r.id = p_report and r.account_id = v_account;
    return v_page;
end
$$;

-- What an account is at: balance, use by month in the time zone of who asks, last reports, keys nobody uses.
create function public.account_overview(p_account uuid) returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_zone text := coalesce(
        (select p.time_zone from public.profiles p where p.user_id = (select auth.uid())), 'UTC'
    );
    v_month timestamp := date_trunc('month', now() at time zone v_zone);
    v_overview jsonb;
begin
    perform private.require_account(p_account);
    select jsonb_build_object(
        'id', a.id, 'name', a.name, 'status', a.status, 'branding', a.branding, 'balance', a.credit_balance,
        'has_reports', exists (select from public.reports r where r.account_id = a.id),
        'reports_by_month', (
            select jsonb_agg(
                jsonb_build_object('month', to_char(m.month, 'YYYY-MM'), 'reports', coalesce(c.reports, 0))
                order by m.month
            )
            from generate_series(v_month - interval '11 months', v_month, interval '1 month') m (month)
            left join (
                select date_trunc('month', r.created_at at time zone v_zone) as month, count(*) as reports
                from public.reports r
                where r.account_id = a.id
                    and r.created_at >= (v_month - interval '11 months') at time zone v_zone
                group by 1
            ) c on c.month = m.month
        ),
        -- What failed reports gave back is not used.
        'credits_used_this_month', (
            select greatest(coalesce(-sum(e.delta), 0), 0) from public.credit_entries e
            where e.account_id = a.id and e.kind in ('charge', 'refund')
                and e.created_at >= v_month at time zone v_zone
        ),
        'last_reports', (
            select coalesce(jsonb_agg(to_jsonb(s) - 'total' order by s.created_at desc, s.id desc), '[]')
            from public.search_reports(a.id, p_limit => 5) s
        ),
        'unused_keys', (
            select coalesce(
                jsonb_agg(
                    jsonb_build_object('id', k.id, 'name', k.name, 'prefix', k.prefix, 'last_used_at', k.last_used_at)
                    order by k.created_at
                ), '[]'
            )
            from public.api_keys k where k.account_id = a.id and private.is_unused(k)
        )
    )
    into v_overview
    from public.accounts a
    where a.id = p_account;
    return v_overview;
end
$$;

-- The ledger of an account, by time. Building it blocks writes of the ledger for as long as a table of some thousand
-- entries takes.
-- squawk-ignore require-concurrent-index-creation
create index credit_entries_account_id on public.credit_entries (account_id, id desc);

grant execute on function
    public.search_reports(uuid, text, text, timestamptz, timestamptz, text, boolean, integer, integer),
    public.report_page(uuid), public.account_overview(uuid)
to authenticated;
