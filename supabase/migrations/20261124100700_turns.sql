-- The life of a report while runners work on it. Locks are taken in one order: message, account, report, item.
set lock_timeout = '4s';

-- Counts links that have just ended, and ends the report with the last of them: completed when one was captured,
-- else failed, and its credits are given back. The caller holds the locks of account and report.
create function private.count_ended(p_report uuid, p_ended integer, p_captured integer) returns void
language plpgsql
set search_path = ''
as $$
declare
    v_report public.reports;
begin
    if p_ended = 0 then
        return;
    end if;
    select r.* into v_report from public.reports r where r.id = p_report;
    if v_report.open_count > p_ended then
        update public.reports
        set open_count = open_count - p_ended, captured_count = captured_count + p_captured,
            progressed_at = clock_timestamp(), version = version + 1
        where id = p_report;
        return;
    end if;
    -- Status and open_count change together: one update, then the money.
    if v_report.captured_count + p_captured > 0 then
        update public.reports
        set open_count = 0, captured_count = captured_count + p_captured, status = 'completed',
            progressed_at = clock_timestamp(), completed_at = clock_timestamp(), version = version + 1
        where id = p_report;
        insert into private.share_links (report_id, token) values (p_report, private.random_token());
    else
        update public.reports
        set open_count = 0, status = 'failed', progressed_at = clock_timestamp(), completed_at = clock_timestamp(),
            version = version + 1, credits_refunded = credits_used,
            error = 'None of the links could be captured. The credits of this report were given back.'
        where id = p_report;
        perform private.post_credit_entry(
            v_report.account_id, 'refund', v_report.credits_used, p_report, 'system',
            'None of the links could be captured', 'refund:' || p_report
        );
    end if;
end
$$;

-- Ends open links of a report as failed. Returns nothing; the report may have ended with them.
create function private.fail_links(p_report uuid, p_positions integer[], p_reason text) returns void
language plpgsql
set search_path = ''
as $$
declare
    v_ended integer;
begin
    update public.report_items
    set status = 'failed', reason = p_reason, ended_at = clock_timestamp(), claim_msg_id = null, claim_read_ct = null
    where report_id = p_report and position = any (p_positions) and status = 'pending';
    get diagnostics v_ended = row_count;
    perform private.count_ended(p_report, v_ended, 0);
end
$$;

-- A message is done when none of its links is open. A message read again hands out one link at a time: what is
-- left of it becomes visible at once. The caller holds the message's lock.
create function private.settle_message(p_msg_id bigint, p_read_ct integer) returns void
language plpgsql
set search_path = ''
as $$
begin
    if not exists (select from public.report_items i where i.claim_msg_id = p_msg_id) then
        perform pgmq.delete('turns', p_msg_id);
    elsif p_read_ct > 1 then
        perform pgmq.set_vt('turns', p_msg_id, 0);
    end if;
end
$$;

-- The account a message speaks of, locked; null when it names none.
create function private.lock_turn_account(p_message jsonb) returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_account uuid;
begin
    if p_message ->> 'account_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
        select a.id into v_account from public.accounts a
        where a.id = (p_message ->> 'account_id')::uuid for no key update;
    end if;
    return v_account;
end
$$;

-- Marks up to p_limit links of the account's report that was served longest ago with this message, and sends the
-- account's next turn if links are left. Returns the report, or null when the account has no unclaimed link.
create function private.claim_links(p_account uuid, p_msg_id bigint, p_limit integer) returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_report uuid;
begin
    delete from private.account_turns t where t.account_id = p_account and t.msg_id = p_msg_id;
    -- A message never read before holds no link: a claim with its number is of a queue made anew.
    update public.report_items set claim_msg_id = null, claim_read_ct = null where claim_msg_id = p_msg_id;
    select r.id into v_report from public.reports r
    where r.account_id = p_account and r.status = 'processing' and exists (
        select from public.report_items i
        where i.account_id = p_account and i.report_id = r.id and i.status = 'pending' and i.claim_msg_id is null
    )
    order by r.served_at nulls first, r.created_at, r.id
    limit 1
    for no key update;
    if v_report is null then
        return null;
    end if;
    update public.report_items i set claim_msg_id = p_msg_id, claim_read_ct = 1
    from (
        select u.position from public.report_items u
        where u.account_id = p_account and u.report_id = v_report and u.status = 'pending' and u.claim_msg_id is null
        order by u.attempts, u.position
        limit p_limit
    ) chosen
    where i.report_id = v_report and i.position = chosen.position;
    update public.reports set served_at = clock_timestamp() where id = v_report;
    perform private.ensure_turn(p_account);
    return v_report;
