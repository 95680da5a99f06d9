-- What report pages show of an account beside its name. Their version, private.report_face, changes with it already.
set lock_timeout = '4s';

create function private.branding(p_account uuid) returns table (accent text, intro text, logo_id text)
language sql
stable
security definer
set search_path = ''
as $$
    select a.branding ->> 'accent', a.branding ->> 'intro', a.branding ->> 'logo_id'
    from public.accounts a where a.id = p_account
$$;

-- What reports cost: for each price the most links that it is enough for.
create function private.list_prices(p_links integer) returns table (links integer, credits integer)
language sql
immutable
security definer
set search_path = ''
as $$
    select max(n), private.report_price(n) from generate_series(1, p_links) n group by 2 order by 2
$$;

grant execute on function private.branding(uuid), private.list_prices(integer) to coverage_web;
