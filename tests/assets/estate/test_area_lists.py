"""The list behind each figure of a drawn area: as many rows, and the same sum, to the cent."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from makers import make_place
from shapely import MultiPoint, Polygon, box
from shapely.geometry import mapping
from small_city import City, build, square
from sqlalchemy import Connection, insert, text

from assets.domain import AreaAnswer, AreaList, Figure
from assets.estate.area import AREA_FACTS
from gis.db import Database, Role, transaction
from gis.places.actions import refresh_derived, touch
from gis.questions import Asked, asked_area, collect_places, parse_question
from gis.tables import metadata

TODAY = date(2026, 11, 21)
EARLIER = date(2012, 6, 30)
CENT = Decimal("0.01")
EVERY_ROW = 1_000_000
# The first site of the small city and, east of it, one of a mixture of measured and unmeasured.
AROUND_THE_SITES = (119.7495, 31.6495, 119.7565, 31.6525)
AROUND_THE_CITY = (119.7, 31.6, 120.0, 31.7)


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    made = build(make_database("onemap_area_lists"))
    with transaction(made.database.engine(Role.OWNER), None) as conn:
        mixed = _unevenly_measured(conn)
        touch(conn, mixed)
        refresh_derived(conn)
    return made


def _unevenly_measured(conn: Connection) -> list[int]:
    """A site of which some parts have areas, some have none, and one exceeds its whole."""
    common = {"admin_area_code": "320401"}
    site = make_place(conn, "MIX", wkt=square(119.754, 31.650, 0.002),
                      areas={"gross": 2000.05, "usable": 900.01}, **common)  # fmt: skip
    made = [site]
    for at, areas in enumerate(({"gross": 1500.5}, {}, {"gross": 999.99, "usable": 12.34})):
        building = make_place(
            conn, f"MIXB{at}", "building", parent=(site, "site"), areas=areas,
            wkt=square(119.7541 + at * 0.0006, 31.6503, 0.0005),
            valid_from=date(2020, 1, 1) if at == 2 else None, **common,
        )  # fmt: skip
        _kind_row(conn, "building", building, year_built=(1990, 2024, None)[at])
        floor = make_place(conn, f"MIXF{at}", "floor", parent=(building, "building"), **common)
        _kind_row(conn, "floor", floor, level=1, label="1F")
        made += [building, floor]
        for door in range(3):
            room = make_place(
                conn, f"MIXR{at}{door}", "room", parent=(floor, "floor"),
                wkt=square(119.7541 + at * 0.0006 + door * 0.00012, 31.6503, 0.0001),
                areas={"usable": 30.33 + door} if door else {},
                use_status="idle" if (at + door) % 2 else None, **common,
            )  # fmt: skip
            _kind_row(conn, "room", room, number=str(door))
            made.append(room)
    # A block of homes with no site, and homes the register has no further word of.
    block = make_place(conn, "MIXH", "building", wkt=square(119.7562, 31.6503, 0.0002), **common)
    homes = [
        make_place(conn, f"MIXH{at}", "housing_unit", parent=(block, "building"),
                   anchor=(119.75625 + at * 0.00005, 31.65035),
                   areas={"gross": 55.55} if at else {}, **common)
        for at in range(3)
    ]  # fmt: skip
    return [*made, block, *homes]


def _kind_row(conn: Connection, table: str, place_id: int, **values: object) -> None:
    cell = conn.execute(
        text("SELECT rights_cell FROM place.place WHERE place_id = :id"), {"id": place_id}
    ).scalar_one()
    conn.execute(
        insert(metadata.tables[f"place.{table}"]).values(
            place_id=place_id, rights_cell=cell, **values
        )
    )


@pytest.fixture(scope="module", params=["everything", "partial"])
def asking(city: City, request: pytest.FixtureRequest) -> Iterator[Connection]:
    token = getattr(city, request.param)
    with transaction(city.database.engine(Role.WEB), token) as conn:
        yield conn


def within(polygon: Polygon) -> dict[str, Any]:
    return {"within": {"geometry": json.loads(json.dumps(mapping(polygon)))}}


def listed(conn: Connection, name: str, asked: Asked) -> AreaList:
    return AREA_FACTS.lists[name](conn, asked, EVERY_ROW, 0)


def total(found: AreaList, column: str) -> Decimal:
    return sum((Decimal(row[column] or 0) for row in found.rows), Decimal())


def check_every_figure(
    conn: Connection, body: dict[str, Any], as_of: date
) -> dict[str, float | int | None]:
    """Compares each figure of the answer with its list; the figures by name."""
    question = parse_question(body, as_of)
    asked = collect_places(conn, question, asked_area(conn, question))
    figures = AREA_FACTS.answer(conn, asked).figures
    values = {figure.name: figure.value for figure in figures}
    for figure in figures:
        assert figure.list_name is not None, figure.name
        found = listed(conn, figure.list_name, asked)
        assert len(found.rows) == found.total
        assert {name: total(found, name) for name in found.sums} == found.sums
        _check_figure(conn, figure, found, values, asked)
    return values


def _check_figure(
    conn: Connection, figure: Figure, found: AreaList, values: dict[str, Any], asked: Asked
) -> None:
    match figure.name:
        case _ if figure.list_column is not None:
            difference = total(found, figure.list_column) - Decimal(str(figure.value))
            assert abs(difference) < CENT, (figure, difference)
        case name if name.endswith("_count"):
            assert found.total == figure.value, figure
        case name if name.startswith("complete_"):
            whole = values["property_count"]
            expected = round((whole - found.total) / whole, 4) if whole else None
            assert figure.value == expected, figure
        case "building_age":
            years = [row["year_built"] for row in found.rows]
            mean = round(asked.as_of.year - sum(years) / len(years), 1) if years else None
            assert figure.value == mean, figure
        case "vacancy":
            rooms = [row for row in listed(conn, "usable_areas", asked).rows
                     if row["kind"] == "room"]  # fmt: skip
            measured = sum(row["counted_area_m2"] for row in rooms)
            idle = total(found, "counted_area_m2")
            expected = round(float(idle) / float(measured), 4) if measured else None
            assert figure.value == expected, figure
        case _:
            pytest.fail(f"no test says how {figure.name} follows from its list")


THROUGH_A_SITE = box(119.7537, 31.6497, 119.7549, 31.6525)
"""Takes in one building of the mixed site, not its anchor."""
ROOMS_ONLY = box(119.75419, 31.65028, 119.75446, 31.65042)
"""Takes in rooms without their building's anchor."""
NOTHING = box(118.0, 30.0, 118.1, 30.1)


