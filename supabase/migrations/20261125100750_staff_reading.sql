-- What support staff read of an account, and of the audit log.
set lock_timeout = '4s';

create function private.staff_limit(p_limit integer) returns integer
language sql
immutable
set search_path = ''
as $$
    select least(greatest(coalesce(p_limit, 50), 1), 100)
$$;

-- Whoever stands behind an actor of ledger or audit log, in words.
create function private.actor_words(p_actor text) returns text
language sql
stable
set search_path = ''
as $$
    select case
        when p_actor = 'system' then 'System'
        when p_actor like 'cli:%' then 'Command line (' || substr(p_actor, 5) || ')'
        when p_actor ~ '^(staff:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then coalesce(
            (
                select case when p_actor like 'staff:%' then u.email || ' (support)' else u.email end
                from auth.users u where u.id = right(p_actor, 36)::uuid
            ),
            (
                select 'API key ' || k.name || ' (' || k.prefix || ')'
                from public.api_keys k where k.id = right(p_actor, 36)::uuid
            ),
            'deleted'
        )
        else p_actor
    end
$$;

create function private.require_known_account(p_account uuid) returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    if not exists (select from public.accounts a where a.id = p_account) then
        raise sqlstate 'PT404' using message = 'There is no such account.', detail = 'no_such_account';
    end if;
end
$$;

-- {account, members, keys, open_credit_request (null: none), counts}.
create function private.staff_account(p_staff uuid, p_account uuid) returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform private.require_staff(p_staff);
    perform private.require_known_account(p_account);
    return jsonb_build_object(
        'account', (
            select jsonb_build_object(
                'id', a.id, 'name', a.name, 'status', a.status, 'credit_balance', a.credit_balance,
                'created_at', a.created_at, 'deleted_at', a.deleted_at
            )
            from public.accounts a where a.id = p_account
        ),
        'members', coalesce((
            select jsonb_agg(
                jsonb_build_object(
                    'user_id', m.user_id, 'email', u.email, 'name', p.name, 'role', m.role, 'joined_at', m.created_at,
                    'last_seen_at', (select max(s.last_seen_at) from private.sessions s where s.user_id = m.user_id)
                )
                order by m.created_at, m.user_id
            )
            from public.members m join auth.users u on u.id = m.user_id
            left join public.profiles p on p.user_id = m.user_id
            where m.account_id = p_account
        ), '[]'),
        -- All active keys (five at most), and the newest of the revoked ones.
        'keys', coalesce((
            select jsonb_agg(
                jsonb_build_object(
                    'id', k.id, 'name', k.name, 'prefix', k.prefix, 'created_at', k.created_at,
                    'created_by', (select u.email from auth.users u where u.id = k.created_by),
                    'last_used_at', k.last_used_at, 'request_count', k.request_count, 'revoked_at', k.revoked_at
                )
                order by k.revoked_at is not null, k.created_at desc
            )
            from (
                select f.* from public.api_keys f where f.account_id = p_account
                order by f.revoked_at is not null, f.created_at desc limit 50
            ) k
        ), '[]'),
        'open_credit_request', (
            select jsonb_build_object(
                'id', c.id, 'credits', c.credits, 'message', c.message, 'created_at', c.created_at,
                'requested_by', (select u.email from auth.users u where u.id = c.requested_by)
            )
            from public.credit_requests c where c.account_id = p_account and c.status = 'open'
        ),
        'counts', (
            select jsonb_build_object(
                'processing', count(*) filter (where r.status = 'processing'),
                'completed', count(*) filter (where r.status = 'completed'),
                'failed', count(*) filter (where r.status = 'failed'),
                'links', coalesce(sum(r.url_count), 0)
            )
            from public.reports r where r.account_id = p_account
        )
    );
end
$$;

