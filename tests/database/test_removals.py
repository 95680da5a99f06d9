"""Files to remove: done at once and once more 5 minutes later, by whichever runner comes first."""

import uuid
from collections.abc import Iterator

import pytest
from psycopg import errors

from tests.database.world import World


@pytest.fixture
def prefix(world: World) -> Iterator[str]:
    """A removal that is due, and the only one."""
    world.run("delete from private.removals")
    prefix = f"reports/{uuid.uuid4().hex}/"
    world.run("insert into private.removals (prefix) values (%s)", prefix)
    yield prefix
    world.run("delete from private.removals")


def claim(world: World, limit: int = 10) -> list[int]:
    return [row["id"] for row in world.rows("jobs", "select * from private.claim_removals(%s)", limit)]


def done(world: World, removal: int) -> None:
    world.rows("jobs", "select private.removal_done(%s)", removal)


def pass_time(world: World, span: str) -> None:
    world.run(
        "update private.removals set due_at = due_at - %s::interval, done_at = done_at - %s::interval", span, span
    )


def test_done_twice_and_gone(world: World, prefix: str) -> None:
    rows = world.rows("jobs", "select * from private.claim_removals(10)")
    assert [row["prefix"] for row in rows] == [prefix]
    (removal,) = [row["id"] for row in rows]
    assert claim(world) == []
    done(world, removal)
    pass_time(world, "4 minutes 50 seconds")
    assert claim(world) == []
    pass_time(world, "10 seconds")
    assert claim(world) == [removal]
    done(world, removal)
    assert world.rows("admin", "select from private.removals") == []


def test_what_a_dead_runner_held_is_due_again(world: World, prefix: str) -> None:
    (removal,) = claim(world)
    pass_time(world, "1 minute")
    assert claim(world) == [removal]
    pass_time(world, "1 minute")
    # Later with every attempt: a store that is away is not asked all the time.
    assert claim(world) == []
    pass_time(world, "1 minute")
    assert claim(world) == [removal]


def test_a_slow_runner_does_not_end_it_early(world: World, prefix: str) -> None:
    (removal,) = claim(world)
    done(world, removal)
    done(world, removal)
    pass_time(world, "5 minutes")
    assert claim(world) == [removal]


def test_two_runners_share_what_is_due(world: World, prefix: str) -> None:
    world.run("insert into private.removals (prefix) select 'logos/' || n from generate_series(1, 3) n")
    with world.transaction("jobs") as value:
        value("select private.claim_removals(2)")
        assert len(claim(world)) == 2


@pytest.mark.parametrize(
    "prefix", ["", "/", "reports/", "../x", "reports/../x", "reports/a/../x", "other/x", "reports//x", "reports/.x"]
)
def test_only_files_of_ours(world: World, prefix: str) -> None:
    with pytest.raises(errors.CheckViolation):
        world.run("insert into private.removals (prefix) values (%s)", prefix)
