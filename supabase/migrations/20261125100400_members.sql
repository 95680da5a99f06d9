-- The people of an account: roles change under the account's lock, and an owner is always left.
set lock_timeout = '4s';

-- Also where a user is deleted in Supabase Auth: give the account to somebody else, or delete it, first.
create function private.require_an_owner() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if exists (select from public.accounts a where a.id = old.account_id and a.deleted_at is null)
        and not exists (select from public.members m where m.account_id = old.account_id and m.role = 'owner')
    then
        raise exception 'Account % needs an owner', old.account_id using errcode = 'check_violation';
    end if;
    return null;
end
$$;
create trigger members_keep_an_owner
after update or delete on public.members
for each row when (old.role = 'owner') execute function private.require_an_owner();

-- Accounts that the caller manages, or sees as who manages them sees them.
create function private.my_managed_account_ids() returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
    select mine.id from private.my_account_ids() mine (id)
    where not exists (
        select from public.members m
        where m.account_id = mine.id and m.user_id = (select auth.uid()) and m.role = 'member'
    )
$$;
grant execute on function private.my_managed_account_ids() to authenticated;

create function private.role_of_member(p_account uuid, p_user uuid) returns text
language plpgsql
stable
set search_path = ''
as $$
declare
    v_role text;
begin
    select m.role into v_role from public.members m where m.account_id = p_account and m.user_id = p_user;
    if v_role is null then
        raise sqlstate 'PT404' using message = 'This person is not in the account.', detail = 'not_found';
    end if;
    return v_role;
end
$$;

-- Before an owner is unmade. The caller holds the account's lock.
create function private.require_another_owner(p_account uuid, p_user uuid) returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    if not exists (
        select from public.members m
        where m.account_id = p_account and m.role = 'owner' and m.user_id <> p_user
    ) then
        raise sqlstate 'PT409' using
            message = 'An account needs an owner. Make somebody else an owner first, or delete the account.',
            detail = 'last_owner';
    end if;
end
$$;

-- Owners first, then admins; within a role who came first.
create function public.list_members(p_account uuid)
returns table (
    user_id uuid, email text, name text, role text, joined_at timestamptz, last_seen_at timestamptz
)
language plpgsql
stable
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
    perform private.require_account(p_account);
    return query
    select
        m.user_id, u.email::text, p.name, m.role, m.created_at,
        (select max(s.last_seen_at) from private.sessions s where s.user_id = m.user_id)
    from public.members m
    join auth.users u on u.id = m.user_id
    left join public.profiles p on p.user_id = m.user_id
    where m.account_id = p_account
    order by case m.role when 'owner' then 1 when 'admin' then 2 else 3 end, m.created_at, m.user_id;
end
$$;

create function public.set_member_role(p_account uuid, p_user uuid, p_role text) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_actor uuid := private.require_role(p_account, '{owner,admin}');
    v_before text := private.role_of_member(p_account, p_user);
begin
    if coalesce(p_role, '') not in ('owner', 'admin', 'member') then
        raise sqlstate 'PT400' using message = 'The role is owner, admin or member.', detail = 'unknown_role';
    end if;
    if v_before = p_role then
        return;
    end if;
    if 'owner' in (v_before, p_role) then
        perform private.require_role(p_account, '{owner}');
    end if;
    if v_before = 'owner' then
        perform private.require_another_owner(p_account, p_user);
    end if;
    update public.members set role = p_role where account_id = p_account and user_id = p_user;
    perform private.audit(
        v_actor::text, 'member.set_role', p_account, p_user::text,
        jsonb_build_object('role', v_before), jsonb_build_object('role', p_role), null
    );
end
$$;

-- Takes somebody out of the account. The caller holds the account's lock and has checked who asks.
create function private.take_out_member(p_account uuid, p_user uuid, p_actor uuid, p_action text) returns void
language plpgsql
set search_path = ''
as $$
declare
    v_role text := private.role_of_member(p_account, p_user);
begin
    if v_role = 'owner' then
        perform private.require_another_owner(p_account, p_user);
    end if;
    delete from public.members where account_id = p_account and user_id = p_user;
    update private.sessions set account_id = null where user_id = p_user and account_id = p_account;
    perform private.audit(
        p_actor::text, p_action, p_account, p_user::text, jsonb_build_object('role', v_role), null, null
    );
end
$$;

create function public.remove_member(p_account uuid, p_user uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_actor uuid := private.require_role(p_account, '{owner,admin}');
begin
    if private.role_of_member(p_account, p_user) = 'owner' then
        perform private.require_role(p_account, '{owner}');
    end if;
    perform private.take_out_member(p_account, p_user, v_actor, 'member.remove');
end
$$;

create function public.leave_account(p_account uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_role(p_account, '{owner,admin,member}');
begin
    perform private.take_out_member(p_account, v_user, v_user, 'member.leave');
end
$$;

-- A member becomes owner, the caller admin.
create function public.transfer_ownership(p_account uuid, p_user uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_actor uuid := private.require_role(p_account, '{owner}');
    v_before text := private.role_of_member(p_account, p_user);
begin
    if p_user = v_actor then
        raise sqlstate 'PT400' using message = 'You are the owner already.', detail = 'already_owner';
    end if;
    update public.members set role = 'owner' where account_id = p_account and user_id = p_user;
    update public.members set role = 'admin' where account_id = p_account and user_id = v_actor;
    perform private.audit(
        v_actor::text, 'account.transfer', p_account, p_user::text,
        jsonb_build_object('role', v_before), jsonb_build_object('role', 'owner'), null
    );
end
$$;

grant execute on function
    public.list_members(uuid), public.set_member_role(uuid, uuid, text), public.remove_member(uuid, uuid),
    public.leave_account(uuid), public.transfer_ownership(uuid, uuid)
to authenticated;
