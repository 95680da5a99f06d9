-- Staff who look a report up by its id see that report, on whatever page of the list it stands.
set lock_timeout = '4s';

-- As staff_reports tells it; no row for a report that is not the account's.
create function private.staff_report(p_staff uuid, p_account uuid, p_report uuid)
returns table (
    id uuid, name text, status text, url_count integer, captured_count integer, credits_used integer,
    credits_refunded integer, given_back integer, created_by text, created_at timestamptz, completed_at timestamptz,
    error text, open_links integer, held_links integer, waiting_links integer, queued boolean, overdue boolean,
    seconds_since_link_ended integer
)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_created_at timestamptz;
    v_newer uuid;
begin
    perform private.require_staff(p_staff);
    perform private.require_known_account(p_account);
    select r.created_at into v_created_at from public.reports r where r.id = p_report and r.account_id = p_account;
    if not found then
        return;
    end if;
    select n.id into v_newer from public.reports n
    where n.account_id = p_account and (n.created_at, n.id) > (v_created_at, p_report)
    order by n.created_at, n.id limit 1;
    return query select f.* from private.staff_reports(p_staff, p_account, null, 1, v_newer) f;
end
$$;

grant execute on function private.staff_report(uuid, uuid, uuid) to coverage_web;
