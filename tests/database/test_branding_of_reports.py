"""What report pages show of an account, and what reports cost."""

from psycopg.types.json import Jsonb

from tests.database.world import World


def test_branding_is_told_part_by_part(world: World) -> None:
    account = world.account()
    branding = "select accent, intro, logo_id from private.branding(%s)"
    nothing = {"accent": None, "intro": None, "logo_id": None}
    assert world.rows("web", branding, account) == [nothing]
    world.run("update public.accounts set branding = %s where id = %s", Jsonb({"accent": "#123456"}), account)
    assert world.rows("web", branding, account) == [nothing | {"accent": "#123456"}]


def test_prices_are_those_of_the_one_function(world: World) -> None:
    listed = world.rows("web", "select links, credits from private.list_prices(2000)")
    assert [(row["links"], row["credits"]) for row in listed] == [
        (100, 1), (250, 2), (500, 3), (750, 4), (1000, 5), (1250, 6), (1500, 7), (1750, 8), (2000, 9),
    ]  # fmt: skip
    for row in listed:
        for links, credits in ((row["links"], row["credits"]), (row["links"] + 1, row["credits"] + 1)):
            assert world.value("web", "select private.report_price(%s)", links) == credits
    assert world.rows("web", "select links, credits from private.list_prices(0)") == []
