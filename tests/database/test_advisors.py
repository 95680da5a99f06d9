"""Supabase's own advisors find nothing to warn of."""

from core.migrations import run_cli
from tests.database.world import Urls, World


def test_advisors_warn_of_nothing(urls: Urls) -> None:
    done = run_cli(urls.admin, "db", "advisors", "--type", "all", "--level", "warn", "--fail-on", "warn")
    assert done.returncode == 0, done.stdout + done.stderr


def test_advisors_look_at_our_schema(urls: Urls, world: World) -> None:
    world.run("create table public.advised (id integer)")
    world.run("grant select on public.advised to anon")
    try:
        done = run_cli(urls.admin, "db", "advisors", "--type", "all", "--level", "warn", "--fail-on", "warn")
        assert done.returncode != 0 and "advised" in done.stdout + done.stderr
    finally:
        world.run("drop table public.advised")
