"""Questions about twenty cities in one register: all forms, today and on earlier days.

The hand-written SQL takes seconds a time at that size, so it is asked a few times only.
"""

import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import text

from bench.area_asking import IN_BOX, ask, bare, p95, polygon, refuse_other_answer, seconds
from bench.result import Context, Figures
from gis.clock import today
from gis.db import Database, Role
from webmap.database import open_operator_session

ROUNDS: Final = 40
SQL_ROUNDS: Final = 3
WARM_UP: Final = 3
_PAST: Final = {"yesterday": 1, "year_ago": 365, "ten_years_ago": 3650}
_TODAY: Final = ("summary", "polygon", "touching", "district", "undrawn_district")
NAMES: Final = (
    *_TODAY,
    *(f"{form}_{name}" for name in _PAST for form in ("summary", "polygon")),
    "touching_year_ago",
)
"""What is asked; each has a percentile and its ratio to the SQL."""
_OVER: Final = "ST_Intersects(ST_SetSRID(ST_GeomFromGeoJSON(:shape), 4490), {0})"
# Not of what is there of the two: that no index knows, and it goes through millions of outlines.
_TOUCHED: Final = (
    f" AND ({_OVER.format('p.geom')} OR p.geom IS NULL AND {_OVER.format('p.anchor')})"
)
_OF_CODE: Final = " AND p.admin_area_code = :code"
_DISTRICTS: Final = """
SELECT code, ST_AsGeoJSON(geom, 15)::jsonb AS shape
FROM place.admin_area AS a WHERE level = 'district'
  AND EXISTS (SELECT FROM place.place AS p WHERE p.admin_area_code = a.code) ORDER BY code"""


@dataclass(frozen=True)
class Form:
    """A form of question, and the condition by which SQL finds the same places.

    Args:
        ask: Body of the next question, and the values of its condition.
        located: Condition on places `p`, beside being there on the day.
        days_ago: Of the day asked about.
    """

    ask: Callable[[], tuple[dict[str, Any], dict[str, Any]]]
    located: str = ""
    days_ago: int = 0
    spent_ms: list[float] = field(default_factory=list)
    sql_ms: list[float] = field(default_factory=list)

    @property
    def day(self) -> date:
        """The day asked about."""
        return today() - timedelta(days=self.days_ago)


def measure_large(database: Database, port: int, context: Context) -> Figures:
    """The figures of each form, over HTTP and by SQL, in turns."""
    token = open_operator_session(database)
    forms = _forms(database)
    refuse_other_answer(ask(port, token, {"within": {}}), bare(database, token, today()))
    for turn in range(-WARM_UP, ROUNDS):
        for name, form in forms.items():
            body, values = form.ask()
            body = {**body, "as_of": form.day.isoformat()}
            took = seconds(partial(ask, port, token, body))
            if turn >= 0:
                form.spent_ms.append(took * 1000)
            if 0 <= turn < SQL_ROUNDS:
                act = partial(bare, database, token, form.day, form.located, values)
                form.sql_ms.append(seconds(act) * 1000)
                context.say(
                    "bench.round_ms", name=f"area {name}", ours=round(form.spent_ms[-1]),
                    theirs=round(form.sql_ms[-1]),
                )  # fmt: skip
    return Figures(
        {
            **{f"{name}_p95_ms": round(p95(form.spent_ms)) for name, form in forms.items()},
            **{
                f"{name}_p95_vs_sql": round(p95(form.spent_ms) / statistics.median(form.sql_ms), 2)
                for name, form in forms.items()
            },
        },
        {
            name: f"median {statistics.median(form.spent_ms):.0f}, p95 {p95(form.spent_ms):.0f} ms;"
            f" SQL median {statistics.median(form.sql_ms):.0f} ms"
            for name, form in forms.items()
        },
    )


def _forms(database: Database) -> dict[str, Form]:
    with database.engine(Role.OWNER).begin() as conn:
        shapes = {row.code: row.shape for row in conn.execute(text(_DISTRICTS))}
        # The same one however often a register is asked: always the last, drawn or not.
        undrawn = max(shapes)
        # The database is the benchmark's own, and every district of the sample has a boundary.
        conn.execute(
            text("UPDATE place.admin_area SET geom = NULL WHERE code = :code"), {"code": undrawn}
        )
    drawn = {code: shape for code, shape in shapes.items() if code != undrawn}
    if None in drawn.values():
        raise AssertionError("a district has no boundary, and did not lose it to this benchmark")
    dice = random.Random(320400)

    def everything() -> tuple[dict[str, Any], dict[str, Any]]:
        return {"within": {}}, {}

    def box(*, is_touching: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
        body = polygon(dice)
        return {**body, "touching": is_touching}, {"shape": body["within"]["geometry"]}

    def district() -> tuple[dict[str, Any], dict[str, Any]]:
        code = dice.choice([*drawn])
        # The outline itself: with one still to be looked up, a plan is made that takes minutes.
        return {"within": {"admin_area": code}}, {"shape": drawn[code]}

    def undrawn_district() -> tuple[dict[str, Any], dict[str, Any]]:
        return {"within": {"admin_area": undrawn}}, {"code": undrawn}

    touching = partial(box, is_touching=True)
    forms = {
        "summary": Form(everything),
        "polygon": Form(box, IN_BOX),
        "touching": Form(touching, _TOUCHED),
        "district": Form(district, IN_BOX),
        "undrawn_district": Form(undrawn_district, _OF_CODE),
    }
    for name, days in _PAST.items():
        forms[f"summary_{name}"] = Form(everything, days_ago=days)
        forms[f"polygon_{name}"] = Form(box, IN_BOX, days_ago=days)
    forms["touching_year_ago"] = Form(touching, _TOUCHED, days_ago=365)
    return forms
