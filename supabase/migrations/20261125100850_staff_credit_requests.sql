-- Support staff approve or decline what customers ask for when they are out of credits.
set lock_timeout = '4s';

-- Open ones: the oldest first; others: the newest first. p_status null is all. At most 100.
create function private.staff_credit_requests(p_staff uuid, p_status text)
returns table (
    id uuid, account_id uuid, account_name text, credit_balance integer, requested_by text, credits integer,
    message text, status text, created_at timestamptz, decided_by text, decided_at timestamptz, decision_note text
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform private.require_staff(p_staff);
    return query
    select
        c.id, c.account_id, a.name, a.credit_balance, private.actor_words(c.requested_by::text), c.credits,
        c.message, c.status, c.created_at, private.actor_words('staff:' || c.decided_by), c.decided_at, c.decision_note
    from public.credit_requests c join public.accounts a on a.id = c.account_id
    where p_status is null or c.status = p_status
    order by
        c.status <> 'open', case when c.status = 'open' then c.created_at end, c.created_at desc, c.id
    limit 100;
end
$$;

-- Approving grants p_credits (null: as many as were asked for) as an adjustment with the note, which the customer sees.
-- Decided once: the second answer is refused. Returns the balance afterwards.
create function private.staff_decide_credit_request(
    p_staff uuid, p_request uuid, p_approve boolean, p_credits integer, p_note text
) returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_actor text := private.require_staff(p_staff);
    v_note text := private.require_reason(p_note);
    v_account public.accounts;
    v_request public.credit_requests;
    v_credits integer;
    v_balance integer;
begin
    if p_approve is null then
        raise sqlstate 'PT400' using message = 'A request is approved or declined.', detail = 'invalid_decision';
    end if;
    select c.* into v_request from public.credit_requests c where c.id = p_request;
    if not found then
        raise sqlstate 'PT404' using message = 'There is no such request.', detail = 'no_such_request';
    end if;
    v_account := private.lock_account(v_request.account_id);
    -- What is true under the lock of the account, which everybody holds who changes a request.
    select c.* into v_request from public.credit_requests c where c.id = p_request;
    if not found or v_request.status <> 'open' then
        raise sqlstate 'PT409' using message = 'The request is no longer open.', detail = 'not_open';
    end if;
    v_balance := v_account.credit_balance;
    if p_approve then
        v_credits := coalesce(p_credits, v_request.credits);
        if v_credits not between 1 and 1000000 then
            raise sqlstate 'PT400' using message = 'Grant 1 to 1,000,000 credits.', detail = 'invalid_credits';
        end if;
        perform private.require_balance(v_account, v_credits);
        v_balance := private.adjust_credits(
            v_request.account_id, v_credits, v_note, v_actor, 'credit_request:' || p_request
        );
    end if;
    update public.credit_requests
    set status = case when p_approve then 'approved' else 'declined' end,
        decided_by = p_staff, decided_at = now(), decision_note = v_note
    where id = p_request;
    perform private.audit(
        v_actor, case when p_approve then 'credit_request.approve' else 'credit_request.decline' end,
        v_request.account_id, p_request::text,
        jsonb_build_object('status', 'open', 'credits', v_request.credits, 'balance', v_account.credit_balance),
        jsonb_build_object(
            'status', case when p_approve then 'approved' else 'declined' end, 'credits', v_credits, 'balance', v_balance
        ),
        v_note
    );
    return v_balance;
end
$$;

grant execute on function
    private.staff_credit_requests(uuid, text),
    private.staff_decide_credit_request(uuid, uuid, boolean, integer, text)
to coverage_web;
