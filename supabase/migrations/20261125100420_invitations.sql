-- Invitations by e-mail: a link that works once, for 7 days, for whoever has confirmed the address. The token is made
-- by the web process; only its hash is here.
set lock_timeout = '4s';

create table public.invitations (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references public.accounts (id) on delete cascade,
    email text not null check (email = lower(email) and char_length(email) between 3 and 254),
    role text not null check (role in ('admin', 'member')),
    invited_by uuid references auth.users (id) on delete set null,
    created_at timestamptz not null default now(),
    sent_at timestamptz not null default now(),
    expires_at timestamptz not null default now() + interval '7 days',
    accepted_at timestamptz,
    cancelled_at timestamptz,
    check (accepted_at is null or cancelled_at is null)
);
create unique index invitations_one_open_an_address on public.invitations (account_id, email)
where accepted_at is null and cancelled_at is null;
create index invitations_account_id on public.invitations (account_id, created_at);
create index invitations_invited_by on public.invitations (invited_by);

create table private.invitation_tokens (
    invitation_id uuid primary key references public.invitations (id) on delete cascade,
    hash bytea not null unique check (length(hash) = 32)
);

alter table public.invitations enable row level security;
create policy "Owners and admins see the invitations of their account" on public.invitations
for select to authenticated using (account_id in (select private.my_managed_account_ids()));
grant select on public.invitations to authenticated, service_role;

create function private.state_of_invitation(p_invitation public.invitations) returns text
language sql
stable
set search_path = ''
as $$
    select case
        when p_invitation.accepted_at is not null then 'accepted'
        when p_invitation.cancelled_at is not null then 'cancelled'
        when p_invitation.expires_at <= now() then 'expired'
        else 'open'
    end
$$;

create function private.token_hash_of(p_hex text) returns bytea
language plpgsql
immutable
set search_path = ''
as $$
begin
    if p_hex ~ '^[0-9a-f]{64}$' then
        return decode(p_hex, 'hex');
    end if;
    raise sqlstate 'PT400' using message = 'This is not the hash of a token.', detail = 'invalid_token_hash';
end
$$;

-- Our name stands under what we send: not for an account that support has stopped.
create function private.require_active(p_account uuid) returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    if not exists (select from public.accounts a where a.id = p_account and a.status = 'active') then
        raise sqlstate 'PT403' using
            message = 'This account is deactivated. Write to support.', detail = 'account_deactivated';
    end if;
end
$$;

create function private.refuse_member(p_account uuid, p_email text) returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    if exists (
        select from public.members m join auth.users u on u.id = m.user_id
        where m.account_id = p_account and lower(u.email) = p_email
    ) then
        raise sqlstate 'PT409' using
            message = 'This person is in the account already.', detail = 'already_member';
    end if;
end
$$;

-- p_token_hash: SHA-256 of the token in hex. The caller sends the e-mail.
create function public.invite_member(p_account uuid, p_email text, p_role text, p_token_hash text) returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_actor uuid := private.require_role(p_account, '{owner,admin}');
    v_email text := lower(private.require_line(p_email, 254, 'The e-mail address'));
    v_hash bytea := private.token_hash_of(p_token_hash);
    v_invitation uuid;
begin
    perform private.require_active(p_account);
    if v_email !~ '^[^@\s<>()",;:\\]+@[^@\s<>()",;:\\]+$' then
        raise sqlstate 'PT400' using message = 'This is not an e-mail address.', detail = 'invalid_email';
    end if;
    if coalesce(p_role, '') not in ('admin', 'member') then
        raise sqlstate 'PT400' using message = 'The role is admin or member.', detail = 'unknown_role';
    end if;
    perform private.refuse_member(p_account, v_email);
    -- One that has run out makes room for the next.
    update public.invitations set cancelled_at = now()
    where account_id = p_account and email = v_email
        and accepted_at is null and cancelled_at is null and expires_at <= now();
    if exists (
        select from public.invitations i
        where i.account_id = p_account and i.email = v_email and i.accepted_at is null and i.cancelled_at is null
    ) then
        raise sqlstate 'PT409' using
            message = 'This person is invited already. You can send the invitation again.', detail = 'already_invited';
    end if;
    if exists (
        select from public.invitations i
        where i.account_id = p_account and i.email = v_email and i.sent_at > now() - interval '1 minute'
    ) then
        raise sqlstate 'PT429' using
            message = 'We have just sent an e-mail to this address. Wait a minute.', detail = 'too_soon';
    end if;
    if (
        select count(*) from public.invitations i
        where i.account_id = p_account and private.state_of_invitation(i) = 'open'
    ) >= 50 then
        raise sqlstate 'PT409' using
            message = 'The account has 50 open invitations, which is the limit. Cancel one first.',
            detail = 'invitation_limit';
    end if;
    insert into public.invitations (account_id, email, role, invited_by)
    values (p_account, v_email, p_role, v_actor)
    returning id into v_invitation;
    insert into private.invitation_tokens (invitation_id, hash) values (v_invitation, v_hash);
    perform private.audit(
        v_actor::text, 'invitation.create', p_account, v_invitation::text, null,
        jsonb_build_object('email', v_email, 'role', p_role), null
    );
    return v_invitation;
end
$$;

-- An invitation of an account that the caller manages. Holds the locks of account and invitation.
create function private.lock_my_invitation(p_invitation uuid) returns public.invitations
language plpgsql
set search_path = ''
as $$
declare
    v_invitation public.invitations;
begin
    select i.* into v_invitation from public.invitations i
    where i.id = p_invitation and i.account_id in (select private.my_account_ids());
    if not found then
        perform private.refuse_unknown('invitation');
    end if;
    perform private.require_role(v_invitation.account_id, '{owner,admin}');
    select i.* into v_invitation from public.invitations i where i.id = p_invitation for update;
    if not found then
        perform private.refuse_unknown('invitation');
    end if;
    return v_invitation;
