-- Accounts in the hands of their people: the first one, its name, its branding.
set lock_timeout = '4s';

-- A deleted account stays as a tombstone: ledger and audit log refer to it.
alter table public.accounts add column deleted_at timestamptz;
alter table public.accounts add constraint accounts_deleted_is_deactivated
check (deleted_at is null or status = 'deactivated') not valid;

-- As before, and written into the audit log.
create or replace function private.ensure_account_for(p_user uuid, p_name text) returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_account uuid;
    v_email text;
    v_name text;
begin
    -- Two first sign-ins at once make one account.
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('ensure_account:' || p_user::text, 0));
    select m.account_id into v_account from public.members m
    where m.user_id = p_user and m.role = 'owner' order by m.created_at, m.account_id limit 1;
    if found then
        return v_account;
    end if;
    select u.email into v_email from auth.users u where u.id = p_user and u.email_confirmed_at is not null;
    if not found then
        raise exception 'The user''s e-mail address is not confirmed' using errcode = 'check_violation';
    end if;
    v_name := left(coalesce(nullif(btrim(p_name), ''), nullif(split_part(v_email, '@', 1), ''), 'My team'), 200);
    insert into public.accounts (name) values (v_name) returning id into v_account;
    insert into public.members (account_id, user_id, role) values (v_account, p_user, 'owner');
    perform private.audit(
        p_user::text, 'account.create', v_account, v_account::text, null, jsonb_build_object('name', v_name), null
    );
    if not exists (
        select from public.credit_entries e where e.kind = 'welcome' and e.actor = p_user::text
    ) then
        perform private.post_credit_entry(v_account, 'welcome', 3, null, p_user::text, 'Welcome', 'welcome:' || p_user::text);
    end if;
    return v_account;
end
$$;

create function private.require_confirmed_user() returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
    v_user uuid := private.require_user();
begin
    if not exists (
        select from auth.users u where u.id = v_user and u.email_confirmed_at is not null and u.deleted_at is null
    ) then
        raise sqlstate 'PT403' using
            message = 'Confirm your e-mail address first: open the link in the e-mail we sent you.',
            detail = 'email_not_confirmed';
    end if;
    return v_user;
end
$$;

-- The account to begin with: one that the user is a member of, their own before others', else a new one of their own.
create function public.ensure_account() returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_confirmed_user();
    v_account uuid;
begin
    select m.account_id into v_account from public.members m
    where m.user_id = v_user
    order by m.role = 'owner' desc, m.created_at, m.account_id limit 1;
    return coalesce(v_account, private.ensure_account_for(v_user, null));
end
$$;

-- For who came by an invitation and wants an account of their own. Called again it is the same one.
create function public.create_own_account(p_name text) returns uuid
language plpgsql
security definer
set search_path = ''
as $$
begin
    return private.ensure_account_for(
        private.require_confirmed_user(), private.clean_line(p_name, 200, 'The name')
    );
end
$$;

create function public.rename_account(p_account uuid, p_name text) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_role(p_account, '{owner,admin}');
    v_name text := private.require_line(p_name, 200, 'The name');
    v_before text;
begin
    select a.name into v_before from public.accounts a where a.id = p_account;
    if v_before = v_name then
        return;
    end if;
    update public.accounts set name = v_name where id = p_account;
    perform private.audit(
        v_user::text, 'account.rename', p_account, p_account::text,
        jsonb_build_object('name', v_before), jsonb_build_object('name', v_name), null
    );
end
$$;

-- Colour and introduction of report pages; null is none. The logo stays.
create function public.set_branding(p_account uuid, p_accent text, p_intro text) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_intro text := private.clean_text(p_intro, 2000, 'The introduction');
begin
    perform private.require_role(p_account, '{owner,admin}');
    if p_accent !~ '^#[0-9a-fA-F]{6}$' then
        raise sqlstate 'PT400' using message = 'The colour must look like #1a2b3c.', detail = 'invalid_accent';
    end if;
    update public.accounts a
    set branding = jsonb_strip_nulls(
        a.branding || jsonb_build_object('accent', lower(p_accent), 'intro', v_intro)
    )
    where a.id = p_account;
end
$$;

create table private.logos (
    -- 128 random bits: the address of the picture.
    id text primary key check (id ~ '^[0-9a-f]{32}$'),
    account_id uuid not null unique references public.accounts (id) on delete cascade,
    object_key text not null unique check (object_key ~ '^logos/[0-9A-Za-z][0-9A-Za-z./_-]{0,200}$'),
    width integer not null check (width > 0),
    height integer not null check (height > 0),
    created_at timestamptz not null default now()
);
comment on table private.logos is 'The picture an account shows on its report pages; accounts.branding names it as logo_id.';

-- The file is in the object store already. Returns the key of the one it replaces, which a runner removes; null takes
-- the logo away. Called again with the same logo it changes nothing.
create function private.set_logo(
    p_user uuid, p_account uuid, p_logo_id text, p_object_key text, p_width integer, p_height integer
) returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_before private.logos;
begin
    perform private.require_role_of(p_user, p_account, '{owner,admin}');
    select l.* into v_before from private.logos l where l.account_id = p_account;
    if v_before.id = p_logo_id then
        return null;
    end if;
    if v_before.id is not null then
        delete from private.logos where id = v_before.id;
        insert into private.removals (prefix) values (v_before.object_key);
    end if;
    if p_logo_id is not null then
        insert into private.logos (id, account_id, object_key, width, height)
        values (p_logo_id, p_account, p_object_key, p_width, p_height);
    end if;
    update public.accounts a
    set branding = jsonb_strip_nulls(a.branding || jsonb_build_object('logo_id', p_logo_id))
    where a.id = p_account;
    return v_before.object_key;
end
$$;

create function private.find_logo(p_logo_id text) returns text
language sql
stable
security definer
set search_path = ''
as $$
    select l.object_key from private.logos l where l.id = p_logo_id
$$;

grant execute on function
    public.ensure_account(), public.create_own_account(text), public.rename_account(uuid, text),
    public.set_branding(uuid, text, text)
to authenticated;
grant execute on function
    private.set_logo(uuid, uuid, text, text, integer, integer), private.find_logo(text)
to coverage_web;
