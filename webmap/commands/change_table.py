"""The table of what a load would change, as a file people open in a spreadsheet program."""

import csv
import io
from pathlib import Path
from typing import Final

import pandas as pd

from etl.export.layers import defused
from webmap.console import Console

_COLUMNS: Final = ("sheet", "row", "outcome", "code", "name", "header", "field", "old", "new")


def write_changes(console: Console, file: Path, changes: pd.DataFrame, folder: Path) -> None:
    """Write the lines of `etl.difference` to a csv in the operator's language, and say so."""
    text = console.text
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([text(f"changes.column.{name}") for name in _COLUMNS])
    for one in changes.to_dict("records"):
        one["outcome"] = text(f"changes.outcome.{one['outcome']}")
        writer.writerow([defused(one[name]) for name in _COLUMNS])
    path = folder / f"{text('changes.file', file=file.stem)}.csv"
    # With a byte order mark: without it spreadsheet programs take Chinese for another encoding.
    path.write_text("\ufeff" + written.getvalue(), encoding="utf-8", newline="")
    console.say("changes.written", path=path, count=len(changes))
