-- Support staff look at an account as its owner sees it, for 30 minutes. Looking is all: what changes something asks
-- public.members, where a view adds nobody.
set lock_timeout = '4s';

create table private.staff_views (
    id uuid primary key default gen_random_uuid(),
    -- Who is removed from the staff has no view any more, and gets none back; the audit log keeps that there was one.
    staff_user_id uuid not null references private.staff (user_id) on delete cascade,
    account_id uuid not null references public.accounts (id) on delete cascade,
    reason text not null check (char_length(reason) between 1 and 500),
    started_at timestamptz not null default now(),
    expires_at timestamptz not null default now() + interval '30 minutes',
    ended_at timestamptz,
    check (expires_at <= started_at + interval '30 minutes')
);
create unique index staff_views_one_open on private.staff_views (staff_user_id, account_id) where ended_at is null;
create index staff_views_account_id on private.staff_views (account_id);

-- Accounts of which the caller may read: those they are a member of, and those they look at as staff.
create or replace function private.my_account_ids() returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
    select m.account_id from public.members m where m.user_id = (select auth.uid())
    union
    select v.account_id from private.staff_views v
    where v.staff_user_id = (select auth.uid()) and v.ended_at is null and v.expires_at > clock_timestamp()
$$;

-- The view that is open already, if there is one.
create function private.staff_start_view(p_staff uuid, p_account uuid, p_reason text) returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_actor text := private.require_staff(p_staff);
    v_reason text := private.require_reason(p_reason);
    v_view private.staff_views;
begin
    perform private.lock_account(p_account);
    update private.staff_views set ended_at = expires_at
    where staff_user_id = p_staff and account_id = p_account and ended_at is null and expires_at <= clock_timestamp();
    select v.* into v_view from private.staff_views v
    where v.staff_user_id = p_staff and v.account_id = p_account and v.ended_at is null;
    if found then
        return v_view.id;
    end if;
    insert into private.staff_views (staff_user_id, account_id, reason) values (p_staff, p_account, v_reason)
    returning * into v_view;
    perform private.audit(
        v_actor, 'view.start', p_account, v_view.id::text, null,
        jsonb_build_object('expires_at', v_view.expires_at), v_reason
    );
    return v_view.id;
end
$$;

-- One's own view. One that has ended stays ended.
create function private.staff_end_view(p_staff uuid, p_view uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_actor text := private.require_staff(p_staff);
    v_view private.staff_views;
begin
    select v.* into v_view from private.staff_views v where v.id = p_view and v.staff_user_id = p_staff for update;
    if not found then
        raise sqlstate 'PT404' using message = 'There is no such view.', detail = 'no_such_view';
    end if;
    if v_view.ended_at is not null or v_view.expires_at <= clock_timestamp() then
        return;
    end if;
    update private.staff_views set ended_at = clock_timestamp() where id = p_view returning * into v_view;
    perform private.audit(
        v_actor, 'view.end', v_view.account_id, p_view::text,
        jsonb_build_object('expires_at', v_view.expires_at), jsonb_build_object('ended_at', v_view.ended_at),
        v_view.reason
    );
end
$$;

-- What the staff member looks at now, the newest first.
create function private.staff_open_views(p_staff uuid)
returns table (
    id uuid, account_id uuid, account_name text, reason text, started_at timestamptz, expires_at timestamptz
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform private.require_staff(p_staff);
    return query
    select v.id, v.account_id, a.name, v.reason, v.started_at, v.expires_at
    from private.staff_views v join public.accounts a on a.id = v.account_id
    where v.staff_user_id = p_staff and v.ended_at is null and v.expires_at > clock_timestamp()
    order by v.started_at desc, v.id;
end
$$;

grant execute on function
    private.staff_start_view(uuid, uuid, text),
    private.staff_end_view(uuid, uuid),
    private.staff_open_views(uuid)
to coverage_web;
