-- Credits as people see them: the ledger in words, and asking support for more.
set lock_timeout = '4s';

-- Who made an entry, for the customer: the people of support have no names there.
create function private.name_of_actor(p_actor text) returns text
language sql
stable
set search_path = ''
as $$
    select case
        when p_actor = 'system' then 'System'
        when p_actor ~ '^(staff|cli):' then 'Support'
        when p_actor ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
            then private.name_of_maker(p_actor::uuid, p_actor::uuid)
        else 'System'
    end
$$;

-- Newest first; those before the entry p_before (null: from the newest). report_name is null when the report is gone.
create function public.list_ledger(p_account uuid, p_limit integer default 50, p_before bigint default null)
returns table (
    id bigint, created_at timestamptz, kind text, delta integer, balance_after integer, note text, who text,
    report_id uuid, report_name text
)
language plpgsql
stable
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
    perform private.require_account(p_account);
    if coalesce(p_limit, 0) < 1 then
        raise sqlstate 'PT400' using message = 'The limit is 1 to 100.', detail = 'invalid_limit';
    end if;
    return query
    with page as (
        select e.* from public.credit_entries e
        where e.account_id = p_account and (p_before is null or e.id < p_before)
        order by e.id desc
        limit least(p_limit, 100)
    )
    select
        e.id, e.created_at, e.kind, e.delta, e.balance_after, e.note, private.name_of_actor(e.actor),
        e.report_id, r.name
    from page e left join public.reports r on r.id = e.report_id and r.account_id = p_account
    order by e.id desc;
end
$$;

create table public.credit_requests (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references public.accounts (id) on delete cascade,
    requested_by uuid references auth.users (id) on delete set null,
    credits integer not null check (credits between 1 and 1000000),
    message text check (char_length(message) <= 500),
    status text not null default 'open' check (status in ('open', 'approved', 'declined')),
    -- Staff.
    decided_by uuid references auth.users (id) on delete set null,
    decided_at timestamptz,
    decision_note text check (char_length(decision_note) <= 500),
    created_at timestamptz not null default now(),
    check ((status = 'open') = (decided_at is null)),
    check (decided_at is not null or (decided_by is null and decision_note is null))
);
create unique index credit_requests_one_open_an_account on public.credit_requests (account_id) where status = 'open';
create index credit_requests_account_id on public.credit_requests (account_id, created_at desc);
create index credit_requests_status on public.credit_requests (status, created_at);
create index credit_requests_requested_by on public.credit_requests (requested_by);
create index credit_requests_decided_by on public.credit_requests (decided_by);

alter table public.credit_requests enable row level security;
create policy "Members see the credit requests of their account" on public.credit_requests
for select to authenticated using (account_id in (select private.my_account_ids()));
grant select on public.credit_requests to authenticated, service_role;

create function public.request_credits(p_account uuid, p_credits integer, p_message text default null) returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_role(p_account, '{owner,admin}');
    v_message text := private.clean_text(p_message, 500, 'The message');
    v_request uuid;
begin
    if coalesce(p_credits, 0) not between 1 and 1000000 then
        raise sqlstate 'PT400' using message = 'Ask for 1 to 1,000,000 credits.', detail = 'invalid_credits';
    end if;
    if exists (select from public.credit_requests q where q.account_id = p_account and q.status = 'open') then
        raise sqlstate 'PT409' using
            message = 'A request for credits is open already. Withdraw it to ask for something else.',
            detail = 'already_requested';
    end if;
    insert into public.credit_requests (account_id, requested_by, credits, message)
    values (p_account, v_user, p_credits, v_message)
    returning id into v_request;
    perform private.audit(
        v_user::text, 'credit_request.create', p_account, v_request::text, null,
        jsonb_build_object('credits', p_credits, 'message', v_message), null
    );
    return v_request;
end
$$;

-- The request is gone; the audit log keeps it.
create function public.withdraw_credit_request(p_request uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_request public.credit_requests;
    v_user uuid;
begin
    select q.* into v_request from public.credit_requests q
    where q.id = p_request and q.account_id in (select private.my_account_ids());
    if not found then
        perform private.refuse_unknown('request');
    end if;
    v_user := private.require_role(v_request.account_id, '{owner,admin}');
    -- What is true under the account's lock.
    select q.* into v_request from public.credit_requests q where q.id = p_request for update;
    if not found then
        perform private.refuse_unknown('request');
    end if;
    if v_request.status <> 'open' then
        raise sqlstate 'PT409' using message = 'The request was decided already.', detail = 'already_decided';
    end if;
    delete from public.credit_requests where id = p_request;
    perform private.audit(
        v_user::text, 'credit_request.withdraw', v_request.account_id, p_request::text,
        jsonb_build_object('credits', v_request.credits), null, null
    );
end
$$;

grant execute on function
    public.list_ledger(uuid, integer, bigint), public.request_credits(uuid, integer, text),
    public.withdraw_credit_request(uuid)
to authenticated;
