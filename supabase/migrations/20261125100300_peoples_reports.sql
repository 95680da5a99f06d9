-- Reports as people make and keep them. Every member may make, read, rename and share; deleting is for owners, admins
-- and whoever made the report.
set lock_timeout = '4s';

-- The web process has cleaned the links; this refuses what it would never send.
create function private.require_links(p_urls text[]) returns void
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_link text;
begin
    if coalesce(array_ndims(p_urls), 0) <> 1 or cardinality(p_urls) > 2000 then
        raise sqlstate 'PT400' using message = 'A report holds 1 to 2,000 links.', detail = 'invalid_urls';
    end if;
    select u.url into v_link from unnest(p_urls) u (url)
    -- No user or password before the host; printable ASCII, as the cleaning leaves it.
    where u.url is null or char_length(u.url) > 2048
        or u.url !~ '^[\x21-\x7e]+$' or u.url !~ '^https?://[^/?#@\\]+([/?#]|$)'
    limit 1;
    if found then
        raise sqlstate 'PT400' using
            message = format('This is not a link that can be opened: %s', coalesce(left(v_link, 200), 'nothing')),
            detail = 'invalid_urls';
    end if;
    if (select count(distinct u.url) from unnest(p_urls) u (url)) < cardinality(p_urls) then
        raise sqlstate 'PT400' using message = 'A link is there twice.', detail = 'invalid_urls';
    end if;
end
$$;

-- Charges and makes the report, or answers {"outcome": "insufficient_credits", "required", "available"}. Called again
-- with the same idempotency key it answers the same; a refusal for want of credits is not kept.
create function public.create_report(
    p_account uuid, p_name text, p_urls text[], p_idempotency_key text default null
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_role(p_account, '{owner,admin,member}');
    v_name text := coalesce(private.clean_line(p_name, 200, 'The name'), 'Untitled');
    -- Keys of the API are the customer's own: these are beside them.
    v_key text := 'dashboard:' || p_idempotency_key;
    v_result jsonb;
begin
    perform private.require_links(p_urls);
    if char_length(p_idempotency_key) not between 1 and 200 then
        raise sqlstate 'PT400' using
            message = 'The idempotency key has 1 to 200 characters.', detail = 'invalid_idempotency_key';
    end if;
    v_result := private.create_report(
        p_account, null, v_user, v_name, p_urls, v_key, sha256(convert_to(jsonb_build_array(v_name, p_urls)::text, 'UTF8'))
    );
    case v_result ->> 'outcome'
        when 'created' then
            return v_result;
        when 'insufficient_credits' then
            delete from private.idempotency_keys k where k.account_id = p_account and k.key = v_key;
            return v_result;
        when 'deactivated' then
            raise sqlstate 'PT403' using
                message = 'This account is deactivated. Write to support.', detail = 'account_deactivated';
        when 'in_progress' then
            raise sqlstate 'PT409' using message = 'This report is being made already.', detail = 'in_progress';
        else
            raise sqlstate 'PT409' using
                message = 'This form was sent before with other links. Reload the page.',
                detail = 'idempotency_mismatch';
    end case;
end
$$;

-- The report's account, which must be one the caller may see.
create function private.account_of_report(p_report uuid) returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
    v_account uuid;
begin
    select r.account_id into v_account from public.reports r
    where r.id = p_report and r.account_id in (select private.my_account_ids());
    if v_account is null then
        perform private.refuse_unknown('report');
    end if;
    return v_account;
end
$$;

-- The same for functions that change: any member. Holds the locks of account and report.
create function private.lock_my_report(p_report uuid) returns public.reports
language plpgsql
set search_path = ''
as $$
declare
    v_report public.reports;
begin
    perform private.require_role(private.account_of_report(p_report), '{owner,admin,member}');
    select r.* into v_report from public.reports r where r.id = p_report for no key update;
    if not found then
        perform private.refuse_unknown('report');
    end if;
    return v_report;
end
$$;

create function public.rename_report(p_report uuid, p_name text) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_report public.reports := private.lock_my_report(p_report);
    v_name text := private.require_line(p_name, 200, 'The name');
begin
    update public.reports set name = v_name, version = version + 1 where id = v_report.id and name <> v_name;
end
$$;

-- The link stops working at once. Nothing to revoke is no error.
create function public.revoke_share_link(p_report uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_report public.reports := private.lock_my_report(p_report);
begin
    if private.revoke_share_link(v_report.account_id, p_report) then
        perform private.audit(
            (select auth.uid())::text, 'share_link.revoke', v_report.account_id, p_report::text, null, null, null
        );
    end if;
end
$$;

-- A new link; the one before stops working. Returns its token.
create function public.renew_share_link(p_report uuid) returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_report public.reports := private.lock_my_report(p_report);
begin
    if v_report.status <> 'completed' then
        raise sqlstate 'PT409' using
            message = 'Only a completed report can be shared.', detail = 'not_completed';
    end if;
    perform private.audit(
        (select auth.uid())::text, 'share_link.renew', v_report.account_id, p_report::text, null, null, null
    );
    return private.renew_share_link(v_report.account_id, p_report);
end
$$;

-- The report, its items and its pictures; its credits stay spent and the ledger stays.
create function public.delete_report(p_report uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_report public.reports := private.lock_my_report(p_report);
    v_user uuid := (select auth.uid());
begin
    if v_report.created_by_user is distinct from v_user then
        perform private.require_role(v_report.account_id, '{owner,admin}');
    end if;
    if v_report.status = 'processing' then
        raise sqlstate 'PT409' using
            message = 'The report is still being made. It can be deleted when it has ended.', detail = 'still_running';
    end if;
    insert into private.removals (prefix) values ('reports/' || replace(p_report::text, '-', '') || '/');
    delete from public.reports where id = p_report;
    perform private.audit(
        v_user::text, 'report.delete', v_report.account_id, p_report::text,
        jsonb_build_object('name', v_report.name, 'status', v_report.status, 'url_count', v_report.url_count), null, null
    );
end
$$;

grant execute on function
    public.create_report(uuid, text, text[], text), public.rename_report(uuid, text),
    public.revoke_share_link(uuid), public.renew_share_link(uuid), public.delete_report(uuid)
to authenticated;
