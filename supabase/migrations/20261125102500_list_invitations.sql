-- Invitations as the people see them who manage an account.
set lock_timeout = '4s';

-- Those that wait for an answer or have run out, the one sent last first; none for members. There are 50 open ones at
-- most, and one that has run out goes when its address is invited again.
create function public.list_invitations(p_account uuid)
returns table (
    id uuid, email text, role text, invited_by text, sent_at timestamptz, expires_at timestamptz, expired boolean
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
        i.id, i.email, i.role, private.name_of_user(i.invited_by), i.sent_at, i.expires_at,
        private.state_of_invitation(i) = 'expired'
    from public.invitations i
    where i.account_id = p_account and i.accepted_at is null and i.cancelled_at is null
        and p_account in (select private.my_managed_account_ids())
    order by i.sent_at desc, i.id
    limit 200;
end
$$;
grant execute on function public.list_invitations(uuid) to authenticated;
