-- Sessions of people in a browser. Identities are Supabase's; the session is ours: the cookie holds a random id, the
-- row its hash, and the tokens of Supabase Auth encrypted by the web process, which alone has the key.
set lock_timeout = '4s';

create table private.sessions (
    id uuid primary key default gen_random_uuid(),
    hash bytea not null unique check (length(hash) = 32),
    user_id uuid not null references auth.users (id) on delete cascade,
    tokens bytea not null,
    tokens_expire_at timestamptz not null,
    -- One process refreshes the tokens at a time.
    leased_until timestamptz not null default '-infinity',
    -- The account that a new tab begins with.
    account_id uuid references public.accounts (id) on delete set null,
    user_agent text not null check (char_length(user_agent) <= 300),
    address text not null check (char_length(address) <= 64),
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now()
);
comment on table private.sessions is 'Signed-in browsers. A session that was not seen for 30 days has ended.';
create index sessions_user_id on private.sessions (user_id, last_seen_at);
create index sessions_account_id on private.sessions (account_id);
create index sessions_last_seen_at on private.sessions (last_seen_at);

create function private.is_staff(p_user uuid) returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select exists (select from private.staff s where s.user_id = p_user)
$$;

-- The caller has checked the password, or an invitation to Supabase Auth's own code, with Supabase Auth.
create function private.open_session(
    p_hash bytea, p_user uuid, p_tokens bytea, p_tokens_expire_at timestamptz, p_user_agent text, p_address text
) returns uuid
language sql
security definer
set search_path = ''
as $$
    delete from private.sessions where last_seen_at < now() - interval '30 days';
    insert into private.sessions (hash, user_id, tokens, tokens_expire_at, user_agent, address)
    values (p_hash, p_user, p_tokens, p_tokens_expire_at, left(p_user_agent, 300), left(p_address, 64))
    returning id
$$;

-- True for one caller in 10 seconds: it refreshes the tokens, the others wait for them.
create function private.lease_session(p_session uuid) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.sessions set leased_until = clock_timestamp() + interval '10 seconds'
    where id = p_session and leased_until < clock_timestamp();
    return found;
end
$$;

-- New tokens, and the lease is given back. False when the session ended meanwhile.
create function private.renew_session(p_session uuid, p_tokens bytea, p_tokens_expire_at timestamptz) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.sessions
    set tokens = p_tokens, tokens_expire_at = p_tokens_expire_at, leased_until = '-infinity'
    where id = p_session;
    return found;
end
$$;

-- The lease is given back without new tokens: Supabase Auth was away.
create function private.release_session(p_session uuid) returns void
language sql
security definer
set search_path = ''
as $$
    update private.sessions set leased_until = '-infinity' where id = p_session
$$;

create function private.list_sessions(p_user uuid)
returns table (id uuid, user_agent text, address text, created_at timestamptz, last_seen_at timestamptz)
language sql
stable
security definer
set search_path = ''
as $$
    select s.id, s.user_agent, s.address, s.created_at, s.last_seen_at from private.sessions s
    where s.user_id = p_user and s.last_seen_at > now() - interval '30 days'
    order by s.last_seen_at desc, s.id
    limit 100
$$;

-- One session of the user. False when there is none.
create function private.end_session(p_user uuid, p_session uuid) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    delete from private.sessions where id = p_session and user_id = p_user;
    return found;
end
$$;

-- All sessions of the user but one (null: all). How many ended.
create function private.end_sessions(p_user uuid, p_but uuid) returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_ended integer;
begin
    delete from private.sessions where user_id = p_user and id is distinct from p_but;
    get diagnostics v_ended = row_count;
    return v_ended;
end
$$;

grant execute on function
    private.is_staff(uuid),
    private.open_session(bytea, uuid, bytea, timestamptz, text, text),
    private.release_session(uuid),
    private.lease_session(uuid),
    private.renew_session(uuid, bytea, timestamptz),
    private.list_sessions(uuid),
    private.end_session(uuid, uuid),
    private.end_sessions(uuid, uuid)
to coverage_web;
