"""The command line: finds the command, runs it, and ends as `webmap.errors` says."""

import errno
import importlib
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Final, NoReturn

import click
import psycopg2.errors
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from gis.cluster import LEAST_FREE_BYTES
from gis.errors import ConfigError, InputError, OneMapError
from gis.i18n import explain, translate
from gis.settings import Settings, load_settings
from webmap.console import Console
from webmap.errors import FAULT, log_fault, outcome_of
from webmap.logs import log_to_file
from webmap.usage import usage_sentence

COMMANDS: Final = {
    "admin-areas": "webmap.commands.admin_areas",
    "area-order": "webmap.commands.area_order",
    "audit": "webmap.commands.audit",
    "bench": "webmap.commands.bench",
    "bundle": "webmap.commands.bundle",
    "check": "webmap.commands.check",
    "column-order": "webmap.commands.column_order",
    "compare": "webmap.commands.compare",
    "covered": "webmap.commands.covered",
    "db": "webmap.commands.database",
    "demo": "webmap.commands.demo",
    "describe": "webmap.commands.describe",
    "doctor": "webmap.commands.doctor",
    "due-date": "webmap.commands.due_date",
    "export": "webmap.commands.export",
    "load": "webmap.commands.load",
    "loads": "webmap.commands.loads",
    "match": "webmap.commands.match",
    "matches": "webmap.commands.matches",
    "mark-secret": "webmap.commands.mark_secret",
    "plan": "webmap.commands.plan",
    "protect": "webmap.commands.protect",
    "report": "webmap.commands.report",
    "sample": "webmap.commands.sample",
    "serve": "webmap.commands.serve",
    "service": "webmap.commands.service",
    "standard": "webmap.commands.standard",
    "test": "webmap.commands.testing",
    "undo": "webmap.commands.undo",
    "user": "webmap.commands.user",
    "worker": "webmap.commands.worker",
}
"""Module of each command, imported on use: most commands need few of the libraries."""


class CommandLine(click.Group):
    """All commands; help texts in code are message keys and become sentences here."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("onemap", help="help.onemap", no_args_is_help=True)
        self._language = settings.language
        self._translate_help(self)

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[name]).command
        self._translate_help(command)
        return command

    def _translate_help(self, command: click.Command) -> None:
        command.help = translate(self._language, command.help or "")
        for param in command.params:
            if isinstance(param, click.Option) and param.help:
                param.help = translate(self._language, param.help)
        if type(command) is click.Group:
            for inner in command.commands.values():
                self._translate_help(inner)


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit code: 0 done, 2 the person's input, 1 a fault of ours."""
    language = "zh"
    as_given: Callable[[str], str] = str
    try:
        settings = load_settings()
        console = Console(settings)
        language, as_given = settings.language, console.as_given
        log_to_file(settings)
        ending = CommandLine(settings).main(
            list(arguments), "onemap", standalone_mode=False, obj=console
        )
    except click.ClickException as mistake:
        if isinstance(mistake, click.exceptions.NoArgsIsHelpError):
            mistake.show()
        else:
            click.echo(as_given(usage_sentence(language, mistake)), err=True)
        return mistake.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        return 0  # the reader, such as `head`, has seen enough
    except Exception as error:
        return _explain(error, language, as_given)
    return ending if isinstance(ending, int) else 0  # what a command gave to `Context.exit`


def _explain(error: Exception, language: str, as_given: Callable[[str], str]) -> int:
    known = known_error(error)
    if known is not None:
        click.echo(as_given(explain(language, known)), err=True)
        return outcome_of(known).exit_code
    click.echo(translate(language, "fault", fault_id=log_fault(error)), err=True)
    return FAULT.exit_code


def known_error(error: Exception) -> OneMapError | None:
    """The error as one with a sentence of its own; null when it is a bug."""
    if isinstance(error, OneMapError):
        return error
    if isinstance(error, PermissionError) and error.filename:
        return InputError("path_denied", path=error.filename)
    disk_full = isinstance(error, OSError) and error.errno == errno.ENOSPC
    # What is copied in bulk goes past SQLAlchemy, which leaves the driver's errors as they are.
    said = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(said, psycopg2.Error):
        is_lost = (
            error.connection_invalidated
            if isinstance(error, DBAPIError)
            else isinstance(said, psycopg2.OperationalError) and said.pgcode is None
        )
        disk_full = isinstance(said, psycopg2.errors.DiskFull) or (is_lost and _has_no_room())
        if not disk_full and (own := load_settings().database_url):
            return _of_own_server(said, own)
    return ConfigError("disk_full") if disk_full else None


def _of_own_server(said: psycopg2.Error, stated: str) -> ConfigError | None:
    """What a server of the operator's own refuses; null for what is no matter of its setting up."""
    server = make_url(stated).render_as_string(hide_password=True)
    reason = str(said).strip().splitlines()[0] if str(said).strip() else ""
    if isinstance(said, psycopg2.OperationalError) and said.pgcode is None:
        return ConfigError("database.refused", server=server, reason=reason)
    if isinstance(said, psycopg2.errors.InsufficientPrivilege):
        return ConfigError("database.no_right", server=server, reason=reason)
    if "postgis" in reason and isinstance(
        said, (psycopg2.errors.UndefinedFile, psycopg2.errors.FeatureNotSupported)
    ):
        return ConfigError("database.no_postgis", server=server)
    return None


def _has_no_room() -> bool:
    """Whether a server that went away may have had no room for its journal: it then breaks off."""
    folder = load_settings().state_dir
    return folder.is_dir() and shutil.disk_usage(folder).free < LEAST_FREE_BYTES


def _end_on_signal(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)  # so that what was opened is closed, the database among it


def main() -> NoReturn:
    """Entry point of the `onemap` program."""
    signal.signal(signal.SIGTERM, _end_on_signal)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