end
$$;

-- Hands on what a message read before still holds: links that have had both attempts are crashed, all of them when
-- it was read ten times. Returns the report, or null when nothing is open.
create function private.reclaim_links(p_msg_id bigint, p_read_ct integer) returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_report uuid;
    v_lost integer[];
begin
    select i.report_id into v_report from public.report_items i where i.claim_msg_id = p_msg_id limit 1;
    if v_report is null then
        return null;
    end if;
    perform from public.reports r where r.id = v_report for no key update;
    select array_agg(i.position) into v_lost from public.report_items i
    where i.claim_msg_id = p_msg_id and (i.attempts >= 2 or p_read_ct >= 10);
    if v_lost is not null then
        raise log 'turn % was read % times: links % of report % are crashed', p_msg_id, p_read_ct, v_lost, v_report;
        perform private.fail_links(v_report, v_lost, 'crashed');
    end if;
    update public.report_items set claim_read_ct = p_read_ct where claim_msg_id = p_msg_id;
    return case when found then v_report end;
end
$$;

-- The next turn: up to p_limit links under one claim (msg_id, read_ct), invisible to others for 30 s. No row when
-- there is nothing to do.
create function private.claim_turn(p_limit integer default 2)
returns table (
    msg_id bigint, read_ct integer, account_id uuid, report_id uuid, "position" integer, url text, attempts smallint
)
language plpgsql
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
    v_turn record;
    v_account uuid;
    v_report uuid;
begin
    -- A few messages may turn out to be done; the loop ends with the first that is not.
    for i in 1..10 loop
        select q.msg_id, q.read_ct, q.message into v_turn from pgmq.read('turns', 30, 1) q;
        if v_turn.msg_id is null then
            return;
        end if;
        v_report := null;
        v_account := private.lock_turn_account(v_turn.message);
        if v_account is not null and v_turn.read_ct = 1 then
            v_report := private.claim_links(v_account, v_turn.msg_id, p_limit);
        elsif v_account is not null then
            v_report := private.reclaim_links(v_turn.msg_id, v_turn.read_ct);
        end if;
        if v_report is not null then
            perform private.hold_report(v_report, v_turn.msg_id);
            return query
            select v_turn.msg_id::bigint, v_turn.read_ct::integer, v_account, v_report, i.position, i.url, i.attempts
            from public.report_items i
            where i.claim_msg_id = v_turn.msg_id
            order by i.attempts, i.position
            limit case when v_turn.read_ct = 1 then p_limit else 1 end;
            return;
        end if;
        perform pgmq.delete('turns', v_turn.msg_id);
    end loop;
end
$$;

-- The clock of the overdue rule runs while a runner holds a turn of the report: it starts anew when none did.
create function private.hold_report(p_report uuid, p_msg_id bigint) returns void
language sql
set search_path = ''
as $$
    update public.reports r set progressed_at = clock_timestamp()
    where r.id = p_report and not exists (
        select from public.report_items i join pgmq.q_turns q on q.msg_id = i.claim_msg_id
        where i.report_id = r.id and i.status = 'pending' and q.msg_id <> p_msg_id and q.vt > clock_timestamp()
    )
$$;

-- Counts the attempt as its page is opened. False: the link is no longer this claim's, do not open it.
create function private.open_link(p_msg_id bigint, p_read_ct integer, p_report uuid, p_position integer) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update public.report_items set attempts = attempts + 1
    where report_id = p_report and position = p_position and status = 'pending' and attempts < 2
        and claim_msg_id = p_msg_id and claim_read_ct = p_read_ct;
    return found;
end
$$;

