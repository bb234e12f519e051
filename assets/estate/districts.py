"""The figures of districts: what is told without a place, also to whoever sees no place.

Leaders, and who guides bodies without managing them, have grants that give figures and no rows. The
database adds up for them (`figures.sql`), over what their area and ceiling cover, and takes nothing
from them that could cut a figure finer: no shape, no filter, no day but today.
"""

from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.report import Report, ReportBuilder, ReportColumn, ReportTable
from gis.clock import today
from gis.db import Role, sql_resource
from gis.errors import InputError
from gis.rights.policies import READERS

NAME: Final = "districts"
"""Of the report."""
WHOLE: Final = "*"
"""The code of the row that sums the others."""
_FIGURES: Final = """
SELECT f.*, a.name FROM estate.district_figures() AS f
LEFT JOIN place.admin_area AS a ON a.code = f.district ORDER BY f.district NULLS LAST"""
_UNDISCLOSED: Final = """
SELECT f.district, a.name, f.place_count FROM estate.undisclosed_figures() AS f
JOIN place.admin_area AS a ON a.code = f.district ORDER BY f.district"""
COUNTS: Final = (
    "property_count", "building_count", "room_count", "idle_room_count", "agency_count",
)  # fmt: skip
AREAS: Final = ("gross_area_m2", "land_area_m2", "usable_area_m2", "idle_area_m2")


def functions_ddl() -> str:
    """The functions of the owner's that add up, for the roles that read."""
    readers = ", ".join(role.value for role in (*READERS, Role.LOADER))
    return sql_resource("assets", "estate/figures.sql").replace("{readers}", readers)


def district_figures(conn: Connection) -> list[dict[str, Any]]:
    """Rows by district code, then a row of sums; agencies of several districts count in each.

    The sum of agencies is left out for that reason: it is none.
    """
    rows = [dict(row) for row in conn.execute(text(_FIGURES)).mappings()]
    if len(rows) < 2:
        return rows
    whole: dict[str, Any] = {"district": WHOLE, "name": None, "agency_count": None}
    whole |= {
        name: sum(row[name] for row in rows) for name in (*COUNTS, *AREAS) if name not in whole
    }
    return [*rows, whole]


def undisclosed_figures(conn: Connection) -> list[dict[str, Any]]:
    """Undisclosed places by district, in threes; those of fewer than three are nowhere in it."""
    return [dict(row) for row in conn.execute(text(_UNDISCLOSED)).mappings()]


def _column(name: str, unit: str | None = None) -> ReportColumn:
    return ReportColumn(name, f"estate.districts.{name}", unit)


_COLUMNS: Final = (
    _column("district"),
    _column("name"),
    *(_column(name) for name in COUNTS),
    *(_column(name, "m2") for name in AREAS),
)


_UNDISCLOSED_COLUMNS: Final = (_column("district"), _column("name"), _column("place_count"))


def build_districts(conn: Connection, as_of: date) -> Report:
    """The report.

    Raises:
        InputError: Of another day than today: two days would tell what came between.
    """
    if as_of != today():
        raise InputError("estate.districts.today_only")
    table = ReportTable(
        "figures",
        "estate.districts.figures",
        _COLUMNS,
        district_figures(conn),
        ("district",),
        sum_key=WHOLE,
    )
    notes: list[tuple[str, dict[str, Any]]] = [("estate.districts.note", {})]
    tables = [table]
    # Not even an empty table: that there are some is what three of them say.
    if rows := undisclosed_figures(conn):
        title = "estate.districts.undisclosed"
        tables.append(ReportTable("undisclosed", title, _UNDISCLOSED_COLUMNS, rows, ("district",)))
        notes.append(("estate.districts.undisclosed_note", {}))
    return Report(NAME, "estate.districts.title", as_of, tuple(tables), tuple(notes))


DISTRICTS: Final = ReportBuilder(NAME, "estate.districts.title", build_districts, is_figures=True)
