"""`onemap plan`: a floor plan judged, placed, compared with the register, and loaded."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click

from etl.plans.checking import Asked, Checked, check_plan
from etl.plans.drawing import read_drawing
from etl.plans.loading import load_plan
from etl.plans.model import UNITS_M, Layers
from etl.plans.placement import Control
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.errors import InputError
from webmap.commands.plan_lines import plan_lines, plan_values
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database

_NUMBER: Final = r"\s*(-?\d+(?:\.\d+)?)\s*"
_CONTROL: Final = re.compile(f"{_NUMBER},{_NUMBER}={_NUMBER},{_NUMBER}")
_TURNS: Final = click.IntRange(0, 359)
_OPTIONS: Final = (
    click.option("--building", required=True, help="help.plan.building"),
    click.option("--floor", "level", required=True, type=int, help="help.plan.floor"),
    click.option("--rooms", multiple=True, help="help.plan.rooms"),
    click.option("--numbers", multiple=True, help="help.plan.numbers"),
    click.option("--outline", multiple=True, help="help.plan.outline"),
    click.option("--unit", type=click.Choice(tuple(UNITS_M)), help="help.plan.unit"),
    click.option("--close", "close_m", type=click.FloatRange(0, 1), default=0.0,
                 help="help.plan.close"),
    click.option("--control", "controls", multiple=True, help="help.plan.control"),
    click.option("--turn", type=_TURNS, help="help.plan.turn"),
    click.option("--crs", help="help.plan.crs"),
)  # fmt: skip


@click.group("plan", help="help.plan")
def command() -> None:
    """Floor plans."""


def _asking(function: Any) -> Any:
    """What both commands are told of a plan, as `asked` and `file`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return click.argument("file", type=click.Path(path_type=Path, dir_okay=False))(function)


@command.command("check", help="help.plan.check")
@_asking
@json_option
@pass_console
def check(console: Console, /, file: Path, *, as_json: bool, **told: Any) -> None:
    database = prepared_database(console)
    checked = _checked(database, open_operator_session(database), file, _asked(**told), today())
    console.answer(plan_values(checked), as_json=as_json, lines=plan_lines(console, checked))


@command.command("load", help="help.plan.load")
@_asking
@click.option("--accept", "accepts", is_flag=True, help="help.plan.accept")
@click.option("--new-rooms", "with_new", is_flag=True, help="help.plan.new_rooms")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="help.plan.as_of")
@json_option
@pass_console
def load(
    console: Console,
    /,
    file: Path,
    *,
    accepts: bool,
    with_new: bool,
    as_of: datetime | None,
    as_json: bool,
    **told: Any,
) -> None:
    database = prepared_database(console)
    token = open_operator_session(database)
    day = as_of.date() if as_of else None
    checked = _checked(database, token, file, _asked(**told), day or today())
    result = load_plan(
        database, checked, token=token, accepts=accepts, with_new=with_new, as_of=day
    )
    values = {**plan_values(checked), **result.as_json()}
    lines = [*plan_lines(console, checked), console.text("load.result", **result.as_json())]
    console.answer(values, as_json=as_json, lines=lines)


def _checked(database: Database, token: str, file: Path, asked: Asked, day: date) -> Checked:
    drawing = read_drawing(file)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        return check_plan(conn, drawing, asked, day)


def _asked(
    *,
    building: str,
    level: int,
    rooms: Sequence[str],
    numbers: Sequence[str],
    outline: Sequence[str],
    unit: str | None,
    close_m: float,
    controls: Sequence[str],
    turn: int | None,
    crs: str | None,
) -> Asked:
    return Asked(
        building=building,
        level=level,
        layers=Layers(tuple(rooms), tuple(numbers), tuple(outline)),
        unit=unit,
        close_m=close_m,
        controls=tuple(_control(one) for one in controls),
        turn=turn,
        crs=crs,
    )


def _control(said: str) -> Control:
    """A control point, written `X,Y=LONGITUDE,LATITUDE`.

    Raises:
        InputError: It is written otherwise, or is no place on earth.
    """
    found = _CONTROL.fullmatch(said)
    if found is None:
        raise InputError("plan.bad_control", said=said)
    x, y, longitude, latitude = (float(one) for one in found.groups())
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise InputError("plan.bad_control", said=said)
    return Control(x, y, longitude, latitude)
