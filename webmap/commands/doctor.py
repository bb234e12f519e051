"""`onemap doctor`: versions, state, sizes, and what is wrong with what to do about it."""

import platform
import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gis.cluster import cluster_of
from gis.database import open_database
from gis.db import Database
from gis.errors import OneMapError
from gis.i18n import explain
from gis.migrate import is_leakproof
from webmap.console import Console, json_option, pass_console
from webmap.database import is_current
from webmap.nightly import last_night
from webmap.version import onemap_version

_LITTLE_DISK_BYTES = 2 * 1024**3


@click.command("doctor", help="help.doctor")
@json_option
@pass_console
@click.pass_context
def command(context: click.Context, console: Console, *, as_json: bool) -> None:
    """Looks without changing anything but starting the database; exit 1 when something is wrong.

    What is slower than it might be, and no mistake, is a note.
    """
    problems: list[str] = []
    notes: list[str] = []
    found: dict[str, Any] = {
        "versions": {
            "onemap": onemap_version(),
            "python": platform.python_version(),
            "system": platform.platform(),
        },
        "state": _state(console, problems),
        "database": _database(console, problems, notes),
        "nightly_backup": _nightly_backup(console, problems, notes),
        "scanner": _scanner(console, problems, notes),
        "notes": notes,
        "problems": problems,
    }
    console.answer(found, as_json=as_json, lines=_lines(console, found))
    context.exit(1 if problems else 0)


def _state(console: Console, problems: list[str]) -> dict[str, Any]:
    settings = console.settings
    free = shutil.disk_usage(settings.state_dir).free
    if free < _LITTLE_DISK_BYTES:
        problems.append(
            console.text("doctor.little_disk", path=settings.state_dir, free_mb=free // 1024**2)
        )
    return {
        "directory": str(settings.state_dir),
        "log": str(settings.log_path),
        "free_bytes": free,
    }


def _database(console: Console, problems: list[str], notes: list[str]) -> dict[str, Any]:
    settings = console.settings
    found: dict[str, Any] = {"place": "server" if settings.database_url else "private"}
    try:
        if not settings.database_url:
            state = cluster_of(settings).status()
            found |= {"size_bytes": state.size_bytes, "was_running": state.is_running}
        database = open_database(settings)
        found |= _versions(database)
        if found["postgis"] != found["postgis_on_offer"]:
            notes.append(
                console.text(
                    "doctor.postgis_behind",
                    used=found["postgis"] or "–",
                    offered=found["postgis_on_offer"] or "–",
                )
            )
        found["is_current"] = is_current(database)
        if not found["is_current"]:
            problems.append(console.text("doctor.not_migrated"))
        elif not is_leakproof(database.admin()):
            notes.append(console.text("doctor.not_leakproof"))
    except OneMapError as error:
        problems.append(explain(settings.language, error))
    except SQLAlchemyError as error:
        problems.append(console.text("doctor.unreachable", reason=str(error).splitlines()[0]))
    return found


def _scanner(console: Console, problems: list[str], notes: list[str]) -> str | None:
    """The program that looks for malware in attachments; null: none."""
    command = console.settings.scan_command
    if not command:
        notes.append(console.text("doctor.no_scanner"))
        return None
    found = shutil.which(command[0])
    if found is None:
        problems.append(console.text("doctor.scanner_missing", command=command[0]))
    return found


def _versions(database: Database) -> dict[str, Any]:
    with database.admin().connect() as conn:
        postgis = conn.execute(
            text(
                "SELECT installed_version, default_version FROM pg_available_extensions"
                " WHERE name = 'postgis'"
            )
        ).one_or_none()
        return {
            "postgresql": conn.execute(text("SHOW server_version")).scalar_one(),
            "postgis": postgis and postgis.installed_version,
            "postgis_on_offer": postgis and postgis.default_version,
            "sizes_bytes": {
                row.datname: row.size
                for row in conn.execute(
                    text(
                        "SELECT datname, pg_database_size(datname) AS size FROM pg_database"
                        " WHERE datname LIKE 'onemap%' ORDER BY datname"
                    )
                )
            },
        }


def _nightly_backup(
    console: Console, problems: list[str], notes: list[str]
) -> dict[str, Any] | None:
    night = last_night(console.settings)
    if night is None:
        if not console.settings.database_url:
            notes.append(console.text("doctor.no_nightly_backup"))
        return None
    if not night.is_good:
        problems.append(console.text("doctor.backup_failed", reason=night.reason))
    elif night.is_late(datetime.now(UTC)):
        problems.append(console.text("doctor.backup_late", since=night.good_at))
    return asdict(night)


def _lines(console: Console, found: dict[str, Any]) -> list[str]:
    database, state = found["database"], found["state"]
    lines = [
        "onemap {onemap} · Python {python} · {system}".format(**found["versions"]),
        console.text(
            "doctor.state",
            path=state["directory"],
            free_gb=f"{state['free_bytes'] / 1024**3:.1f}",
            log=state["log"],
        ),
    ]
    if "postgresql" in database:
        lines.append(f"PostgreSQL {database['postgresql']} · PostGIS {database['postgis']}")
    for name, size in database.get("sizes_bytes", {}).items():
        lines.append(console.text("doctor.size", name=name, size_mb=f"{size / 1024**2:.0f}"))
    lines += found["notes"]
    if not found["problems"]:
        lines.append(console.text("doctor.well"))
    lines += [console.text("doctor.problem", problem=problem) for problem in found["problems"]]
    return lines
