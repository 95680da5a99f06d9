-- The ledger. The balance is the sum of the entries, always, and never below 0.
set lock_timeout = '4s';

create table public.credit_entries (
    id bigint generated always as identity primary key,
    account_id uuid not null references public.accounts (id),
    kind text not null check (kind in ('welcome', 'charge', 'refund', 'purchase', 'adjustment')),
    delta integer not null check (delta <> 0),
    balance_after integer not null check (balance_after >= 0),
    -- No foreign key: the entry outlives the report.
    report_id uuid,
    -- A user id, an API key id, staff:<user id>, cli:<name>, or system.
    actor text not null,
    note text check (char_length(note) <= 500),
    idempotency_key text not null,
    created_at timestamptz not null default clock_timestamp(),
    unique (account_id, idempotency_key),
    check (case when kind = 'charge' then delta < 0 when kind = 'adjustment' then true else delta > 0 end),
    check ((kind in ('charge', 'refund')) = (report_id is not null))
);
create unique index credit_entries_one_charge_a_report on public.credit_entries (report_id) where kind = 'charge';
create unique index credit_entries_one_refund_a_report on public.credit_entries (report_id) where kind = 'refund';
create unique index credit_entries_one_welcome_a_user on public.credit_entries (actor) where kind = 'welcome';

create trigger credit_entries_are_append_only
before update or delete or truncate on public.credit_entries
for each statement execute function private.refuse_change();

alter table public.credit_entries enable row level security;
create policy "Members see the ledger of their account" on public.credit_entries
for select to authenticated using (account_id in (select private.my_account_ids()));
grant select on public.credit_entries to authenticated, service_role;

-- Price of a report in credits, from its number of links.
create function private.report_price(p_links integer) returns integer
language sql
immutable
strict
set search_path = ''
as $$
    select case
        when p_links < 1 then null
        when p_links <= 100 then 1
        when p_links <= 250 then 2
        when p_links <= 500 then 3
        else 3 + (p_links - 500 + 249) / 250
    end
$$;

-- The only writer of ledger and balance; locks the account itself. Called again with the same idempotency key it
-- changes nothing; with the same key and other values it refuses. Returns the balance after the entry.
create function private.post_credit_entry(
    p_account uuid, p_kind text, p_delta integer, p_report uuid,
    p_actor text, p_note text, p_idempotency_key text
) returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_balance integer;
    v_entry public.credit_entries;
begin
    select a.credit_balance into v_balance from public.accounts a where a.id = p_account for update;
    if v_balance is null then
        raise exception 'No such account' using errcode = 'no_data_found';
    end if;
    select e.* into v_entry from public.credit_entries e
    where e.account_id = p_account and e.idempotency_key = p_idempotency_key;
    if found then
        if (v_entry.kind, v_entry.delta) is distinct from (p_kind, p_delta) then
            raise exception 'The idempotency key was used for another entry' using errcode = 'unique_violation';
        end if;
        return v_entry.balance_after;
    end if;
    -- The sum is made in bigint, so that a hostile delta is an answer and not an overflow.
    if v_balance::bigint + p_delta not between 0 and 1000000000 then
        raise exception 'The balance is % credits; % would take it out of bounds', v_balance, p_delta
            using errcode = 'check_violation';
    end if;
    update public.accounts set credit_balance = credit_balance + p_delta where id = p_account
    returning credit_balance into v_balance;
    insert into public.credit_entries
        (account_id, kind, delta, balance_after, report_id, actor, note, idempotency_key)
    values (p_account, p_kind, p_delta, v_balance, p_report, p_actor, p_note, p_idempotency_key);
    return v_balance;
end
$$;

-- An adjustment by hand: reason required, idempotent, audited. Returns the balance after it.
create function private.adjust_credits(
    p_account uuid, p_delta integer, p_reason text, p_actor text, p_idempotency_key text
) returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_before integer;
    v_after integer;
begin
    if coalesce(btrim(p_reason), '') = '' then
        raise exception 'A reason is required' using errcode = 'check_violation';
    end if;
    if p_delta = 0 then
        raise exception 'The change must not be 0' using errcode = 'check_violation';
    end if;
    select a.credit_balance into v_before from public.accounts a where a.id = p_account for update;
    if exists (
        select from public.credit_entries e where e.account_id = p_account and e.idempotency_key = p_idempotency_key
    ) then
        return private.post_credit_entry(p_account, 'adjustment', p_delta, null, p_actor, p_reason, p_idempotency_key);
    end if;
    v_after := private.post_credit_entry(p_account, 'adjustment', p_delta, null, p_actor, p_reason, p_idempotency_key);
    perform private.audit(
        p_actor, 'credits.adjust', p_account, p_account::text,
        jsonb_build_object('balance', v_before), jsonb_build_object('balance', v_after), p_reason
    );
    return v_after;
end
$$;

create function private.credit_balance(p_account uuid) returns integer
language sql
stable
security definer
set search_path = ''
as $$
    select a.credit_balance from public.accounts a where a.id = p_account
$$;

-- Account, owner and welcome credits in one transaction; the account the user owns already, if there is one.
create function private.ensure_account_for(p_user uuid, p_name text) returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_account uuid;
    v_email text;
begin
    -- Two first sign-ins at once make one account.
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('ensure_account:' || p_user::text, 0));
    select m.account_id into v_account from public.members m
    where m.user_id = p_user and m.role = 'owner' order by m.created_at limit 1;
    if found then
        return v_account;
    end if;
    select u.email into v_email from auth.users u where u.id = p_user and u.email_confirmed_at is not null;
    if not found then
        raise exception 'The user''s e-mail address is not confirmed' using errcode = 'check_violation';
    end if;
    insert into public.accounts (name)
    values (left(coalesce(nullif(btrim(p_name), ''), nullif(split_part(v_email, '@', 1), ''), 'My team'), 200))
    returning id into v_account;
    insert into public.members (account_id, user_id, role) values (v_account, p_user, 'owner');
    if not exists (
        select from public.credit_entries e where e.kind = 'welcome' and e.actor = p_user::text
    ) then
        perform private.post_credit_entry(v_account, 'welcome', 3, null, p_user::text, 'Welcome', 'welcome:' || p_user::text);
    end if;
    return v_account;
end
$$;

grant execute on function private.report_price(integer), private.credit_balance(uuid) to coverage_web;
