-- Invitations without their link: for who has confirmed the address that they were sent to. The web process alone asks
-- for them, because it alone knows whether Supabase Auth has people confirm an address at all.
set lock_timeout = '4s';

-- Building it blocks invitations for as long as some thousand of them take.
-- squawk-ignore require-concurrent-index-creation
create index invitations_open_by_email on public.invitations (email)
where accepted_at is null and cancelled_at is null;

-- What both ways into an account share. p_hash: that of the link's token, which another may replace at any moment; null
-- for who comes without one. Who is a member already keeps the higher role.
create function private.join_by_invitation(p_user uuid, p_invitation uuid, p_hash bytea) returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_invitation public.invitations;
    v_state text;
begin
    -- Invitations change under the lock of their account: what is true under it.
    perform from public.accounts a
    where a.id = (select i.account_id from public.invitations i where i.id = p_invitation)
    for no key update;
    select i.* into v_invitation from public.invitations i
    where i.id = p_invitation and (
        p_hash is null
        or exists (select from private.invitation_tokens t where t.invitation_id = i.id and t.hash = p_hash)
    );
    if not found then
        raise sqlstate 'PT404' using
            message = 'This invitation does not exist. Ask the person who invited you for a new one.',
            detail = 'not_found';
    end if;
    if not exists (select from auth.users u where u.id = p_user and lower(u.email) = v_invitation.email) then
        raise sqlstate 'PT403' using
            message = 'This invitation is for another e-mail address. Sign in with the address it was sent to.',
            detail = 'other_email';
    end if;
    v_state := private.state_of_invitation(v_invitation);
    if v_state = 'accepted' and exists (
        select from public.members m where m.account_id = v_invitation.account_id and m.user_id = p_user
    ) then
        return v_invitation.account_id;
    elsif v_state <> 'open' then
        perform private.refuse_state(v_state);
    end if;
    update public.invitations set accepted_at = now() where id = v_invitation.id;
    insert into public.members as m (account_id, user_id, role)
    values (v_invitation.account_id, p_user, v_invitation.role)
    on conflict (account_id, user_id) do update set role = excluded.role
    where m.role = 'member';
    perform private.audit(
        p_user::text, 'invitation.accept', v_invitation.account_id, v_invitation.id::text, null,
        jsonb_build_object('email', v_invitation.email, 'role', v_invitation.role), null
    );
    return v_invitation.account_id;
end
$$;

-- As before.
create or replace function public.accept_invitation(p_token text) returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_confirmed_user();
    v_hash bytea := sha256(convert_to(p_token, 'UTF8'));
begin
    return private.join_by_invitation(
        v_user, (select t.invitation_id from private.invitation_tokens t where t.hash = v_hash), v_hash
    );
end
$$;

-- Those to the user's address that wait for an answer, the one sent last first; in the columns of find_invitation.
create function private.list_invitations_to(p_user uuid)
returns table (invitation_id uuid, account_name text, invited_by text, email text, role text, state text)
language sql
stable
security definer
set search_path = ''
as $$
    select i.id, a.name, private.name_of_user(i.invited_by), i.email, i.role, 'open'
    from auth.users u
    join public.invitations i on i.email = lower(u.email) and i.accepted_at is null and i.cancelled_at is null
    join public.accounts a on a.id = i.account_id
    where u.id = p_user and u.email_confirmed_at is not null and u.deleted_at is null
        and private.state_of_invitation(i) = 'open'
    order by i.sent_at desc, i.id
    limit 50
$$;

-- For others' it is the same as for those that do not exist.
create function private.require_invited(p_user uuid, p_invitation uuid) returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    if not exists (
        select from public.invitations i join auth.users u on lower(u.email) = i.email
        where i.id = p_invitation and u.id = p_user and u.email_confirmed_at is not null and u.deleted_at is null
    ) then
        perform private.refuse_unknown('invitation');
    end if;
end
$$;

create function private.accept_invitation_to(p_user uuid, p_invitation uuid) returns uuid
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.require_invited(p_user, p_invitation);
    return private.join_by_invitation(p_user, p_invitation, null);
end
$$;

-- Nobody can accept it any more. Declined twice is declined.
create function private.decline_invitation_to(p_user uuid, p_invitation uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_invitation public.invitations;
begin
    perform private.require_invited(p_user, p_invitation);
    perform from public.accounts a
    where a.id = (select i.account_id from public.invitations i where i.id = p_invitation)
    for no key update;
    update public.invitations i set cancelled_at = now()
    where i.id = p_invitation and i.accepted_at is null and i.cancelled_at is null
    returning i.* into v_invitation;
    if found then
        perform private.audit(
            p_user::text, 'invitation.decline', v_invitation.account_id, p_invitation::text,
            jsonb_build_object('email', v_invitation.email, 'role', v_invitation.role), null, null
        );
    end if;
end
$$;

grant execute on function
    private.list_invitations_to(uuid), private.accept_invitation_to(uuid, uuid),
    private.decline_invitation_to(uuid, uuid)
to coverage_web;
