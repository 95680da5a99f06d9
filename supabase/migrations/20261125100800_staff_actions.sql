-- What support staff do to an account and its reports. Every action has a reason and leaves a row in the audit log.
set lock_timeout = '4s';

-- The reason in one line. Refuses a missing or a long one.
create function private.require_reason(p_reason text) returns text
language sql
immutable
set search_path = ''
as $$
    select private.require_line(regexp_replace(p_reason, '\s+', ' ', 'g'), 500, 'The reason')
$$;

-- The account, locked for a change of money or status. Refuses one that is unknown or was deleted.
create function private.lock_account(p_account uuid) returns public.accounts
language plpgsql
set search_path = ''
as $$
declare
    v_account public.accounts;
begin
    select a.* into v_account from public.accounts a where a.id = p_account for update;
    if not found then
        raise sqlstate 'PT404' using message = 'There is no such account.', detail = 'no_such_account';
    end if;
    if v_account.deleted_at is not null then
        raise sqlstate 'PT409' using message = 'The account was deleted.', detail = 'account_deleted';
    end if;
    return v_account;
end
$$;

-- Returns the balance after it; called again with the same key and change, the one of the first time.
create function private.staff_adjust_credits(
    p_staff uuid, p_account uuid, p_delta integer, p_reason text, p_idempotency_key text
) returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_actor text := private.require_staff(p_staff);
    v_reason text := private.require_reason(p_reason);
    -- In a namespace of its own: it cannot take the key of a charge or a refund.
    v_key text := 'staff_adjust:' || p_idempotency_key;
    v_account public.accounts;
    v_entry public.credit_entries;
begin
    if coalesce(p_idempotency_key, '') !~ '^[!-~]{1,200}$' then
        raise sqlstate 'PT400' using message = 'An idempotency key of 1 to 200 characters is required.',
            detail = 'invalid_idempotency_key';
    end if;
    if p_delta is null or p_delta = 0 or p_delta not between -1000000 and 1000000 then
        raise sqlstate 'PT400' using message = 'A change is between -1,000,000 and 1,000,000 credits, and not 0.',
            detail = 'invalid_change';
    end if;
    v_account := private.lock_account(p_account);
    select e.* into v_entry from public.credit_entries e
    where e.account_id = p_account and e.idempotency_key = v_key;
    if found then
        if v_entry.delta <> p_delta then
            raise sqlstate 'PT409' using message = 'This change was made before with another number of credits.',
                detail = 'idempotency_conflict';
        end if;
        return v_entry.balance_after;
    end if;
    perform private.require_balance(v_account, p_delta);
    return private.adjust_credits(p_account, p_delta, v_reason, v_actor, v_key);
end
$$;

-- Refuses a change that would take the balance of a locked account out of its bounds.
create function private.require_balance(p_account public.accounts, p_delta integer) returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    if p_account.credit_balance + p_delta < 0 then
        raise sqlstate 'PT409' using
            message = format('The account has %s credits: no more can be taken.', p_account.credit_balance),
            detail = 'balance_too_low';
    end if;
    if p_account.credit_balance + p_delta > 1000000000 then
        raise sqlstate 'PT409' using message = 'The account would have more than 1,000,000,000 credits.',
            detail = 'balance_too_high';
    end if;
end
$$;

