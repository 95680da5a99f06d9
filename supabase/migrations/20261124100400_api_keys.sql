-- API keys: shown once, kept as a hash that only these functions read; at most 5 active an account.
set lock_timeout = '4s';

create table public.api_keys (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references public.accounts (id) on delete cascade,
    name text not null check (char_length(name) between 1 and 100),
    prefix text not null check (prefix ~ '^cr_live_[0-9A-Za-z]{8}$'),
    -- One of five places: the limit holds even when two keys are made at once.
    slot smallint not null check (slot between 1 and 5),
    created_by uuid references auth.users (id) on delete set null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    request_count bigint not null default 0 check (request_count >= 0),
    revoked_at timestamptz
);
create unique index api_keys_five_active_an_account on public.api_keys (account_id, slot) where revoked_at is null;
create index api_keys_account_id on public.api_keys (account_id, created_at);
create index api_keys_created_by on public.api_keys (created_by);
create index api_keys_prefix on public.api_keys (prefix);

create table private.api_key_hashes (
    key_id uuid primary key references public.api_keys (id) on delete cascade,
    hash bytea not null unique check (length(hash) = 32)
);
comment on table private.api_key_hashes is 'SHA-256 of the whole key. The key itself is stored nowhere.';

alter table public.api_keys enable row level security;
create policy "Members see the keys of their account" on public.api_keys
for select to authenticated using (account_id in (select private.my_account_ids()));
grant select on public.api_keys to authenticated, service_role;

create function private.create_api_key(
    p_account uuid, p_name text, p_prefix text, p_hash bytea, p_created_by uuid, p_actor text
) returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_slot smallint;
    v_key uuid;
begin
    perform from public.accounts a where a.id = p_account for update;
    if not found then
        raise exception 'No such account' using errcode = 'no_data_found';
    end if;
    select s.slot into v_slot from generate_series(1, 5) s (slot)
    where not exists (
        select from public.api_keys k
        where k.account_id = p_account and k.slot = s.slot and k.revoked_at is null
    )
    order by s.slot limit 1;
    if v_slot is null then
        raise exception 'The account has 5 active API keys, which is the limit. Revoke one first.'
            using errcode = 'check_violation';
    end if;
    insert into public.api_keys (account_id, name, prefix, slot, created_by)
    values (p_account, p_name, p_prefix, v_slot, p_created_by)
    returning id into v_key;
    insert into private.api_key_hashes (key_id, hash) values (v_key, p_hash);
    perform private.audit(
        p_actor, 'api_key.create', p_account, v_key::text, null,
        jsonb_build_object('name', p_name, 'prefix', p_prefix), null
    );
    return v_key;
end
$$;

-- Takes effect on the next request and cannot be undone. False when there is no such active key.
create function private.revoke_api_key(p_account uuid, p_key uuid, p_actor text) returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_prefix text;
begin
    update public.api_keys set revoked_at = now()
    where id = p_key and account_id = p_account and revoked_at is null
    returning prefix into v_prefix;
    if not found then
        return false;
    end if;
    perform private.audit(
        p_actor, 'api_key.revoke', p_account, p_key::text, jsonb_build_object('prefix', v_prefix), null, null
    );
    return true;
end
$$;

-- Who holds this key: no row for an unknown or revoked one.
create function private.find_api_key(p_hash bytea)
returns table (key_id uuid, account_id uuid, active boolean)
language sql
stable
security definer
set search_path = ''
as $$
    select k.id, k.account_id, a.status = 'active'
    from private.api_key_hashes h
    join public.api_keys k on k.id = h.key_id
    join public.accounts a on a.id = k.account_id
    where h.hash = p_hash and k.revoked_at is null
$$;

-- Uses counted by a web process since its last flush: [{"key_id", "count", "last_used_at"}].
create function private.record_key_uses(p_uses jsonb) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_use record;
begin
    -- In the order of ids: two processes that flush at once wait for each other instead of deadlocking.
    for v_use in
        select u.key_id, u.count, u.last_used_at
        from jsonb_to_recordset(p_uses) u (key_id uuid, count bigint, last_used_at timestamptz)
        order by u.key_id
    loop
        update public.api_keys k
        set request_count = k.request_count + v_use.count,
            last_used_at = greatest(k.last_used_at, v_use.last_used_at)
        where k.id = v_use.key_id;
    end loop;
end
$$;

grant execute on function private.find_api_key(bytea), private.record_key_uses(jsonb) to coverage_web;
