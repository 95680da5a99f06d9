"""The catalogue of the migrated database: nothing hosted Supabase lacks, nothing left open."""

from tests.database.world import World

HOSTED_EXTENSIONS = {"plpgsql", "pgmq"}


def test_only_extensions_that_hosted_supabase_has(world: World) -> None:
    found = {row["extname"] for row in world.rows("admin", "select extname from pg_extension")}
    assert found <= HOSTED_EXTENSIONS


def test_every_definer_function_has_an_empty_search_path(world: World) -> None:
    rows = world.rows(
        "admin",
        """
        select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('public', 'private') and not coalesce('search_path=""' = any (p.proconfig), false)
        """,
    )
    assert rows == []


def test_nothing_is_executable_by_everybody(world: World) -> None:
    rows = world.rows(
        "admin",
        """
        select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace,
            lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        where n.nspname in ('public', 'private') and a.grantee = 0
        """,
    )
    assert rows == []


def test_every_public_and_queue_table_has_row_level_security(world: World) -> None:
    rows = world.rows(
        "admin",
        """
        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where (n.nspname = 'public' or n.nspname = 'pgmq' and c.relname in ('q_turns', 'a_turns'))
            and c.relkind in ('r', 'p') and not c.relrowsecurity
        """,
    )
    assert rows == []


def test_no_trigger_of_ours_in_auth(world: World) -> None:
    rows = world.rows(
        "admin",
        """
        select t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'auth' and not t.tgisinternal
        """,
    )
    assert rows == []


def test_nothing_newer_than_postgres_15(world: World) -> None:
    """Functions of 16, 17 and 18 in our bodies, virtual generated columns of 18."""
    newer = (
        "uuidv7|uuidv4|pg_input_is_valid|pg_input_error_info|any_value|array_shuffle|array_sample|random_normal|"
        "json_table|json_query|json_value|json_exists|merge_action|to_bin|to_oct|casefold|array_sort|array_reverse|"
        "crc32|gamma|lgamma|uuid_extract_timestamp|uuid_extract_version"
    )
    rows = world.rows(
        "admin",
        """
        select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('public', 'private') and p.prosrc ~* ('\\m(' || %s || ')\\s*\\(')
        """,
        newer,
    )
    assert rows == []
    columns = world.rows(
        "admin",
        """
        select a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('public', 'private') and a.attgenerated not in ('', 's')
        """,
    )
    assert columns == []


def test_functions_take_only_what_every_pgmq_has(world: World) -> None:
    rows = world.rows(
        "admin",
        """
        select distinct m[1] as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace,
            lateral regexp_matches(p.prosrc, 'pgmq\\.(\\w+)', 'g') m
        where n.nspname in ('public', 'private')
        """,
    )
    assert {row["name"] for row in rows} <= {"create", "send", "read", "set_vt", "delete", "metrics", "q_turns"}


def test_migration_role_is_no_superuser(world: World) -> None:
    assert not world.value("admin", "select rolsuper from pg_roles where rolname = current_user")
