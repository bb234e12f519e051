"""`onemap admin-areas load`: official boundaries, or a table of codes."""

from pathlib import Path

import click

from assets.estate.actions import settle_projects
from etl.admin_areas import save_areas, unlisted_formers
from etl.area_files import areas_from_file
from gis.db import Role, transaction
from gis.places.districts import settle_districts, undecided_districts
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
        # Also where nothing changed: a day that a former table named may have come.
        moved = settle_districts(conn)
        settle_projects(conn)
        undecided = undecided_districts(conn)
        unlisted = unlisted_formers(conn, areas)
    lines = [console.text("admin_areas.loaded", count=len(areas), changed=changed)]
    if moved:
        lines.append(console.text("admin_areas.moved", count=moved))
    lines += [
        console.text("admin_areas.undecided", count=one.place_count, area=f"{one.name} {one.code}",
                     successors=", ".join(one.heirs)) for one in undecided
    ]  # fmt: skip
    if unlisted:
        lines.append(console.text("admin_areas.unlisted_formers", areas=", ".join(unlisted)))
    left = sum(one.place_count for one in undecided)
    console.answer(
        {
            "areas": len(areas),
            "changed": changed,
            "places_moved": moved,
            "places_left": left,
            "formers_unlisted": unlisted,
        },
        as_json=as_json,
        lines=lines,
    )
