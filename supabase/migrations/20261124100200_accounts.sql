-- A team and its people.
set lock_timeout = '4s';

create table public.accounts (
    id uuid primary key default gen_random_uuid(),
    name text not null check (char_length(name) between 1 and 200),
    status text not null default 'active' check (status in ('active', 'deactivated')),
    credit_balance integer not null default 0 check (credit_balance >= 0),
    branding jsonb not null default '{}',
    created_at timestamptz not null default now()
);
comment on column public.accounts.credit_balance is 'Always the sum of the account''s credit_entries; written by private.post_credit_entry alone.';

create table public.members (
    account_id uuid not null references public.accounts (id) on delete cascade,
    user_id uuid not null references auth.users (id) on delete cascade,
    role text not null check (role in ('owner', 'admin', 'member')),
    created_at timestamptz not null default now(),
    primary key (account_id, user_id)
);
create index members_user_id on public.members (user_id);

-- Definer, so that the policy on members does not ask the policy on members.
create function private.my_account_ids() returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
    select m.account_id from public.members m where m.user_id = (select auth.uid())
$$;
grant execute on function private.my_account_ids() to authenticated;

alter table public.accounts enable row level security;
alter table public.members enable row level security;

create policy "Members see their account" on public.accounts
for select to authenticated using (id in (select private.my_account_ids()));

create policy "Members see the members of their account" on public.members
for select to authenticated using (account_id in (select private.my_account_ids()));

grant select on public.accounts, public.members to authenticated, service_role;

create function private.set_account_status(p_account uuid, p_status text, p_actor text, p_reason text) returns void
language plpgsql
set search_path = ''
as $$
declare
    v_before text;
begin
    select a.status into v_before from public.accounts a where a.id = p_account for update;
    if v_before is null then
        raise exception 'No such account' using errcode = 'no_data_found';
    end if;
    if v_before = p_status then
        return;
    end if;
    update public.accounts set status = p_status where id = p_account;
    perform private.audit(
        p_actor, case p_status when 'active' then 'account.reactivate' else 'account.deactivate' end, p_account,
        p_account::text, jsonb_build_object('status', v_before), jsonb_build_object('status', p_status), p_reason
    );
end
$$;
