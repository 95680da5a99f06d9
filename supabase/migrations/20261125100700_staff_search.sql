-- Support staff find an account. The web process says which signed-in user asks; SQL decides whether that user is staff.
set lock_timeout = '4s';

-- The name staff have in ledger and audit log. Refuses everybody else.
create function private.require_staff(p_staff uuid) returns text
language plpgsql
stable
set search_path = ''
as $$
begin
    if not coalesce(private.is_staff(p_staff), false) then
        raise sqlstate 'PT403' using message = 'Only support staff can do this.', detail = 'not_staff';
    end if;
    return 'staff:' || p_staff;
end
$$;

-- Parts of names are found through an index of their trigrams: hosted and embedded share no pg_trgm. Building it blocks
-- changes of accounts for as long as some thousand names take.
create function private.trigrams(p_text text) returns text[]
language sql
immutable
strict
set search_path = ''
as $$
    select coalesce(array_agg(distinct substr(lower(p_text), n, 3)), '{}')
    from generate_series(1, char_length(lower(p_text)) - 2) n
$$;
-- squawk-ignore require-concurrent-index-creation
create index accounts_name_trigrams on public.accounts using gin (private.trigrams(name));

-- By id: request, API key (its first 16 characters; the rest is not looked at), report, account, user.
create function private.staff_find(p_query text)
returns table (kind text, target text, account_id uuid, label text, detail text)
language plpgsql
stable
set search_path = ''
as $$
declare
    v_id uuid;
begin
    if p_query ~ '^req_[0-9a-f]{32}$' then
        return query
        select 'request', q.request_id, q.account_id, q.method || ' ' || q.route, q.status::text
        from private.api_requests q where q.request_id = p_query;
    elsif p_query ~ '^cr_live_[0-9A-Za-z]{8}' then
        return query
        select 'key', k.id::text, k.account_id, k.name, k.prefix || case when k.revoked_at is null then '' else ', revoked' end
        from public.api_keys k where k.prefix = left(p_query, 16)
        order by k.revoked_at is not null, k.created_at desc limit 50;
    else
        v_id := p_query::uuid;
        return query
        select 'report', r.id::text, r.account_id, r.name, r.status from public.reports r where r.id = v_id
        union all
        select 'account', a.id::text, a.id, a.name, case when a.deleted_at is null then a.status else 'deleted' end
        from public.accounts a where a.id = v_id
        union all
        (
            select 'member', u.id::text, m.account_id, u.email::text, coalesce(m.role, 'no account')
            from auth.users u left join public.members m on m.user_id = u.id
            where u.id = v_id and u.deleted_at is null
            limit 50
        );
    end if;
end
$$;

-- The 50 accounts that come closest to a part of a name, which is in lower case. Two letters have no trigram: every name
-- is looked at.
create function private.accounts_named(p_part text) returns setof public.accounts
language plpgsql
stable
set search_path = ''
-- So that the index answers also for a part of many names: their trigrams are in it, and slow to make again.
set enable_seqscan = off
as $$
begin
    if char_length(p_part) < 3 then
        return query
        select a.* from public.accounts a where strpos(lower(a.name), p_part) > 0
        order by strpos(lower(a.name), p_part), char_length(a.name), a.id limit 50;
    else
        return query
        select a.* from public.accounts a
        where private.trigrams(a.name) @> private.trigrams(p_part) and strpos(lower(a.name), p_part) > 0
        order by strpos(lower(a.name), p_part), char_length(a.name), a.id limit 50;
    end if;
end
$$;

-- By a part of an account's name or of a user's e-mail address, the closest first. A user without an account is found too.
-- Every address is looked at, as Supabase Auth keeps them, in lower case: its tables take no index of ours.
create function private.staff_find_part(p_part text)
returns table (kind text, target text, account_id uuid, label text, detail text)
language sql
stable
set search_path = ''
as $$
    select f.kind, f.target, f.account_id, f.label, f.detail
    from (
        select 'account', a.id::text, a.id, a.name, case when a.deleted_at is null then a.status else 'deleted' end
        from private.accounts_named(p_part) a
        union all
        select 'member', u.id::text, m.account_id, u.email, coalesce(m.role, 'no account')
        from (
            select s.id, s.email from auth.users s
            where strpos(s.email, p_part) > 0 and s.deleted_at is null
            order by strpos(s.email, p_part), char_length(s.email), s.id limit 50
        ) u left join public.members m on m.user_id = u.id
    ) f (kind, target, account_id, label, detail)
    order by lower(f.label) <> p_part, strpos(lower(f.label), p_part), char_length(f.label), f.kind, f.target, f.account_id
    limit 50
$$;

create function private.staff_search(p_staff uuid, p_query text)
returns table (kind text, target text, account_id uuid, account_name text, label text, detail text)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_query text := btrim(p_query);
begin
    perform private.require_staff(p_staff);
    if coalesce(char_length(v_query), 0) not between 2 and 320 then
        raise sqlstate 'PT400' using message = 'Type at least 2 characters, and at most 320.', detail = 'invalid_query';
    end if;
    if v_query ~ '^(req_[0-9a-f]{32}|cr_live_[0-9A-Za-z]{8}.*)$'
        or v_query ~* '^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$'
    then
        return query
        select f.kind, f.target, f.account_id, a.name, f.label, f.detail
        from private.staff_find(v_query) f left join public.accounts a on a.id = f.account_id;
    else
        return query
        select f.kind, f.target, f.account_id, a.name, f.label, f.detail
        from private.staff_find_part(lower(v_query)) with ordinality
            f (kind, target, account_id, label, detail, place)
        left join public.accounts a on a.id = f.account_id
        order by f.place;
    end if;
end
$$;

grant execute on function private.staff_search(uuid, text) to coverage_web;
