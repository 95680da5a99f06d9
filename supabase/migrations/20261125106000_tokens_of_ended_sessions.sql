-- An access token outlives its session at Supabase Auth by up to an hour: who signed out there has signed out here too.
set lock_timeout = '4s';

-- As before, and not for a token whose session has ended.
create or replace function public.who_am_i() returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_user();
    v_session text := (select auth.jwt()) ->> 'session_id';
begin
    if not exists (
        select from auth.users u
        where u.id = v_user and u.deleted_at is null and (u.banned_until is null or u.banned_until < now())
    ) or (
        v_session is not null and not exists (
            select from auth.sessions s
            where s.id = v_session::uuid and s.user_id = v_user and (s.not_after is null or s.not_after > now())
        )
    ) then
        raise sqlstate 'PT401' using message = 'Sign in first.', detail = 'not_signed_in';
    end if;
    return jsonb_build_object(
        'user_id', v_user,
        'accounts', coalesce((
            select jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name) order by m.created_at, a.id)
            from public.members m join public.accounts a on a.id = m.account_id
            where m.user_id = v_user
        ), '[]')
    );
end
$$;
