"""`onemap service`: unit files for systemd, made for this installation."""

import getpass
from importlib import resources
from pathlib import Path
from typing import Final
from urllib.parse import quote

import click

import webmap
from gis.errors import InputError
from gis.settings import Settings
from webmap.console import Console, json_option, pass_console

UNITS: Final = (
    "onemap-database.service",
    "onemap.service",
    "onemap-backup.service",
    "onemap-backup.timer",
)


@click.command("service", help="help.service")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@json_option
@pass_console
def command(console: Console, folder: Path, *, as_json: bool) -> None:
    written = write_units(folder, console.settings, account=getpass.getuser())
    console.answer(
        {"files": [str(path) for path in written]},
        as_json=as_json,
        lines=[console.text("service.written", path=folder)],
    )


def write_units(folder: Path, settings: Settings, *, account: str) -> list[Path]:
    """Write the units into a folder, from where an administrator copies them.

    Args:
        folder: Made when missing; files that are there already are not written over.
        settings: Name the state folder.
        account: Runs them.

    Raises:
        InputError: One of the files exists.
    """
    root = Path(webmap.__path__[0]).parent
    current = root.parent.with_name("current")
    # A release is started by the link that an upgrade moves on.
    if (current / root.name / "onemap").exists():
        root = current / root.name
    said = {
        "@CONFINED@": _template("confined.conf").rstrip("\n"),
        "@ACCOUNT@": account,
        "@STATE@": _in_quotes(settings.state_dir),
        "@ONEMAP@": _in_quotes(root / "onemap"),
        "@ROOT@": quote(str(root)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name in UNITS:
        if (folder / name).exists():
            raise InputError("service.exists", path=folder / name)
    written = []
    for name in UNITS:
        unit = _template(name)
        for mark, value in said.items():
            # A percent sign is systemd's own.
            unit = unit.replace(mark, value if mark == "@CONFINED@" else value.replace("%", "%%"))
        (folder / name).write_text(unit, encoding="utf-8")
        written.append(folder / name)
    return written


def _in_quotes(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _template(name: str) -> str:
    return resources.files("webmap").joinpath(f"service/{name}").read_text(encoding="utf-8")
