"""`coveragereport`: start the product, make a report, look after accounts and keys."""

# Commands import what they need, so that the small ones start fast.

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.environment import Failure, first_line, settings_here
from core.log import configure
from core.settings import Settings

EX_CONFIG = 78
"""The exit status of a process that another start with the same settings would not help."""
_MOST_CREDITS = 1_000_000_000

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
account_app = typer.Typer(no_args_is_help=True, help="Accounts and their credits.")
key_app = typer.Typer(no_args_is_help=True, help="API keys of an account.")
staff_app = typer.Typer(no_args_is_help=True, help="Support staff.")
app.add_typer(account_app, name="account")
app.add_typer(key_app, name="key")
app.add_typer(staff_app, name="staff")

out = Console(highlight=False, soft_wrap=True)

Account = Annotated[str, typer.Argument(help="The account's id, or the e-mail address of its owner.")]
Email = Annotated[str, typer.Argument(help="An e-mail address.")]


# -- Processes ------------------------------------------------------------------------------------------------------


@app.command("serve")
def serve_command(
    demo: Annotated[
        bool, typer.Option("--demo", help="Also serve a small news site, and make a report of it.")
    ] = False,
) -> None:
    """Start everything on one port: database, web process, runner. Ctrl-C stops it."""
    from cli import serve

    asyncio.run(serve.serve(settings_here(embedded=False), demo=demo))


@app.command("api")
def api_command() -> None:
    """Start one web process."""
    from api.server import run
    from cli.ports import check_port

    settings = settings_here()
    if not settings.web_database_url:
        raise Failure("WEB_DATABASE_URL is not set, and no embedded database runs. `coveragereport serve` starts one.")
    _check_store(settings)
    check_port(settings)
    run(settings)


@app.command("dashboard")
def dashboard_command() -> None:
    """Start one web process with the dashboard: what `api` serves, and the pages."""
    from cli.dashboard import run

    settings = settings_here()
    _check_store(settings)
    run(settings)


@app.command("runner")
def runner_command() -> None:
    """Start one runner."""
    from jobs.runner import serve as run
    from jobs.sandbox import SandboxError

    settings = settings_here()
    if not settings.jobs_database_url:
        raise Failure("JOBS_DATABASE_URL is not set, and no embedded database runs. `coveragereport serve` starts one.")
    _check_store(settings)
    configure(settings.log_level)
    try:
        asyncio.run(run(settings))
    except SandboxError as error:
        raise Failure(str(error), EX_CONFIG) from None


@app.command("migrate")
def migrate_command(
    new_passwords: Annotated[
        bool, typer.Option("--new-passwords", help="Change the passwords of our two roles: old URLs stop working.")
    ] = False,
) -> None:
    """Bring the database of MIGRATE_DATABASE_URL to this release, and print new URLs of our two roles."""
    from cli import admin

    for line in admin.migrate(settings_here(), new_passwords=new_passwords):
        out.print(line, markup=False)


# -- Reports --------------------------------------------------------------------------------------------------------


@app.command("report")
def report_command(
    links: Annotated[list[str] | None, typer.Argument(metavar="LINK…", help="Links to the coverage.")] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="A file with one link a line; - is stdin.")] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the report goes.")] = Path("report.html"),
    name: Annotated[str | None, typer.Option("-n", "--name", help="The report's name.")] = None,
    url: Annotated[str, typer.Option(envvar="COVERAGEREPORT_URL", help="Address of the server.")] = "",
    api_key: Annotated[str, typer.Option(envvar="COVERAGEREPORT_API_KEY", show_default=False, help="API key.")] = "",
) -> None:
    """Make a report of links and save it as one HTML file.

    Without COVERAGEREPORT_URL and COVERAGEREPORT_API_KEY, the demo account of the server in this folder is used.
    Exit status: 0 the report is saved, 1 it failed, 2 the links or options are wrong.
    """
    from cli import report

    report.make(report.read_links(links or [], file), output, name, *report.server(settings_here(), url, api_key))


# -- Accounts, keys, staff ------------------------------------------------------------------------------------------


@account_app.command("create")
def account_create(
    email: Email,
    name: Annotated[str, typer.Option(help="The account's name.")] = "",
    credits: Annotated[int, typer.Option(min=0, max=_MOST_CREDITS, help="Credits beyond the 3 that are welcome.")] = 0,
    password: Annotated[
        str, typer.Option(help="The owner's password; made at random if empty.", show_default=False)
    ] = "",
) -> None:
    """Make an account with an owner, whose address counts as confirmed."""
    from cli import admin

    made = admin.create_account(settings_here(), email, name, credits, password)
    lines = {"Account": made.account_id, "Owner": email, "Password": made.password, "Credits": made.balance}
    for name, value in lines.items():
        if value != "":
            out.print(f"{name:<8}  {value}", markup=False)


@account_app.command("credits")
def account_credits(
    account: Account,
    change: Annotated[
        int,
        typer.Argument(
            min=-_MOST_CREDITS, max=_MOST_CREDITS, help="Credits to add; negative to take away (after `--`)."
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why. The customer sees it in the ledger.")],
    idempotency_key: Annotated[
        str, typer.Option(help="Given twice, the change is made once.", show_default=False)
    ] = "",
) -> None:
    """Change an account's credits by hand."""
    from cli import admin

    balance = admin.adjust_credits(settings_here(), account, change, reason, idempotency_key)
    out.print(f"Balance: {balance}")


@key_app.command("create")
def key_create(
    account: Account, name: Annotated[str, typer.Option(help="What the key is for.")] = "Command line"
) -> None:
    """Make an API key. It is shown once."""
    from cli import admin

    print(admin.create_key(settings_here(), account, name))


@key_app.command("revoke")
def key_revoke(
    account: Account, prefix: Annotated[str, typer.Argument(help="What is shown of the key: cr_live_XXXXXXXX.")]
) -> None:
    """Revoke an API key. It stops working at once and cannot be brought back."""
    from cli import admin

    admin.revoke_key(settings_here(), account, prefix)
    out.print(f"Revoked {prefix}")


@staff_app.command("add")
def staff_add(email: Email) -> None:
    """Make a user support staff."""
    from cli import admin

    admin.add_staff(settings_here(), email)
    out.print(f"{email} is staff")


@staff_app.command("remove")
def staff_remove(email: Email) -> None:
    """Take the support role from a user."""
    from cli import admin

    admin.remove_staff(settings_here(), email)
    out.print(f"{email} is staff no more")


@app.command("doctor")
def doctor_command() -> None:
    """Say what is installed, reachable and misconfigured, each with its remedy."""
    from cli import doctor

    settings = settings_here()
    # What the parts say while they are tried out would stand between the findings.
    configure("error")
    findings = doctor.examine(settings)
    for finding in findings:
        mark = "[green]ok[/]   " if finding.ok else "[red]wrong[/]"
        out.print(mark, f"{finding.what}: ", end="")
        out.print(finding.detail, markup=False)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


def _check_store(settings: Settings) -> None:
    from core.store import ObjectStore

    try:
        ObjectStore.open(settings)
    except Exception as error:  # obstore's own errors and the system's: all mean the same here
        raise Failure(f"OBJECT_STORE: {first_line(error)}.", EX_CONFIG) from None


def main() -> None:
    """Runs the command line; a failure is one sentence and an exit status."""
    try:
        app()
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(failure.status)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