create function private.staff_set_account_status(p_staff uuid, p_account uuid, p_status text, p_reason text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_actor text := private.require_staff(p_staff);
    v_reason text := private.require_reason(p_reason);
begin
    if p_status is null or p_status not in ('active', 'deactivated') then
        raise sqlstate 'PT400' using message = 'An account is active or deactivated.', detail = 'invalid_status';
    end if;
    perform private.lock_account(p_account);
    perform private.set_account_status(p_account, p_status, v_actor, v_reason);
end
$$;

create table private.report_retries (
    report_id uuid primary key references public.reports (id) on delete cascade,
    retried_at timestamptz not null
);
comment on table private.report_retries is 'When staff last started a report again.';

-- A report that staff may act on, with account and report locked: it is processing, and nobody started it again in the
-- last minute. So of two who act at once one wins.
create function private.lock_staff_report(p_report uuid) returns public.reports
language plpgsql
set search_path = ''
as $$
declare
    v_report public.reports;
begin
    perform from public.accounts a
    where a.id = (select r.account_id from public.reports r where r.id = p_report) for update;
    select r.* into v_report from public.reports r where r.id = p_report for no key update;
    if not found then
        raise sqlstate 'PT404' using message = 'There is no such report.', detail = 'no_such_report';
    end if;
    if v_report.status <> 'processing' then
        raise sqlstate 'PT409' using message = format('The report has ended: it is %s.', v_report.status),
            detail = 'not_processing';
    end if;
    if exists (
        select from private.report_retries t
        where t.report_id = p_report and t.retried_at > clock_timestamp() - interval '1 minute'
    ) then
        raise sqlstate 'PT409' using
            message = 'The report was started again less than a minute ago. See first whether it moves.',
            detail = 'just_retried';
    end if;
    return v_report;
end
$$;

-- What the audit log keeps of a report.
create function private.report_state(p_report uuid) returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'status', r.status, 'open', r.open_count, 'captured', r.captured_count,
        'credits_used', r.credits_used, 'credits_refunded', r.credits_refunded, 'balance', a.credit_balance
    )
    from public.reports r join public.accounts a on a.id = r.account_id where r.id = p_report
$$;

-- Starts a processing report again: whoever holds a link of it loses it, and every open link has its two attempts.
-- The messages of the old claims hold nothing any more and end when they are read. Returns how many links are open.
create function private.staff_retry_report(p_staff uuid, p_report uuid, p_reason text) returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_actor text := private.require_staff(p_staff);
    v_reason text := private.require_reason(p_reason);
    v_report public.reports := private.lock_staff_report(p_report);
    v_before jsonb;
    v_links integer;
begin
    select jsonb_build_object('open', count(*), 'claimed', count(i.claim_msg_id), 'attempts', sum(i.attempts))
    into v_before from public.report_items i where i.report_id = p_report and i.status = 'pending';
    update public.report_items set claim_msg_id = null, claim_read_ct = null, attempts = 0
    where report_id = p_report and status = 'pending';
    get diagnostics v_links = row_count;
    perform private.ensure_turn(v_report.account_id);
    insert into private.report_retries (report_id, retried_at) values (p_report, clock_timestamp())
    on conflict (report_id) do update set retried_at = excluded.retried_at;
    perform private.audit(
        v_actor, 'report.retry', v_report.account_id, p_report::text, v_before,
        jsonb_build_object('open', v_links, 'claimed', 0, 'attempts', 0), v_reason
    );
    return v_links;
end
$$;

-- Ends a processing report now and gives its price back. Its open links fail as timeout. When none was captured it
-- fails and is refunded as ever; else it is completed, and the price comes back as an adjustment. Returns what it is
-- then: completed or failed.
create function private.staff_refund_report(p_staff uuid, p_report uuid, p_reason text) returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_actor text := private.require_staff(p_staff);
    v_reason text := private.require_reason(p_reason);
    v_report public.reports := private.lock_staff_report(p_report);
    v_before jsonb := private.report_state(p_report);
begin
    perform private.fail_links(
        p_report,
        (select array_agg(i.position) from public.report_items i
         where i.report_id = p_report and i.status = 'pending'),
        'timeout'
    );
    select r.* into strict v_report from public.reports r where r.id = p_report;
    if v_report.status = 'completed' then
        perform private.post_credit_entry(
            v_report.account_id, 'adjustment', v_report.credits_used, null, v_actor,
            left('Price of the report ' || v_report.name || ' given back: ' || v_reason, 500),
            'staff_refund:' || p_report
        );
    end if;
    perform private.audit(
        v_actor, 'report.refund', v_report.account_id, p_report::text, v_before, private.report_state(p_report), v_reason
    );
    return v_report.status;
end
$$;

grant execute on function
    private.staff_adjust_credits(uuid, uuid, integer, text, text),
    private.staff_set_account_status(uuid, uuid, text, text),
    private.staff_retry_report(uuid, uuid, text),
    private.staff_refund_report(uuid, uuid, text)
to coverage_web;
