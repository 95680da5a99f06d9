-- Reports, their items, their pictures, their share links.
set lock_timeout = '4s';

create table public.reports (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references public.accounts (id) on delete cascade,
    name text not null check (char_length(name) between 1 and 200),
    status text not null default 'processing' check (status in ('processing', 'completed', 'failed')),
    url_count integer not null check (url_count between 1 and 2000),
    open_count integer not null check (open_count between 0 and url_count),
    captured_count integer not null default 0 check (captured_count between 0 and url_count),
    credits_used integer not null check (credits_used > 0),
    credits_refunded integer not null default 0 check (credits_refunded in (0, credits_used)),
    error text,
    created_by_key uuid references public.api_keys (id) on delete set null,
    created_by_user uuid references auth.users (id) on delete set null,
    created_at timestamptz not null default clock_timestamp(),
    completed_at timestamptz,
    -- When a turn of it was last handed out: reports of one account take turns.
    served_at timestamptz,
    -- When a link of it last ended, or when a runner began to hold a turn of it again.
    progressed_at timestamptz not null default clock_timestamp(),
    -- Grows with every change of what the report shows: the ETag.
    version bigint not null default 1,
    unique (id, account_id),
    check (open_count + captured_count <= url_count),
    check ((status = 'processing') = (completed_at is null)),
    check ((status = 'processing') = (open_count > 0)),
    check ((status = 'failed') = (error is not null)),
    check (status <> 'completed' or captured_count > 0),
    check ((status = 'failed') = (credits_refunded > 0))
);
comment on column public.reports.open_count is 'Links that have not ended; the outcome that brings it to 0 ends the report.';
create index reports_newest_first on public.reports (account_id, created_at desc, id desc);
create index reports_processing on public.reports (account_id, served_at nulls first) where status = 'processing';
create index reports_created_by_key on public.reports (created_by_key);
create index reports_created_by_user on public.reports (created_by_user);

create table public.report_items (
    report_id uuid not null,
    position integer not null check (position > 0),
    account_id uuid not null,
    url text not null check (char_length(url) <= 2048),
    status text not null default 'pending' check (status in ('pending', 'captured', 'failed')),
    -- Counted when the page is opened.
    attempts smallint not null default 0 check (attempts between 0 and 2),
    -- Who works on it: a message and how often it had been read.
    claim_msg_id bigint,
    claim_read_ct integer,
    reason text check (reason in (
        'dns', 'refused', 'connect', 'tls', 'timeout', 'http_error', 'blocked', 'not_a_page', 'too_large', 'crashed'
    )),
    http_status integer check (http_status between 100 and 599),
    final_url text check (char_length(final_url) <= 8192),
    headline text check (char_length(headline) <= 500),
    outlet text check (char_length(outlet) <= 200),
    author text check (char_length(author) <= 300),
    published_on date,
    published_at timestamptz,
    language text check (char_length(language) <= 35),
    excerpt text check (char_length(excerpt) <= 1000),
    access text check (access in ('open', 'paywalled')),
    screenshot_id text,
    thumbnail_id text,
    ended_at timestamptz,
    primary key (report_id, position),
    unique (report_id, url),
    foreign key (report_id, account_id) references public.reports (id, account_id) on delete cascade,
    check ((claim_msg_id is null) = (claim_read_ct is null)),
    check (claim_msg_id is null or status = 'pending'),
    check ((status = 'pending') = (ended_at is null)),
    check ((status = 'failed') = (reason is not null)),
    check ((status = 'captured') = (screenshot_id is not null)),
    check ((screenshot_id is null) = (thumbnail_id is null))
);
comment on table public.report_items is 'One link of a report.';
create index report_items_unclaimed on public.report_items (account_id, report_id, attempts, position)
where status = 'pending' and claim_msg_id is null;
create index report_items_claimed on public.report_items (claim_msg_id) where claim_msg_id is not null;
create index report_items_account_id on public.report_items (report_id, account_id);

create table private.images (
    -- 128 random bits: the address of the picture, independent of the share link.
    id text primary key check (id ~ '^[0-9a-f]{32}$'),
    report_id uuid not null,
    position integer not null,
    kind text not null check (kind in ('screenshot', 'thumbnail')),
    object_key text not null,
    bytes integer not null check (bytes > 0),
    width integer not null check (width > 0),
    height integer not null check (height > 0),
    created_at timestamptz not null default now(),
    foreign key (report_id, position) references public.report_items (report_id, position) on delete cascade
);
comment on table private.images is 'Where a picture lies in the object store; its bytes are never here.';
create index images_item on private.images (report_id, position);