-- Keeps a turn invisible for another 30 s. False: it is somebody else's by now, or none of its links is open.
create function private.heartbeat(p_msg_id bigint, p_read_ct integer) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform from pgmq.q_turns q where q.msg_id = p_msg_id and q.read_ct = p_read_ct for update;
    if not found or not exists (
        select from public.report_items i where i.claim_msg_id = p_msg_id and i.claim_read_ct = p_read_ct
    ) then
        return false;
    end if;
    perform pgmq.set_vt('turns', p_msg_id, 30);
    return true;
end
$$;

-- Takes the locks in their order; true when the link is still open under this claim.
create function private.lock_claim(p_msg_id bigint, p_read_ct integer, p_report uuid, p_position integer)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
    perform from pgmq.q_turns q where q.msg_id = p_msg_id for update;
    perform from public.accounts a
    where a.id = (select r.account_id from public.reports r where r.id = p_report) for no key update;
    perform from public.reports r where r.id = p_report for no key update;
    perform from public.report_items i
    where i.report_id = p_report and i.position = p_position
        and i.claim_msg_id = p_msg_id and i.claim_read_ct = p_read_ct
    for update;
    return found;
end
$$;

-- Gives a claimed link back to the queue: a stopping runner, or a site with too many pages open. An attempt whose
-- page was opened is not counted. False when the link is no longer this claim's.
create function private.release_link(
    p_msg_id bigint, p_read_ct integer, p_report uuid, p_position integer, p_opened boolean
) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    if not private.lock_claim(p_msg_id, p_read_ct, p_report, p_position) then
        return false;
    end if;
    update public.report_items
    set claim_msg_id = null, claim_read_ct = null,
        attempts = greatest(0, attempts - case when p_opened then 1 else 0 end)
    where report_id = p_report and position = p_position;
    perform private.settle_message(p_msg_id, p_read_ct);
    perform private.ensure_turn(r.account_id) from public.reports r where r.id = p_report;
    return true;
end
$$;

-- What an attempt at a link found. reason null is a capture. Answers 'recorded', 'retry' (it goes back to the queue
-- for its second attempt), or 'late' (the link is no longer open under this claim: dropped without error). After
-- 'retry' and 'late' the pictures belong to nobody.
create function private.record_outcome(
    p_msg_id bigint, p_read_ct integer, p_report uuid, p_position integer, p_outcome jsonb
) returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_reason text := p_outcome ->> 'reason';
    v_item public.report_items;
    v_again boolean;
begin
    if not private.lock_claim(p_msg_id, p_read_ct, p_report, p_position) then
        return 'late';
    end if;
    select i.* into v_item from public.report_items i where i.report_id = p_report and i.position = p_position;
    v_again := v_item.attempts < 2 and (
        v_reason in ('dns', 'connect', 'tls', 'timeout', 'crashed')
        or v_reason = 'http_error' and (p_outcome ->> 'http_status')::integer >= 500
    );
    if v_again then
        update public.report_items set claim_msg_id = null, claim_read_ct = null
        where report_id = p_report and position = p_position;
        perform private.ensure_turn(v_item.account_id);
    else
        perform private.end_link(v_item, p_outcome);
        perform private.count_ended(p_report, 1, case when v_reason is null then 1 else 0 end);
    end if;
    perform private.settle_message(p_msg_id, p_read_ct);
    return case when v_again then 'retry' else 'recorded' end;
end
$$;

