"""Reports as they lie in the database: many at once, and of any length."""

import uuid
from typing import Any

from tests.database.world import World


def ended_report(world: World, account: uuid.UUID | None, name: str, captured: int, failed: int = 0) -> uuid.UUID:
    """A completed report whose last links failed, without pictures in the store."""
    links = captured + failed
    report: uuid.UUID = world.value(
        "admin",
        """
        insert into public.reports
            (account_id, name, status, url_count, open_count, captured_count, credits_used, completed_at)
        values (%s, %s, 'completed', %s, 0, %s, 1, now()) returning id
        """,
        account, name, links, captured,
    )  # fmt: skip
    world.run(
        """
        insert into public.report_items
            (report_id, position, account_id, url, status, reason, headline, screenshot_id, thumbnail_id, ended_at)
        select %s, n, %s, 'https://a.example/' || n, case when n <= %s then 'captured' else 'failed' end,
            case when n > %s then 'timeout' end, 'Headline ' || n,
            case when n <= %s then md5('s' || n) end, case when n <= %s then md5('t' || n) end, now()
        from generate_series(1, %s) n
        """,
        report, account, captured, captured, captured, captured, links,
    )  # fmt: skip
    world.run("insert into private.share_links (report_id, token) values (%s, %s)", report, uuid.uuid4().hex * 2)
    return report


def many_reports(world: World, account: uuid.UUID | None, number: int) -> None:
    """Reports "Report 1" to "Report n", the first the newest, a day apart; every fifth has failed."""
    world.run(
        """
        insert into public.reports (
            account_id, name, status, url_count, open_count, captured_count, credits_used, credits_refunded, error,
            created_at, completed_at
        )
        select %s, 'Report ' || n, case when n %% 5 = 0 then 'failed' else 'completed' end, n, 0,
            case when n %% 5 = 0 then 0 else n end, 1, case when n %% 5 = 0 then 1 else 0 end,
            case when n %% 5 = 0 then 'None of the links could be captured.' end,
            now() - n * interval '1 day', now() - n * interval '1 day'
        from generate_series(1, %s) n
        """,
        account, number,
    )  # fmt: skip


def running_report(world: World, account: uuid.UUID | None, name: str) -> uuid.UUID:
    """A report of one link that no runner takes up."""
    report: uuid.UUID = world.value(
        "admin",
        """
        insert into public.reports (account_id, name, url_count, open_count, credits_used)
        values (%s, %s, 1, 1, 1) returning id
        """,
        account, name,
    )  # fmt: skip
    # Claimed by a turn that nobody may read before the test is over. Of one that is not there the sweep frees the link.
    turn = world.value("admin", "select * from pgmq.send('turns', '{}'::jsonb, 600)")
    world.run(
        """
        insert into public.report_items (report_id, position, account_id, url, claim_msg_id, claim_read_ct)
        values (%s, 1, %s, 'https://a.example/1', %s, 1)
        """,
        report, account, turn,
    )  # fmt: skip
    return report


def complete(world: World, report: uuid.UUID) -> None:
    """It ends, with its one link captured."""
    world.run(
        """
        update public.report_items set status = 'captured', claim_msg_id = null, claim_read_ct = null, ended_at = now(),
            headline = 'It is there', screenshot_id = md5('s'), thumbnail_id = md5('t')
        where report_id = %s
        """,
        report,
    )
    world.run(
        """
        update public.reports set status = 'completed', open_count = 0, captured_count = 1, completed_at = now(),
            version = version + 1
        where id = %s
        """,
        report,
    )


def exists(world: World, report: uuid.UUID) -> bool:
    """Whether it has not been deleted."""
    found: list[dict[str, Any]] = world.rows("admin", "select id from public.reports where id = %s", report)
    return bool(found)