create table private.share_links (
    report_id uuid primary key references public.reports (id) on delete cascade,
    token text not null unique,
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);

create table private.idempotency_keys (
    account_id uuid not null references public.accounts (id) on delete cascade,
    key text not null check (char_length(key) between 1 and 255),
    fingerprint bytea not null,
    result jsonb not null,
    created_at timestamptz not null default now(),
    primary key (account_id, key)
);
create index idempotency_keys_created_at on private.idempotency_keys (created_at);

alter table public.reports enable row level security;
alter table public.report_items enable row level security;
create policy "Members see the reports of their account" on public.reports
for select to authenticated using (account_id in (select private.my_account_ids()));
create policy "Members see the items of their account" on public.report_items
for select to authenticated using (account_id in (select private.my_account_ids()));
grant select on public.reports, public.report_items to authenticated, service_role;

-- An account with unclaimed links has one unread message. The caller holds the account's lock.
create function private.ensure_turn(p_account uuid) returns boolean
language plpgsql
set search_path = ''
as $$
begin
    if exists (
        select from private.account_turns t join pgmq.q_turns q on q.msg_id = t.msg_id
        where t.account_id = p_account and q.read_ct = 0
    ) or not exists (
        select from public.report_items i
        where i.account_id = p_account and i.status = 'pending' and i.claim_msg_id is null
    ) then
        return false;
    end if;
    insert into private.account_turns (account_id, msg_id)
    select p_account, s.msg_id
    from pgmq.send('turns', jsonb_build_object('account_id', p_account)) s (msg_id)
    on conflict (account_id) do update set msg_id = excluded.msg_id;
    return true;
end
$$;

-- Charge, report, items and turn, or nothing. What the answer says in "outcome": created, insufficient_credits,
-- deactivated, in_progress (the same idempotency key is at work), mismatch (it was used with another body).
create function private.create_report(
    p_account uuid, p_key uuid, p_user uuid, p_name text, p_urls text[],
    p_idempotency_key text, p_fingerprint bytea
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account public.accounts;
    v_stored private.idempotency_keys;
    v_price integer := private.report_price(cardinality(p_urls));
    v_report uuid := gen_random_uuid();
    v_result jsonb;
begin
    if p_idempotency_key is not null then
        if not pg_try_advisory_xact_lock(hashtextextended('idempotency:' || p_account || ':' || p_idempotency_key, 0)) then
            return jsonb_build_object('outcome', 'in_progress');
        end if;
        select k.* into v_stored from private.idempotency_keys k
        where k.account_id = p_account and k.key = p_idempotency_key and k.created_at > now() - interval '24 hours';
        if found then
            if v_stored.fingerprint <> p_fingerprint then
                return jsonb_build_object('outcome', 'mismatch');
            end if;
            return v_stored.result || '{"replayed": true}';
        end if;
    end if;

    select a.* into v_account from public.accounts a where a.id = p_account for no key update;
    if v_account.status is distinct from 'active' then
        return jsonb_build_object('outcome', 'deactivated');
    end if;
    if v_account.credit_balance < v_price then
        v_result := jsonb_build_object(
            'outcome', 'insufficient_credits', 'required', v_price, 'available', v_account.credit_balance
        );
    else
        perform private.post_credit_entry(
            p_account, 'charge', -v_price, v_report, coalesce(p_key, p_user)::text, null, 'charge:' || v_report
        );
        insert into public.reports
            (id, account_id, name, url_count, open_count, credits_used, created_by_key, created_by_user)
        values (v_report, p_account, p_name, cardinality(p_urls), cardinality(p_urls), v_price, p_key, p_user);
        insert into public.report_items (report_id, position, account_id, url)
        select v_report, u.position, p_account, u.url from unnest(p_urls) with ordinality u (url, position);
        perform private.ensure_turn(p_account);
        v_result := jsonb_build_object(
            'outcome', 'created', 'report_id', v_report, 'url_count', cardinality(p_urls), 'credits_used', v_price
        );
    end if;

    if p_idempotency_key is not null then
        insert into private.idempotency_keys (account_id, key, fingerprint, result)
        values (p_account, p_idempotency_key, p_fingerprint, v_result)
        on conflict (account_id, key) do update
        set fingerprint = excluded.fingerprint, result = excluded.result, created_at = excluded.created_at;
    end if;
    return v_result || '{"replayed": false}';
end
$$;

grant execute on function private.create_report(uuid, uuid, uuid, text, text[], text, bytea) to coverage_web;