-- Writes the outcome into the item, texts cut to what the table holds, and its pictures beside it.
create function private.end_link(p_item public.report_items, p_outcome jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
    v_captured boolean := p_outcome ->> 'reason' is null;
begin
    update public.report_items
    set status = case when v_captured then 'captured' else 'failed' end,
        reason = p_outcome ->> 'reason',
        http_status = (p_outcome ->> 'http_status')::integer,
        final_url = left(p_outcome ->> 'final_url', 8192),
        headline = left(p_outcome ->> 'headline', 500),
        outlet = left(p_outcome ->> 'outlet', 200),
        author = left(p_outcome ->> 'author', 300),
        published_on = (p_outcome ->> 'published_on')::date,
        published_at = (p_outcome ->> 'published_at')::timestamptz,
        language = left(p_outcome ->> 'language', 35),
        excerpt = left(p_outcome ->> 'excerpt', 1000),
        access = p_outcome ->> 'access',
        screenshot_id = case when v_captured then p_outcome -> 'screenshot' ->> 'id' end,
        thumbnail_id = case when v_captured then p_outcome -> 'thumbnail' ->> 'id' end,
        ended_at = clock_timestamp(), claim_msg_id = null, claim_read_ct = null
    where report_id = p_item.report_id and position = p_item.position;
    if v_captured then
        insert into private.images (id, report_id, position, kind, object_key, bytes, width, height)
        select
            p.picture ->> 'id', p_item.report_id, p_item.position, p.kind, p.picture ->> 'object_key',
            (p.picture ->> 'bytes')::integer, (p.picture ->> 'width')::integer, (p.picture ->> 'height')::integer
        from (values ('screenshot', p_outcome -> 'screenshot'), ('thumbnail', p_outcome -> 'thumbnail')) p (kind, picture);
    end if;
end
$$;

-- Ends what is overdue of an account whose lock is held: no link ended for 3 minutes while a runner held a turn of
-- the report, or 24 hours passed since it was made. Open links fail as timeout.
create function private.end_overdue(p_account uuid) returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_report record;
    v_ended integer := 0;
begin
    for v_report in
        select r.id from public.reports r
        where r.account_id = p_account and r.status = 'processing' and private.is_overdue(r)
        order by r.id
        for no key update
    loop
        perform private.fail_links(
            v_report.id,
            (select array_agg(i.position) from public.report_items i
             where i.report_id = v_report.id and i.status = 'pending'),
            'timeout'
        );
        v_ended := v_ended + 1;
    end loop;
    return v_ended;
end
$$;

create function private.is_overdue(p_report public.reports) returns boolean
language sql
stable
set search_path = ''
as $$
    select p_report.created_at < clock_timestamp() - interval '24 hours'
        or p_report.progressed_at < clock_timestamp() - interval '3 minutes' and exists (
            select from public.report_items i join pgmq.q_turns q on q.msg_id = i.claim_msg_id
            where i.report_id = p_report.id and i.status = 'pending' and q.vt > clock_timestamp()
        )
$$;

-- What heals by itself, called by every runner and web process every 15 s; one of them does the work. Claims whose
-- message is gone are released, accounts with unclaimed links and no message get a turn, overdue reports end.
create function private.sweep() returns table (released bigint, sent bigint, ended bigint)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account uuid;
    v_count bigint;
begin
    released := 0;
    sent := 0;
    ended := 0;
    if not pg_try_advisory_xact_lock(hashtextextended('sweep', 0)) then
        return next;
        return;
    end if;
    for v_account in
        select a.id from public.accounts a
        where a.id in (
            select i.account_id from public.report_items i
            where i.claim_msg_id is not null
                and not exists (select from pgmq.q_turns q where q.msg_id = i.claim_msg_id)
            union
            select i.account_id from public.report_items i
            where i.status = 'pending' and i.claim_msg_id is null and not exists (
                select from private.account_turns t join pgmq.q_turns q on q.msg_id = t.msg_id
                where t.account_id = i.account_id and q.read_ct = 0
            )
            union
            select r.account_id from public.reports r where r.status = 'processing' and private.is_overdue(r)
        )
        order by a.id
        limit 200
    loop
        -- An account at work is left to the next sweep: nobody waits for this one.
        perform from public.accounts a where a.id = v_account for no key update skip locked;
        continue when not found;
        update public.report_items i set claim_msg_id = null, claim_read_ct = null
        where i.account_id = v_account and i.claim_msg_id is not null
            and not exists (select from pgmq.q_turns q where q.msg_id = i.claim_msg_id);
        get diagnostics v_count = row_count;
        released := released + v_count;
        ended := ended + private.end_overdue(v_account);
        if private.ensure_turn(v_account) then
            sent := sent + 1;
        end if;
    end loop;
    delete from private.idempotency_keys where created_at < now() - interval '24 hours';
    return next;
end
$$;

grant execute on function
    private.claim_turn(integer),
    private.open_link(bigint, integer, uuid, integer),
    private.heartbeat(bigint, integer),
    private.release_link(bigint, integer, uuid, integer, boolean),
    private.record_outcome(bigint, integer, uuid, integer, jsonb)
to coverage_jobs;
grant execute on function private.sweep() to coverage_jobs, coverage_web;