end
$$;

-- Why an invitation cannot be used any more.
create function private.refuse_state(p_state text) returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
    raise sqlstate 'PT410' using
        message = case p_state
            when 'accepted' then 'This invitation was used already. Sign in, or ask for a new one.'
            when 'cancelled' then 'This invitation was taken back. Ask the person who invited you for a new one.'
            else 'This invitation has expired. Ask the person who invited you for a new one.'
        end,
        detail = case p_state when 'accepted' then 'invitation_used' else 'invitation_' || p_state end;
end
$$;

-- A new link for another 7 days; the one before stops working. The caller sends the e-mail.
create function public.renew_invitation(p_invitation uuid, p_token_hash text) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_invitation public.invitations := private.lock_my_invitation(p_invitation);
    v_hash bytea := private.token_hash_of(p_token_hash);
begin
    perform private.require_active(v_invitation.account_id);
    if private.state_of_invitation(v_invitation) in ('accepted', 'cancelled') then
        perform private.refuse_state(private.state_of_invitation(v_invitation));
    end if;
    perform private.refuse_member(v_invitation.account_id, v_invitation.email);
    if v_invitation.sent_at > now() - interval '1 minute' then
        raise sqlstate 'PT429' using
            message = 'We have just sent an e-mail to this address. Wait a minute.', detail = 'too_soon';
    end if;
    update public.invitations set sent_at = now(), expires_at = now() + interval '7 days' where id = p_invitation;
    update private.invitation_tokens set hash = v_hash where invitation_id = p_invitation;
    perform private.audit(
        (select auth.uid())::text, 'invitation.renew', v_invitation.account_id, p_invitation::text, null,
        jsonb_build_object('email', v_invitation.email, 'role', v_invitation.role), null
    );
    return jsonb_build_object(
        'email', v_invitation.email, 'role', v_invitation.role,
        'account_name', (select a.name from public.accounts a where a.id = v_invitation.account_id)
    );
end
$$;

-- The link stops working at once. One that was cancelled already stays so.
create function public.cancel_invitation(p_invitation uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_invitation public.invitations := private.lock_my_invitation(p_invitation);
begin
    if v_invitation.accepted_at is not null then
        raise sqlstate 'PT409' using
            message = 'The invitation was accepted. Remove the member instead.', detail = 'invitation_used';
    end if;
    if v_invitation.cancelled_at is not null then
        return;
    end if;
    update public.invitations set cancelled_at = now() where id = p_invitation;
    perform private.audit(
        (select auth.uid())::text, 'invitation.cancel', v_invitation.account_id, p_invitation::text,
        jsonb_build_object('email', v_invitation.email, 'role', v_invitation.role), null, null
    );
end
$$;

-- Makes the caller a member and returns the account. A link works once; pressed twice by the same person, who is a
-- member by then, it answers the same. Who is a member already keeps the higher role.
create function public.accept_invitation(p_token text) returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_confirmed_user();
    v_invitation public.invitations;
    v_state text;
begin
    select i.* into v_invitation
    from private.invitation_tokens t join public.invitations i on i.id = t.invitation_id
    where t.hash = sha256(convert_to(p_token, 'UTF8'));
    -- Invitations change under the lock of their account: what is true under it.
    perform from public.accounts a where a.id = v_invitation.account_id for no key update;
    select i.* into v_invitation
    from private.invitation_tokens t join public.invitations i on i.id = t.invitation_id
    where t.hash = sha256(convert_to(p_token, 'UTF8'));
    if not found then
        raise sqlstate 'PT404' using
            message = 'This invitation does not exist. Ask the person who invited you for a new one.',
            detail = 'not_found';
    end if;
    if not exists (select from auth.users u where u.id = v_user and lower(u.email) = v_invitation.email) then
        raise sqlstate 'PT403' using
            message = 'This invitation is for another e-mail address. Sign in with the address it was sent to.',
            detail = 'other_email';
    end if;
    v_state := private.state_of_invitation(v_invitation);
    if v_state = 'accepted' and exists (
        select from public.members m where m.account_id = v_invitation.account_id and m.user_id = v_user
    ) then
        return v_invitation.account_id;
    elsif v_state <> 'open' then
        perform private.refuse_state(v_state);
    end if;
    update public.invitations set accepted_at = now() where id = v_invitation.id;
    insert into public.members as m (account_id, user_id, role)
    values (v_invitation.account_id, v_user, v_invitation.role)
    on conflict (account_id, user_id) do update set role = excluded.role
    where m.role = 'member';
    perform private.audit(
        v_user::text, 'invitation.accept', v_invitation.account_id, v_invitation.id::text, null,
        jsonb_build_object('email', v_invitation.email, 'role', v_invitation.role), null
    );
    return v_invitation.account_id;
end
$$;

-- What the page behind a link shows to whoever opens it; no row for an unknown one.
create function private.find_invitation(p_hash bytea)
returns table (invitation_id uuid, account_name text, invited_by text, email text, role text, state text)
language sql
stable
security definer
set search_path = ''
as $$
    select i.id, a.name, private.name_of_user(i.invited_by), i.email, i.role, private.state_of_invitation(i)
    from private.invitation_tokens t
    join public.invitations i on i.id = t.invitation_id
    join public.accounts a on a.id = i.account_id
    where t.hash = p_hash
$$;

grant execute on function
    public.invite_member(uuid, text, text, text), public.renew_invitation(uuid, text),
    public.cancel_invitation(uuid), public.accept_invitation(text)
to authenticated;
grant execute on function private.find_invitation(bytea) to coverage_web;
