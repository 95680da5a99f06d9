-- People in the dashboard: who asks, what they may, and what they say of themselves. Errors carry an HTTP status
-- (PTxyz), a sentence to act on, and in "detail" a code that stays.
set lock_timeout = '4s';

create function private.require_user() returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
    if (select auth.uid()) is null then
        raise sqlstate 'PT401' using message = 'Sign in first.', detail = 'not_signed_in';
    end if;
    return (select auth.uid());
end
$$;

-- One text for what does not exist and what is somebody else's.
create function private.refuse_unknown(p_what text) returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
    raise sqlstate 'PT404' using
        message = format('This %s does not exist, or it is not yours.', p_what), detail = 'not_found';
end
$$;

-- For functions that read: the account is one the caller may see.
create function private.require_account(p_account uuid) returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    if p_account is null or p_account not in (select private.my_account_ids()) then
        perform private.refuse_unknown('account');
    end if;
end
$$;

-- For functions that change: the user has one of the roles in the account. Holds the account's lock from then on, so
-- that no role changes beneath the caller and the balance of owners and keys can be counted.
create function private.require_role_of(p_user uuid, p_account uuid, p_roles text[]) returns void
language plpgsql
set search_path = ''
as $$
declare
    v_role text;
begin
    -- Strangers do not get as far as the lock.
    if exists (select from public.members m where m.account_id = p_account and m.user_id = p_user) then
        perform from public.accounts a where a.id = p_account for no key update;
        select m.role into v_role from public.members m where m.account_id = p_account and m.user_id = p_user;
    end if;
    if v_role is null and p_account in (select private.my_account_ids()) then
        raise sqlstate 'PT403' using
            message = 'You are looking at this account and cannot change it.', detail = 'read_only';
    elsif v_role is null then
        perform private.refuse_unknown('account');
    elsif v_role <> all (p_roles) then
        raise sqlstate 'PT403' using
            message = case
                when 'admin' = any (p_roles) then 'Only owners and admins can do this.'
                else 'Only owners can do this.'
            end,
            detail = 'forbidden';
    end if;
end
$$;

-- The same for who asks; returns the user's id.
create function private.require_role(p_account uuid, p_roles text[]) returns uuid
language plpgsql
set search_path = ''
as $$
begin
    perform private.require_role_of(private.require_user(), p_account, p_roles);
    return (select auth.uid());
end
$$;

-- A text of several lines, trimmed, without control characters but line ends, and without marks that turn the
-- direction of what follows. Null when nothing is left.
create function private.clean_text(p_text text, p_max integer, p_what text) returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_text text := regexp_replace(p_text, '\r\n?', E'\n', 'g');
begin
    v_text := regexp_replace(
        v_text, '[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]', '', 'g'
    );
    v_text := nullif(regexp_replace(v_text, '^\s+|\s+$', '', 'g'), '');
    if char_length(v_text) > p_max then
        raise sqlstate 'PT400' using
            message = format('%s is longer than %s characters.', p_what, p_max), detail = 'too_long';
    end if;
    return v_text;
end
$$;

-- The same in one line.
create function private.clean_line(p_text text, p_max integer, p_what text) returns text
language sql
immutable
set search_path = ''
as $$
    select private.clean_text(translate(p_text, E'\r\n', ''), p_max, p_what)
$$;

create function private.require_line(p_text text, p_max integer, p_what text) returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_line text := private.clean_line(p_text, p_max, p_what);
begin
    if v_line is null then
        raise sqlstate 'PT400' using message = format('%s is missing.', p_what), detail = 'missing';
    end if;
    return v_line;
end
$$;

create table public.profiles (
    user_id uuid primary key references auth.users (id) on delete cascade,
    name text check (char_length(name) between 1 and 100),
    time_zone text check (char_length(time_zone) between 1 and 100),
    theme text not null default 'system' check (theme in ('system', 'light', 'dark')),
    updated_at timestamptz not null default now()
);
alter table public.profiles enable row level security;
create policy "People see their own profile" on public.profiles
for select to authenticated using (user_id = (select auth.uid()));
grant select on public.profiles to authenticated, service_role;

-- What is null stays as it is; an empty name or time zone is taken away.
create function public.save_profile(
    p_name text default null, p_time_zone text default null, p_theme text default null
) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_user();
    v_name text := private.clean_line(p_name, 100, 'The name');
    v_zone text := private.clean_line(p_time_zone, 100, 'The time zone');
begin
    if v_zone is not null and not exists (
        select from pg_catalog.pg_timezone_names z where z.name = v_zone
    ) then
        raise sqlstate 'PT400' using message = 'There is no such time zone.', detail = 'unknown_time_zone';
    end if;
    if p_theme not in ('system', 'light', 'dark') then
        raise sqlstate 'PT400' using message = 'The theme is system, light or dark.', detail = 'unknown_theme';
    end if;
    insert into public.profiles as p (user_id, name, time_zone, theme)
    values (v_user, v_name, v_zone, coalesce(p_theme, 'system'))
    on conflict (user_id) do update set
        name = case when p_name is null then p.name else excluded.name end,
        time_zone = case when p_time_zone is null then p.time_zone else excluded.time_zone end,
        theme = coalesce(p_theme, p.theme),
        updated_at = now();
end
$$;
grant execute on function public.save_profile(text, text, text) to authenticated;

-- How people are called: the name they gave themselves, else their address; null when they are gone.
create function private.name_of_user(p_user uuid) returns text
language sql
stable
set search_path = ''
as $$
    select coalesce(p.name, u.email)
    from auth.users u left join public.profiles p on p.user_id = u.id
    where u.id = p_user and u.deleted_at is null
$$;
