"""Outlines of a plan's rooms into the register: a load like any other, to be taken back."""

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from etl.confined.formats import Format
from etl.load import load_prepared
from etl.options import LoadOptions, packs_and_contracts
from etl.pack import load_pack
from etl.plans.checking import Checked, RoomLine
from etl.prepare import Prepared, prepare
from etl.read.source import Layer, Source
from etl.record import LoadResult
from gis.crs import STORAGE_SRID
from gis.db import Database
from gis.errors import InputError

_CONTRACT: Final = "room"
_LAYER: Final = "房间"
_FIELDS: Final = ("code", "floor_code", "building_code", "room_no")


def loaded_lines(checked: Checked, *, with_new: bool) -> list[RoomLine]:
    """The rooms that a load sets: sound ones, of the register or, if asked, new to it."""
    is_new_possible = with_new and checked.floor.code is not None
    return [
        line for line in checked.lines
        if line.is_sound and line.number and (line.known is not None or is_new_possible)
    ]  # fmt: skip


def load_plan(
    database: Database,
    checked: Checked,
    *,
    token: str | None,
    accepts: bool,
    with_new: bool,
    as_of: date | None,
    job_id: int | None = None,
) -> LoadResult:
    """Set the outlines of the rooms of a plan.

    Args:
        database: Where.
        checked: The plan.
        token: The session in whose name.
        accepts: Whether the sound rooms are set though findings keep others out.
        with_new: Whether rooms that the register has not are made.
        as_of: The day from which the outlines hold; null corrects those of today.
        job_id: The job it belongs to; null for the command line.

    Raises:
        InputError: There are findings that nobody accepted, or nothing is left to load.
        Forbidden: The account may not write some of the rooms; nothing changed.
    """
    kept_out = len(checked.plan.unsound)
    if kept_out and not accepts:
        raise InputError("plan.findings_stop", count=kept_out)
    lines = loaded_lines(checked, with_new=with_new)
    if not lines:
        raise InputError("plan.nothing_to_load", code=checked.floor.building_code)
    prepared = _prepared(checked, lines)
    options = LoadOptions(profile=_CONTRACT, as_of=as_of)
    return load_prepared(database, prepared, token=token, options=options, job_id=job_id)


def _prepared(checked: Checked, lines: list[RoomLine]) -> Prepared:
    packs, contracts = packs_and_contracts(_CONTRACT)
    pack = load_pack(packs)
    rows = [_row(checked, line) for line in lines]
    words = [pack.word_of(_CONTRACT, field) for field in _FIELDS]
    shapes = [
        checked.placement.in_degrees(checked.plan.rooms[line.position].outline) for line in lines
    ]
    layer = Layer(
        _LAYER,
        pd.DataFrame(rows, columns=words, dtype=object),
        np.array(shapely.to_wkb(np.array(shapes, dtype=object)), dtype=object),
        f"EPSG:{STORAGE_SRID}",
    )
    source = Source(checked.drawing.file, checked.drawing.sha256, Format.DXF, layers=(layer,))
    return prepare(source, contracts, pack, datum=None)


def _row(checked: Checked, line: RoomLine) -> tuple[Any, ...]:
    known = line.known
    if known is None:
        return None, checked.floor.code, None, line.number
    is_floor = known.parent_kind == "floor"
    return (
        known.code,
        known.parent_code if is_floor else None,
        None if is_floor else known.parent_code,
        known.number,
    )
