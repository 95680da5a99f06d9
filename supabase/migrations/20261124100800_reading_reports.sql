-- What the API reads: always through the account that asks, or through a share token that is not revoked.
set lock_timeout = '4s';

create function private.get_report(p_account uuid, p_report uuid)
returns table (
    id uuid, name text, status text, url_count integer, screenshots integer, credits_used integer,
    credits_refunded integer, created_at timestamptz, completed_at timestamptz, error text, share_token text
)
language sql
stable
security definer
set search_path = ''
as $$
    select
        r.id, r.name, r.status, r.url_count, r.captured_count, r.credits_used,
        r.credits_refunded, r.created_at, r.completed_at, r.error, s.token
    from public.reports r
    left join private.share_links s on s.report_id = r.id and s.revoked_at is null
    where r.id = p_report and r.account_id = p_account
$$;

-- Newest first; the ones after p_starting_after, which must be a report of the account.
create function private.list_reports(p_account uuid, p_limit integer, p_starting_after uuid)
returns table (
    id uuid, name text, status text, url_count integer, screenshots integer, credits_used integer,
    credits_refunded integer, created_at timestamptz, completed_at timestamptz, error text, share_token text
)
language sql
stable
security definer
set search_path = ''
as $$
    select
        r.id, r.name, r.status, r.url_count, r.captured_count, r.credits_used,
        r.credits_refunded, r.created_at, r.completed_at, r.error, s.token
    from public.reports r
    left join private.share_links s on s.report_id = r.id and s.revoked_at is null
    where r.account_id = p_account and (
        p_starting_after is null or (r.created_at, r.id) < (
            select a.created_at, a.id from public.reports a where a.id = p_starting_after and a.account_id = p_account
        )
    )
    order by r.created_at desc, r.id desc
    limit p_limit
$$;

create function private.list_items(p_account uuid, p_report uuid, p_limit integer, p_after integer)
returns table (
    "position" integer, url text, final_url text, status text, reason text, http_status integer,
    headline text, outlet text, author text, published_on date, published_at timestamptz, language text,
    excerpt text, access text, screenshot_id text, thumbnail_id text
)
language sql
stable
security definer
set search_path = ''
as $$
    select
        i.position, i.url, i.final_url, i.status, i.reason, i.http_status,
        i.headline, i.outlet, i.author, i.published_on, i.published_at, i.language,
        i.excerpt, i.access, i.screenshot_id, i.thumbnail_id
    from public.report_items i
    where i.report_id = p_report and i.account_id = p_account and i.position > p_after
    order by i.position
    limit p_limit
$$;

-- Report and account behind a share token; no row when it is unknown or revoked.
create function private.find_share(p_token text) returns table (account_id uuid, report_id uuid)
language sql
stable
security definer
set search_path = ''
as $$
    select r.account_id, r.id
    from private.share_links s join public.reports r on r.id = s.report_id
    where s.token = p_token and s.revoked_at is null and r.status = 'completed'
$$;

-- What a report page shows of its account, and a version that changes with anything the page shows.
create function private.report_face(p_account uuid, p_report uuid) returns table (account_name text, version text)
language sql
stable
security definer
set search_path = ''
as $$
    select a.name, r.version || '-' || md5(a.name || a.branding::text)
    from public.reports r join public.accounts a on a.id = r.account_id
    where r.id = p_report and r.account_id = p_account
$$;

create function private.find_image(p_image text) returns text
language sql
stable
security definer
set search_path = ''
as $$
    select m.object_key from private.images m where m.id = p_image
$$;

create function private.find_shared_image(p_token text, p_image text) returns text
language sql
stable
security definer
set search_path = ''
as $$
    select m.object_key
    from private.share_links s
    join public.reports r on r.id = s.report_id and r.status = 'completed'
    join private.images m on m.report_id = s.report_id and m.id = p_image
    where s.token = p_token and s.revoked_at is null
$$;

-- Revoking ends the link at once. False when there is none to revoke.
create function private.revoke_share_link(p_account uuid, p_report uuid) returns boolean
language plpgsql
set search_path = ''
as $$
begin
    update private.share_links s set revoked_at = now()
    from public.reports r
    where r.id = s.report_id and r.id = p_report and r.account_id = p_account and s.revoked_at is null;
    return found;
end
$$;

-- A new address for a completed report; the one before stops working. Null when there is no such report.
create function private.renew_share_link(p_account uuid, p_report uuid) returns text
language sql
set search_path = ''
as $$
    insert into private.share_links (report_id, token)
    select r.id, private.random_token() from public.reports r
    where r.id = p_report and r.account_id = p_account and r.status = 'completed'
    on conflict (report_id) do update set token = excluded.token, created_at = now(), revoked_at = null
    returning token
$$;

grant execute on function
    private.get_report(uuid, uuid),
    private.list_reports(uuid, integer, uuid),
    private.list_items(uuid, uuid, integer, integer),
    private.find_share(text),
    private.report_face(uuid, uuid),
    private.find_image(text),
    private.find_shared_image(text, text)
to coverage_web;
