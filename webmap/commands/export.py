"""`onemap export LAYER`: a layer as a file, as the operator sees it."""

from datetime import datetime
from pathlib import Path

import click

from etl.export.layers import FORMATS, Export, export_layer, layer_named
from gis.audit.accesses import AccessKind, note_access
from gis.clock import today
from gis.db import Role, transaction
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database
from webmap.results import result_folder
from webmap.static_files import vendor_dir


@click.command("export", help="help.export")
@click.argument("layer")
@click.option(
    "--format", "file_format", type=click.Choice(FORMATS), default="gpkg", help="help.export.format"
)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="help.report.as_of")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="help.report.out",
)
@json_option
@pass_console
def command(
    console: Console,
    layer: str,
    *,
    file_format: str,
    as_of: datetime | None,
    out: Path,
    as_json: bool,
) -> None:
    """Writes one file into a folder."""
    chosen = layer_named(layer)
    folder = result_folder(out)
    day = as_of.date() if as_of else today()
    export = Export(
        chosen,
        day,
        file_format,
        console.settings.language,
        libraries=vendor_dir(console.settings) / "leaflet",
    )
    database = prepared_database(console)
    token = open_operator_session(database)
    console.say("progress.export", title=console.text(chosen.title_key), file=export.file_name)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        path, count = export_layer(conn, export, folder)
        note_access(conn, AccessKind.EXPORT, layer, as_of=day, format=file_format, places=count)
    console.answer(
        {"layer": layer, "as_of": day.isoformat(), "file": str(path), "places": count},
        as_json=as_json,
        lines=[console.text("export.written", path=path, count=count)],
    )
