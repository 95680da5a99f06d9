-- Who changed what, with before and after. Nobody can edit it.
set lock_timeout = '4s';

create table private.audit_log (
    id bigint generated always as identity primary key,
    created_at timestamptz not null default clock_timestamp(),
    actor text not null,
    action text not null,
    account_id uuid,
    target text,
    before jsonb,
    after jsonb,
    reason text
);
comment on table private.audit_log is 'Append-only. actor is a user id, or cli:<name> for the command line.';
create index audit_log_account_id on private.audit_log (account_id, id);

create trigger audit_log_is_append_only
before update or delete or truncate on private.audit_log
for each statement execute function private.refuse_change();

create function private.audit(
    p_actor text, p_action text, p_account uuid, p_target text,
    p_before jsonb, p_after jsonb, p_reason text
) returns void
language sql
set search_path = ''
as $$
    insert into private.audit_log (actor, action, account_id, target, before, after, reason)
    values (p_actor, p_action, p_account, p_target, p_before, p_after, p_reason)
$$;

-- Support staff: not a role of an account.
create table private.staff (
    user_id uuid primary key references auth.users (id) on delete cascade,
    added_at timestamptz not null default now(),
    added_by text not null
);

create function private.add_staff(p_email text, p_actor text) returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_user uuid;
begin
    select u.id into v_user from auth.users u where lower(u.email) = lower(p_email) and u.deleted_at is null;
    if v_user is null then
        raise exception 'No user has the e-mail address %', p_email using errcode = 'no_data_found';
    end if;
    insert into private.staff (user_id, added_by) values (v_user, p_actor) on conflict do nothing;
    if found then
        perform private.audit(p_actor, 'staff.add', null, v_user::text, null, jsonb_build_object('email', p_email), null);
    end if;
    return v_user;
end
$$;

create function private.remove_staff(p_email text, p_actor text) returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_user uuid;
begin
    delete from private.staff s using auth.users u
    where u.id = s.user_id and lower(u.email) = lower(p_email)
    returning s.user_id into v_user;
    if v_user is null then
        return false;
    end if;
    perform private.audit(p_actor, 'staff.remove', null, v_user::text, jsonb_build_object('email', p_email), null, null);
    return true;
end
$$;