@pytest.mark.parametrize("as_of", [TODAY, EARLIER])
@pytest.mark.parametrize(
    "body",
    [
        {"within": {}},
        {"within": {"admin_area": "320401"}},
        {"within": {"admin_area": "320401"}, "invert": True},
        {"within": {"point": [119.755, 31.651], "radius_m": 60}},
        within(THROUGH_A_SITE),
        within(ROOMS_ONLY),
        within(NOTHING),
    ],
    ids=["everything", "district", "outside", "radius", "through a site", "rooms", "nothing"],
)
def test_each_figure_is_what_its_list_says(
    asking: Connection, body: dict[str, Any], as_of: date
) -> None:
    check_every_figure(asking, body, as_of)


@pytest.mark.parametrize("as_of", [TODAY, EARLIER])
def test_everything_is_what_a_polygon_around_everything_holds(
    asking: Connection, as_of: date
) -> None:
    def answer(body: dict[str, Any]) -> tuple[AreaAnswer, dict[str, AreaList]]:
        question = parse_question(body, as_of)
        asked = collect_places(asking, question, asked_area(asking, question))
        assert asked.is_everything == (body == {"within": {}})
        lists = {name: read(asking, asked, EVERY_ROW, 0) for name, read in AREA_FACTS.lists.items()}
        return AREA_FACTS.answer(asking, asked), lists

    whole = answer({"within": {}})
    assert whole == answer(within(box(119, 31, 121, 32)))
    assert whole[0].figures[0].value


def test_the_polygons_of_the_test_cut_as_they_should(city: City) -> None:
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        through = check_every_figure(conn, within(THROUGH_A_SITE), TODAY)
        assert (through["property_count"], through["building_count"]) == (0, 1)
        assert through["gross_area"] == 1500.5
        rooms = check_every_figure(conn, within(ROOMS_ONLY), TODAY)
        assert (rooms["building_count"], rooms["room_count"]) == (0, 2)
        assert rooms["usable_area"] == 31.33 + 32.33
        everything = check_every_figure(conn, {"within": {}}, TODAY)
        assert everything["gross_area"] == 3000 + 3001 + 3002 + 2000.05 + 2 * 55.55
        # The site's 900.01 is the whole; what its rooms have is part of it.
        assert everything["usable_area"] == 4 * (20 + 21 + 22) + 900.01


@st.composite
def polygons(draw: st.DrawFn) -> Polygon:
    """Convex shapes of every size, near the sites and over the city."""
    west, south, east, north = draw(st.sampled_from([AROUND_THE_SITES, AROUND_THE_CITY]))
    corner = st.tuples(st.floats(west, east), st.floats(south, north))
    hull = MultiPoint(draw(st.lists(corner, min_size=3, max_size=7))).convex_hull
    return (
        hull if hull.geom_type == "Polygon" and hull.area > 1e-12 else box(west, south, east, north)
    )


@settings(max_examples=20)
@given(polygon=polygons(), as_of=st.sampled_from([TODAY, EARLIER]))
def test_each_figure_is_what_its_list_says_whatever_is_drawn(
    asking: Connection, polygon: Polygon, as_of: date
) -> None:
    check_every_figure(asking, within(polygon), as_of)


def test_the_pages_of_a_list_make_the_list(asking: Connection) -> None:
    question = parse_question({"within": {}}, TODAY)
    asked = collect_places(asking, question, asked_area(asking, question))
    for name, read in AREA_FACTS.lists.items():
        whole = read(asking, asked, EVERY_ROW, 0)
        pages = [read(asking, asked, 4, offset) for offset in range(0, whole.total + 4, 4)]
        assert [row for page in pages for row in page.rows] == list(whole.rows), name
        # The last page lies past the end, and still says how many there are.
        assert {page.total for page in pages} == {whole.total}
        assert all(page.sums == whole.sums for page in pages)
