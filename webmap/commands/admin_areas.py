"""`onemap admin-areas load`: official boundaries, or a table of codes."""

from pathlib import Path

import click

from etl.admin_areas import save_areas
from etl.area_files import areas_from_file
from gis.db import Role, transaction
from gis.places.districts import settle_districts
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database


@click.group("admin-areas", help="help.admin_areas")
def command() -> None:
    """The group itself does nothing."""


@command.command("load", help="help.admin_areas.load")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--source", help="help.admin_areas.source")
@click.option("--within", help="help.admin_areas.within")
@json_option
@pass_console
def load(
    console: Console, file: Path, source: str | None, within: str | None, *, as_json: bool
) -> None:
    areas = areas_from_file(file, source=source or file.name, within=within)
    database = prepared_database(console)
    token = open_operator_session(database)
    with transaction(database.engine(Role.LOADER), token) as conn:
        console.say("admin_areas.saving", count=len(areas))
        changed = save_areas(conn, areas)
        moved = settle_districts(conn) if changed else 0
    lines = [console.text("admin_areas.loaded", count=len(areas), changed=changed)]
    if moved:
        lines.append(console.text("admin_areas.moved", count=moved))
    console.answer(
        {"areas": len(areas), "changed": changed, "places_moved": moved},
        as_json=as_json,
        lines=lines,
    )