-- Newest first; the ones before entry p_before.
create function private.staff_ledger(p_staff uuid, p_account uuid, p_limit integer, p_before bigint)
returns table (
    id bigint, created_at timestamptz, kind text, delta integer, balance_after integer, who text, note text,
    report_id uuid, report_name text
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform private.require_staff(p_staff);
    perform private.require_known_account(p_account);
    return query
    select
        e.id, e.created_at, e.kind, e.delta, e.balance_after, private.actor_words(e.actor), e.note, e.report_id, r.name
    from (
        select c.* from public.credit_entries c
        where c.account_id = p_account and c.id < coalesce(p_before, 9223372036854775807)
        order by c.id desc limit private.staff_limit(p_limit)
    ) e
    left join public.reports r on r.id = e.report_id
    order by e.id desc;
end
$$;


-- How a report that is processing does: held_links are with a runner now, waiting_links with nobody; queued says that
-- a turn of its account waits to be read. Nulls for one that has ended.
create function private.report_health(p_report public.reports)
returns table (
    open_links integer, held_links integer, waiting_links integer, queued boolean, overdue boolean,
    seconds_since_link_ended integer
)
language sql
stable
set search_path = ''
as $$
    select
        i.open_links, i.held_links, i.waiting_links,
        exists (
            select from private.account_turns t join pgmq.q_turns q on q.msg_id = t.msg_id
            where t.account_id = p_report.account_id and q.read_ct = 0
        ),
        private.is_overdue(p_report),
        extract(epoch from clock_timestamp() - i.ended_at)::integer
    from (
        select
            count(*) filter (where i.status = 'pending')::integer,
            count(*) filter (where q.vt > clock_timestamp())::integer,
            count(*) filter (where i.status = 'pending' and i.claim_msg_id is null)::integer,
            max(i.ended_at)
        from public.report_items i left join pgmq.q_turns q on q.msg_id = i.claim_msg_id
        where i.report_id = p_report.id
    ) i (open_links, held_links, waiting_links, ended_at)
    where p_report.status = 'processing'
$$;

-- Newest first; p_status null is all, p_starting_after the last report of the page before. given_back is what staff
-- gave back by staff_refund_report, beside credits_refunded.
create function private.staff_reports(
    p_staff uuid, p_account uuid, p_status text, p_limit integer, p_starting_after uuid
)
returns table (
    id uuid, name text, status text, url_count integer, captured_count integer, credits_used integer,
    credits_refunded integer, given_back integer, created_by text, created_at timestamptz, completed_at timestamptz,
    error text, open_links integer, held_links integer, waiting_links integer, queued boolean, overdue boolean,
    seconds_since_link_ended integer
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform private.require_staff(p_staff);
    perform private.require_known_account(p_account);
    return query
    select
        r.id, r.name, r.status, r.url_count, r.captured_count, r.credits_used, r.credits_refunded,
        coalesce(e.delta, 0), private.actor_words(coalesce(r.created_by_key, r.created_by_user)::text), r.created_at,
        r.completed_at, r.error, h.open_links, h.held_links, h.waiting_links, h.queued, h.overdue,
        h.seconds_since_link_ended
    from (
        select n.id from public.reports n
        where n.account_id = p_account and (p_status is null or n.status = p_status) and (
            p_starting_after is null or (n.created_at, n.id) < (
                select s.created_at, s.id from public.reports s
                where s.id = p_starting_after and s.account_id = p_account
            )
        )
        order by n.created_at desc, n.id desc limit private.staff_limit(p_limit)
    ) page
    join public.reports r on r.id = page.id
    left join public.credit_entries e
        on e.account_id = r.account_id and e.idempotency_key = 'staff_refund:' || r.id
    left join lateral private.report_health(r) h on true
    order by r.created_at desc, r.id desc;
end
$$;

-- Newest first; p_before is the request id of the last row of the page before.
create function private.staff_recent_requests(p_staff uuid, p_account uuid, p_limit integer, p_before text)
returns table (
    request_id text, created_at timestamptz, method text, route text, status integer, key_name text, key_prefix text
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform private.require_staff(p_staff);
    perform private.require_known_account(p_account);
    return query
    select q.request_id, q.created_at, q.method, q.route, q.status, k.name, k.prefix
    from private.api_requests q left join public.api_keys k on k.id = q.key_id
    where q.account_id = p_account and (
        p_before is null or (q.created_at, q.request_id) < (
            select b.created_at, b.request_id from private.api_requests b
            where b.request_id = p_before and b.account_id = p_account
        )
    )
    order by q.created_at desc, q.request_id desc
    limit private.staff_limit(p_limit);
end
$$;

-- Building them blocks writes of the audit log for as long as some thousand entries take.
-- squawk-ignore require-concurrent-index-creation
create index audit_log_actor on private.audit_log (actor, id);
-- squawk-ignore require-concurrent-index-creation
create index audit_log_action on private.audit_log (action, id);

-- Newest first; every null is "any". p_actor is an actor as stored (a user id, staff:<user id>, cli:<name>, system) or
-- an e-mail address, which stands for that user as customer and as staff. p_action is a whole action or its first
-- word: "report" finds report.retry.
create function private.staff_audit(
    p_staff uuid, p_account uuid, p_actor text, p_action text, p_from timestamptz, p_to timestamptz,
    p_limit integer, p_before bigint
)
returns table (
    id bigint, created_at timestamptz, actor text, who text, action text, account_id uuid, account_name text,
    target text, before jsonb, after jsonb, reason text
)
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
declare
    v_actors text[];
begin
    perform private.require_staff(p_staff);
    if p_actor is not null then
        select array_agg(n.name) || p_actor into v_actors
        from auth.users u, lateral (values (u.id::text), ('staff:' || u.id)) n (name)
        where strpos(p_actor, '@') > 0 and u.email = lower(btrim(p_actor));
    end if;
    return query
    select
        l.id, l.created_at, l.actor, private.actor_words(l.actor), l.action, l.account_id, a.name, l.target,
        l.before, l.after, l.reason
    from (
        select g.* from private.audit_log g
        where (p_account is null or g.account_id = p_account)
            and (p_actor is null or g.actor = any (v_actors))
            and (p_action is null or g.action = p_action or starts_with(g.action, p_action || '.'))
            and (p_from is null or g.created_at >= p_from)
            and (p_to is null or g.created_at < p_to)
            and (p_before is null or g.id < p_before)
        order by g.id desc limit private.staff_limit(p_limit)
    ) l
    left join public.accounts a on a.id = l.account_id
    order by l.id desc;
end
$$;

grant execute on function
    private.staff_account(uuid, uuid),
    private.staff_ledger(uuid, uuid, integer, bigint),
    private.staff_reports(uuid, uuid, text, integer, uuid),
    private.staff_recent_requests(uuid, uuid, integer, text),
    private.staff_audit(uuid, uuid, text, text, timestamptz, timestamptz, integer, bigint)
to coverage_web;
