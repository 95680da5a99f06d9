-- Who a session belongs to: profile, accounts with their balance, and what staff look at; and the account it begins with.
set lock_timeout = '4s';

-- Who is behind a session, and what they may be: no row when it has ended.
create function private.find_session_by_id(p_session uuid)
returns table (
    id uuid, user_id uuid, email text, name text, time_zone text, theme text, is_staff boolean, account_id uuid,
    tokens bytea, tokens_expire_at timestamptz, memberships jsonb, views jsonb
)
language sql
stable
security definer
set search_path = ''
as $$
    select
        s.id, s.user_id, u.email::text, coalesce(p.name, ''), p.time_zone, coalesce(p.theme, ''), private.is_staff(s.user_id),
        s.account_id, s.tokens, s.tokens_expire_at,
        coalesce((
            select jsonb_agg(
                jsonb_build_object(
                    'account_id', a.id, 'name', a.name, 'role', m.role, 'active', a.status = 'active',
                    'balance', a.credit_balance
                )
                order by m.created_at, a.id
            )
            from public.members m join public.accounts a on a.id = m.account_id
            where m.user_id = s.user_id
        ), '[]'),
        coalesce((
            select jsonb_agg(
                jsonb_build_object(
                    'id', v.id, 'account_id', a.id, 'name', a.name, 'active', a.status = 'active',
                    'balance', a.credit_balance, 'expires_at', v.expires_at
                )
                order by v.started_at desc
            )
            from private.staff_views v join public.accounts a on a.id = v.account_id
            where v.staff_user_id = s.user_id and v.ended_at is null and v.expires_at > clock_timestamp()
        ), '[]')
    from private.sessions s
    join auth.users u on u.id = s.user_id
    left join public.profiles p on p.user_id = s.user_id
    where s.id = p_session and s.last_seen_at > now() - interval '30 days'
        and u.deleted_at is null and (u.banned_until is null or u.banned_until < now())
$$;

-- The same for the hash of a cookie. Marks the session as seen, once a minute.
create function private.find_session(p_hash bytea)
returns table (
    id uuid, user_id uuid, email text, name text, time_zone text, theme text, is_staff boolean, account_id uuid,
    tokens bytea, tokens_expire_at timestamptz, memberships jsonb, views jsonb
)
language plpgsql
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
    v_session private.sessions;
begin
    select s.* into v_session from private.sessions s where s.hash = p_hash;
    if v_session.last_seen_at between now() - interval '30 days' and now() - interval '1 minute' then
        update private.sessions s set last_seen_at = now() where s.id = v_session.id;
    end if;
    return query select f.* from private.find_session_by_id(v_session.id) f;
end
$$;

-- The account that new tabs begin with. False when the user neither belongs to it nor looks at it.
create function private.choose_account(p_session uuid, p_account uuid) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.sessions s set account_id = p_account
    where s.id = p_session and (
        exists (select from public.members m where m.account_id = p_account and m.user_id = s.user_id)
        or exists (
            select from private.staff_views v
            where v.account_id = p_account and v.staff_user_id = s.user_id
                and v.ended_at is null and v.expires_at > clock_timestamp()
        )
    );
    return found;
end
$$;

grant execute on function
    private.find_session(bytea), private.find_session_by_id(uuid), private.choose_account(uuid, uuid)
to coverage_web;
