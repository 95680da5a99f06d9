-- Programs that come with a user's access token: who that is, and which accounts they may mean.
set lock_timeout = '4s';

-- The accounts in the order in which a session has them: the one that the user came to first stands first.
create function public.who_am_i() returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_user();
begin
    if not exists (
        select from auth.users u
        where u.id = v_user and u.deleted_at is null and (u.banned_until is null or u.banned_until < now())
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
grant execute on function public.who_am_i() to authenticated;
