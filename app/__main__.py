"""The command line. Heavy parts are imported when a command runs: `--help` answers at once."""

import gc
import importlib
import sys
from typing import Annotated, Any, Literal

import typer

from app.errors import Problem, WrongSetting

cli = typer.Typer(
    name="mikawaya",
    help="Mikawaya (三河屋): a self-hosted support contact centre for LINE, email, web chat and telephone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
inbox_cli = typer.Typer(no_args_is_help=True, help="Inboxes: one for each configured channel.")
cli.add_typer(inbox_cli, name="inbox")

Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Instead of MIKAWAYA_PORT.")]


def commands(module: str = "app.commands") -> Any:
    """What the commands do. Loading it makes no garbage: looking for some takes 0.25 s of each start."""
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.enable()


@cli.command()
def serve(
    jobs: Annotated[
        bool, typer.Option(help="Run the clocks (sending, polling, deadlines) in this process too.")
    ] = True,
    port: Port = None,
) -> None:
    """Serve the product. The database must be migrated (`migrate`)."""
    commands().serve(jobs=jobs, port=port)


@cli.command()
def jobs() -> None:
    """Run only the clocks: sending, polling, deadlines. Any number of processes may."""
    commands().jobs()


@cli.command()
def migrate() -> None:
    """Bring the database to the present tables."""
    commands().migrate()


@cli.command()
def demo(port: Port = None) -> None:
    """A demonstration: a sample desk, and a page where you play the customer. Needs no account anywhere."""
    commands("app.demonstration").run(port)


@cli.command()
def owner(email: str) -> None:
    """Make the first owner; asks for a password (or reads a line from standard input)."""
    commands().owner(email)


@cli.command()
def token(agent: str, name: Annotated[str, typer.Option(help="What it is for.")] = "command line") -> None:
    """Make an API token that acts as AGENT (a mail address), and print it once."""
    commands().token(agent, name)


@inbox_cli.command("add")
def inbox_add(
    kind: str,
    name: Annotated[str, typer.Option(help="Its name on the screens.")],
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="key=value; a value from a file: key=@path.")
    ] = None,
    language: Annotated[Literal["ja", "en"], typer.Option(help="Of its automatic words.")] = "ja",
) -> None:
    """Add an inbox of KIND: line, email, chat or phone. Prints its hook URL."""
    commands().inbox_add(kind, name, setting or [], language)


@inbox_cli.command("list")
def inbox_list() -> None:
    """The inboxes with their hook URLs and alarms."""
    commands().inbox_list()


@inbox_cli.command("fields")
def inbox_fields(kind: str) -> None:
    """The settings that a KIND of inbox takes."""
    commands().inbox_fields(kind)


@cli.command()
def replay() -> None:
    """Read all failed hooks again."""
    commands().replay_all()


@cli.command()
def reindex() -> None:
    """Make the search index anew, from all that is there."""
    commands().reindex()


@cli.command()
def doctor() -> None:
    """Look at database, inboxes and queues, and say what is wrong."""
    commands().doctor()


@cli.command()
def openapi() -> None:
    """Print the API's OpenAPI document."""
    commands().openapi()


def main() -> None:
    """Wrong words, wrong settings and refused requests are one line and exit code 2."""
    try:
        sys.exit(cli(standalone_mode=False))
    except typer.Abort:
        sys.exit(130)
    except typer.TyperException as wrong:
        if words := " ".join(wrong.format_message().split()):  # nothing when it has shown the help instead
            print(f"{words} See: python -m app --help", file=sys.stderr)
        sys.exit(2)
    except WrongSetting as wrong:
        print(wrong, file=sys.stderr)
        sys.exit(2)
    except Problem as problem:
        fields = "; ".join(f"{f['at']}: {f['says']}" for f in problem.params.get("fields", ()))
        print(f"{problem.title()} {problem.detail} {fields}".strip(), file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
