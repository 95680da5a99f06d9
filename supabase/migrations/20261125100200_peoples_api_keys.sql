-- API keys as people manage them: the key is made by the web process, which sends its first characters and its hash.
set lock_timeout = '4s';

create function public.create_api_key(p_account uuid, p_name text, p_prefix text, p_hash text) returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_role(p_account, '{owner,admin}');
    v_name text := private.require_line(p_name, 100, 'The name');
begin
    if p_prefix ~ '^cr_live_[0-9A-Za-z]{8}$' and p_hash ~ '^[0-9a-f]{64}$' then
        if (select count(*) from public.api_keys k where k.account_id = p_account and k.revoked_at is null) >= 5 then
            raise sqlstate 'PT409' using
                message = 'The account has 5 active API keys, which is the limit. Revoke one first.',
                detail = 'key_limit';
        end if;
        return private.create_api_key(p_account, v_name, p_prefix, decode(p_hash, 'hex'), v_user, v_user::text);
    end if;
    raise sqlstate 'PT400' using message = 'This is not an API key.', detail = 'invalid_key';
end
$$;

-- Takes effect on the next request. A key that is revoked already stays so.
create function public.revoke_api_key(p_key uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account uuid;
    v_user uuid;
begin
    select k.account_id into v_account from public.api_keys k
    where k.id = p_key and k.account_id in (select private.my_account_ids());
    if v_account is null then
        perform private.refuse_unknown('API key');
    end if;
    v_user := private.require_role(v_account, '{owner,admin}');
    perform private.revoke_api_key(v_account, p_key, v_user::text);
end
$$;

-- Active, older than 90 days and not used for 90 days.
create function private.is_unused(p_key public.api_keys) returns boolean
language sql
stable
set search_path = ''
as $$
    select p_key.revoked_at is null
        and p_key.created_at < now() - interval '90 days'
        and coalesce(p_key.last_used_at < now() - interval '90 days', true)
$$;

-- Active keys first, the newest of them first.
create function public.list_api_keys(p_account uuid)
returns table (
    id uuid, name text, prefix text, created_by text, created_at timestamptz, last_used_at timestamptz,
    request_count bigint, revoked_at timestamptz, unused boolean
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
        k.id, k.name, k.prefix, private.name_of_user(k.created_by), k.created_at, k.last_used_at,
        k.request_count, k.revoked_at, private.is_unused(k)
    from public.api_keys k
    where k.account_id = p_account
    order by k.revoked_at is not null, k.created_at desc, k.id;
end
$$;

-- How a key is called where it did something.
create function private.name_of_key(p_key uuid) returns text
language sql
stable
set search_path = ''
as $$
    select format('API key %s (%s)', k.name, k.prefix) from public.api_keys k where k.id = p_key
$$;

grant execute on function
    public.create_api_key(uuid, text, text, text), public.revoke_api_key(uuid), public.list_api_keys(uuid)
to authenticated;
