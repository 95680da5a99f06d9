-- Deleting an account: everything goes but the ledger and the audit log, which lose their names and notes, and a
-- tombstone that they refer to.
set lock_timeout = '4s';

create function private.is_deleted(p_account uuid) returns boolean
language sql
stable
set search_path = ''
as $$
    select exists (select from public.accounts a where a.id = p_account and a.deleted_at is not null)
$$;

-- What somebody wrote becomes "deleted"; numbers, states and roles stay.
create function private.without_words(p_facts jsonb) returns jsonb
language sql
immutable
set search_path = ''
as $$
    select case
        when jsonb_typeof(p_facts) in ('string', 'array') then '"deleted"'::jsonb
        when jsonb_typeof(p_facts) = 'object' then coalesce(
            (
                select jsonb_object_agg(
                    f.key,
                    case
                        when f.key in ('status', 'role') or jsonb_typeof(f.value) in ('number', 'boolean', 'null')
                            then f.value
                        else '"deleted"'
                    end
                )
                from jsonb_each(p_facts) f
            ),
            '{}'
        )
        else p_facts
    end
$$;

-- Ledger and audit log stay append-only. The one change there is: the words of a deleted account become "deleted".
create function private.refuse_change_but_of_words() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    v_old jsonb := to_jsonb(old);
    v_erased jsonb := case tg_table_name
        when 'credit_entries' then jsonb_build_object(
            'note', case when v_old ->> 'note' is not null then 'deleted' end
        )
        else jsonb_build_object(
            'before', private.without_words(v_old -> 'before'),
            'after', private.without_words(v_old -> 'after'),
            'reason', case when v_old ->> 'reason' is not null then 'deleted' end
        )
    end;
begin
    if private.is_deleted(old.account_id) and to_jsonb(new) = v_old || v_erased then
        return new;
    end if;
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

drop trigger credit_entries_are_append_only on public.credit_entries;
create trigger credit_entries_are_append_only
before delete or truncate on public.credit_entries
for each statement execute function private.refuse_change();
create trigger credit_entries_change_in_words_alone
before update on public.credit_entries
for each row execute function private.refuse_change_but_of_words();

drop trigger audit_log_is_append_only on private.audit_log;
create trigger audit_log_is_append_only
before delete or truncate on private.audit_log
for each statement execute function private.refuse_change();
create trigger audit_log_changes_in_words_alone
before update on private.audit_log
for each row execute function private.refuse_change_but_of_words();

-- Nobody gives credits to a tombstone.
create function private.refuse_entry_of_deleted() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if private.is_deleted(new.account_id) then
        raise exception 'The account is deleted' using errcode = 'check_violation';
    end if;
    return new;
end
$$;
create trigger credit_entries_are_of_living_accounts
before insert on public.credit_entries
for each row execute function private.refuse_entry_of_deleted();

create function private.erase_words(p_account uuid) returns void
language sql
set search_path = ''
as $$
    update public.credit_entries set note = 'deleted' where account_id = p_account and note is not null;
    update private.audit_log
    set before = private.without_words(before), after = private.without_words(after),
        reason = case when reason is not null then 'deleted' end
    where account_id = p_account;
$$;

-- The rows of an account, children before parents, so that no cascade looks for each of them. A table that comes later
-- and names accounts has its say here (tests/database/test_deleting_accounts.py knows all of them). Requests of API
-- keys hold no words and end by themselves within 30 days.
create function private.delete_rows_of_account(p_account uuid) returns void
language plpgsql
set search_path = ''
as $$
begin
    delete from private.images g using public.reports r where r.id = g.report_id and r.account_id = p_account;
    delete from public.report_items where account_id = p_account;
    delete from public.reports where account_id = p_account;
    delete from private.idempotency_keys where account_id = p_account;
    delete from private.account_turns where account_id = p_account;
    -- In the order in which uses of keys are counted.
    perform from public.api_keys k where k.account_id = p_account order by k.id for update;
    delete from public.api_keys where account_id = p_account;
    delete from private.logos where account_id = p_account;
    delete from public.invitations where account_id = p_account;
    delete from public.credit_requests where account_id = p_account;
    -- Of a migration soon after this one: bodies of functions are bound when they run.
    delete from private.staff_views where account_id = p_account;
    update private.sessions set account_id = null where account_id = p_account;
    delete from public.members where account_id = p_account;
end
$$;

-- p_name is the account's name, typed by hand. Nothing brings the account back; its credits are lost.
create function public.delete_account(p_account uuid, p_name text) returns void
language plpgsql
security definer
set search_path = ''
-- Of an account with very many reports it takes longer than a request usually may.
set statement_timeout = '120s'
as $$
declare
    v_user uuid := private.require_role(p_account, '{owner}');
begin
    if not exists (
        select from public.accounts a
        where a.id = p_account and a.name = private.clean_line(left(p_name, 300), 300, 'The name')
    ) then
        raise sqlstate 'PT400' using
            message = 'This is not the name of the account.', detail = 'name_mismatch';
    end if;
    insert into private.removals (prefix)
    select 'reports/' || replace(r.id::text, '-', '') || '/' from public.reports r where r.account_id = p_account
    union all
    select l.object_key from private.logos l where l.account_id = p_account;
    update public.accounts
    set name = 'deleted', status = 'deactivated', branding = '{}', deleted_at = now()
    where id = p_account;
    perform private.delete_rows_of_account(p_account);
    perform private.erase_words(p_account);
    perform private.audit(
        v_user::text, 'account.delete', p_account, p_account::text, null, jsonb_build_object('status', 'deleted'), null
    );
end
$$;
grant execute on function public.delete_account(uuid, text) to authenticated;
