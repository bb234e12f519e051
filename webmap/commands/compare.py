"""`onemap compare FILE FILE ...`: what became of a list without keys, state by state."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from etl.compare import Difference, Listed, difference, listed
from etl.export.differences import difference_workbook
from etl.read import read_source
from gis.errors import InputError
from webmap.console import Console, json_option, pass_console
from webmap.results import result_folder


@click.command("compare", help="help.compare")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE FILE...",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="help.compare.out")
@json_option
@pass_console
def command(console: Console, files: tuple[Path, ...], *, out: Path | None, as_json: bool) -> None:
    """Compare each state of a list with the one before; nothing is loaded."""
    if len(files) < 2:
        raise InputError("compare.one_file")
    folder = None if out is None else result_folder(out)
    states = []
    for path in files:
        console.say("load.step.read", what=path.name)
        states.append((path, listed(read_source(path))))
    steps, lines = [], []
    for (old, before), (new, after) in pairwise(states):
        found = difference(before, after)
        made = _counts(before, after, found)
        names = {"before": old.name, "after": new.name}
        lines.append(console.text("compare.step", **names, **made))
        lines += [console.text("compare.not_paired")] if not found.is_paired else []
        if folder is not None:
            path = folder / f"{old.stem}-{new.stem}.xlsx"
            language = console.settings.language
            path.write_bytes(difference_workbook(before, after, found, language))
            made = {**made, "out": str(path)}
            lines.append(console.text("report.written", path=path))
        steps.append({**names, **made})
    console.answer({"steps": steps}, as_json=as_json, lines=lines)


def _counts(before: Listed, after: Listed, found: Difference) -> dict[str, Any]:
    return {
        "rows_before": len(before.lines),
        "rows_after": len(after.lines),
        "unchanged": found.unchanged,
        "changed": len(found.changed),
        "added": len(found.added),
        "removed": len(found.removed),
        "lost_columns": list(found.lost_columns),
        "new_columns": list(found.new_columns),
    }
