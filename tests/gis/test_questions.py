"""Polygons that tile the city sum to the city, whatever the tiling, whatever the edges hit."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from makers import make_place
from shapely import MultiPoint, box, intersection, voronoi_polygons
from shapely.geometry import mapping
from small_city import City, build
from sqlalchemy import Connection, text

from gis.db import Database, Role, transaction
from gis.errors import InputError, NotFound
from gis.places.actions import refresh_derived, touch
from gis.places.counted import counted_areas
from gis.questions import MAX_POINTS, asked_area, collect_places, parse_question

TODAY = date(2026, 11, 21)
CITY_BOX = (119.7, 31.6, 120.0, 31.7)


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    """The small city, and places whose anchors lie exactly on the lines tilings like to use."""
    made = build(make_database("onemap_questions"))
    with transaction(made.database.engine(Role.OWNER), None) as conn:
        spots = [
            make_place(
                conn,
                f"EDGE{column}.{row}",
                anchor=(119.7 + column * 0.025, 31.6 + row * 0.0125),
                areas={"gross": 100 + column + row / 100},
                admin_area_code="320401",
            )
            for column in range(1, 12)
            for row in range(1, 8)
        ]
        touch(conn, spots)
        refresh_derived(conn)
    return made


@pytest.fixture(scope="module")
def asking(city: City) -> Iterator[Connection]:
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        yield conn


def figures(conn: Connection, body: dict[str, Any], as_of: date = TODAY) -> tuple[int, Decimal]:
    """Places of the answer, and their gross area."""
    question = parse_question(body, as_of)
    collect_places(conn, question, asked_area(conn, question))
    counted = counted_areas(conn, as_of)
    row = conn.execute(
        text(
            "SELECT count(DISTINCT a.place_id), coalesce(sum(c.net_area_m2), 0)"
            f" FROM pg_temp.asked_place AS a LEFT JOIN {counted} AS c"
            " ON c.place_id = a.place_id AND c.area_kind = 'gross'"
        )
    ).one()
    return row[0], row[1]


def shape_of(polygon: Any) -> dict[str, Any]:
    return {"within": {"geometry": json.loads(json.dumps(mapping(polygon)))}}


def total_over(conn: Connection, tiling: list[Any]) -> tuple[int, Decimal]:
    parts = [figures(conn, shape_of(polygon)) for polygon in tiling]
    return sum(places for places, _ in parts), sum((area for _, area in parts), Decimal())


def whole(conn: Connection) -> tuple[int, Decimal]:
    return figures(conn, shape_of(box(119.6, 31.5, 120.1, 31.8)))


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (3, 2), (12, 8), (24, 3)])
def test_a_grid_through_anchors_sums_to_the_city(
    asking: Connection, columns: int, rows: int
) -> None:
    west, south, east, north = CITY_BOX
    xs = [west + (east - west) * at / columns for at in range(columns + 1)]
    ys = [south + (north - south) * at / rows for at in range(rows + 1)]
    # Edges stand where anchors stand, to the last digit.
    xs = [round(x, 10) for x in xs]
    ys = [round(y, 10) for y in ys]
    tiling = [
        box(xs[column], ys[row], xs[column + 1], ys[row + 1])
        for column in range(columns)
        for row in range(rows)
    ]
    assert total_over(asking, tiling) == whole(asking)


@settings(
    max_examples=15,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 12).map(lambda n: 119.7 + n * 0.025),
            st.integers(0, 8).map(lambda n: 31.6 + n * 0.0125),
        ),
        min_size=2,
        max_size=9,
        unique=True,
    )
)
def test_voronoi_cells_between_anchors_sum_to_the_city(
    asking: Connection, seeds: list[tuple[float, float]]
) -> None:
    # Seeds on the grid of the anchors: many anchors lie exactly between two or four cells.
    around = box(119.6, 31.5, 120.1, 31.8)
    cells = [
        cell
        for cell in (
            intersection(one, around)
            for one in voronoi_polygons(MultiPoint(seeds), extend_to=around).geoms
        )
        if cell.area > 0
    ]
    assert total_over(asking, cells) == whole(asking)


def test_inside_and_outside_sum_to_all_located(asking: Connection) -> None:
    area = {"admin_area": "320402"}
    inside = figures(asking, {"within": area})
    outside = figures(asking, {"within": area, "invert": True})
    everything = figures(asking, {"within": {}})
    assert inside[0] + outside[0] == everything[0]
    assert inside[1] + outside[1] == everything[1]
    assert inside[0] > 0


def test_districts_sum_to_the_city_they_make(asking: Connection) -> None:
    parts = [figures(asking, {"within": {"admin_area": code}}) for code in
             ("320401", "320402", "320403")]  # fmt: skip
    # The city has no boundary of its own: it is its districts together.
    assert figures(asking, {"within": {"admin_area": "320400"}}) == (
        sum(places for places, _ in parts),
        sum(area for _, area in parts),
    )


def test_a_radius_is_in_metres(asking: Connection) -> None:
    near = {"point": [119.725, 31.6125], "radius_m": 50}
    assert figures(asking, {"within": near})[0] == 1
    # The next anchor stands 2,367 m east.
    assert (
        figures(asking, {"within": {**near, "radius_m": 2360}})[0]
        < figures(asking, {"within": {**near, "radius_m": 2380}})[0]
    )


def test_a_buffer_widens_a_place(asking: Connection, city: City) -> None:
    site = {"place_id": city.ids["site 0"]}
    own = figures(asking, {"within": site})
    # Site, two buildings, four rooms; the floors have no point of their own.
    assert own[0] == 7
    assert figures(asking, {"within": site, "buffer_m": 3000})[0] > own[0]


def test_a_wing_built_since_takes_nothing_off_its_site(city: City) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        site = make_place(conn, "WINGED", anchor=(118.5, 31.0), areas={"gross": 1000})
        wing = make_place(
            conn, "WING", "building", parent=(site, "site"), anchor=(118.5, 31.0),
            areas={"gross": 400}, valid_from=date(2020, 1, 1),
        )  # fmt: skip
        touch(conn, [site, wing])
        refresh_derived(conn)
    around = {"within": {"point": [118.5, 31.0], "radius_m": 10}}
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        assert figures(conn, around) == (2, Decimal(1000))
        assert figures(conn, around, date(2010, 1, 1)) == (1, Decimal(1000))


def ring(points: int) -> dict[str, Any]:
    corners = [[119 + at / points, 31.0] for at in range(points - 2)] + [[120.0, 32.0]]
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


@pytest.mark.parametrize(
    ("within", "key"),
    [
        ({"geometry": ring(MAX_POINTS + 1)}, "question.too_many_points"),
        ({"geometry": ring(1_000_000)}, "question.too_many_points"),
        ({"geometry": {"type": "Point", "coordinates": [1, 2]}}, "question.geometry"),
        ({"geometry": {"type": "Polygon", "coordinates": []}}, "question.geometry"),
        ({"geometry": {"type": "Polygon", "coordinates": [[1, 2, 3, 4]]}}, "question.position"),
        ({"geometry": {"type": "MultiPolygon", "coordinates": [[]]}}, "question.geometry"),
        (
            {"geometry": {"type": "Polygon", "coordinates": [[[1, 2], [2, 3], [3, 1], [5, 5]]]}},
            "question.open_ring",
        ),
        (
            {"geometry": {"type": "Polygon", "coordinates": [[[1e9, 2], [2, 3], [3, 1], [1, 2]]]}},
            "question.position",
        ),
        ({"geometry": "POLYGON((0 0,1 1,1 0,0 0))"}, "question.geometry"),
        ({"geometry": {}, "place_id": 4}, "question.within"),
        ({"place_id": "1; DROP TABLE place.place"}, "question.within"),
        ({"place_id": 10**40}, "question.within"),
        ({"point": [1, 2]}, "question.metres"),
        ({"point": [1, 2], "radius_m": float("nan")}, "question.metres"),
        ({"point": [1, 2], "radius_m": -5}, "question.metres"),
        ({"somewhere": 1}, "question.within"),
        ([1, 2], "question.within"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(within: Any, key: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_question({"within": within}, TODAY)
    assert refused.value.key == key


@pytest.mark.parametrize(
    "corners",
    [
        [[119, 31], [120, 32], [120, 31], [119, 32], [119, 31]],
        [[119, 31], [120, 31], [119, 31], [119, 31]],
    ],
)
def test_a_polygon_that_crosses_itself_is_refused(
    asking: Connection, corners: list[list[float]]
) -> None:
    body = {"within": {"geometry": {"type": "Polygon", "coordinates": [corners]}}}
    with pytest.raises(InputError) as refused:
        asked_area(asking, parse_question(body, TODAY))
    assert refused.value.key == "question.not_valid"
    assert float(refused.value.params["longitude"]) > 0


def test_an_unknown_or_hidden_place_cannot_be_asked_about(city: City) -> None:
    with transaction(city.database.engine(Role.WEB), city.partial) as conn:
        for place_id in (city.ids["site 2"], 10**12):
            with pytest.raises(NotFound):
                asked_area(conn, parse_question({"within": {"place_id": place_id}}, TODAY))
        with pytest.raises(NotFound):
            asked_area(conn, parse_question({"within": {"admin_area": "' OR 1=1"}}, TODAY))


@pytest.mark.parametrize("token", [None, "", "unknown"])
def test_nobody_counts_nothing(city: City, token: str | None) -> None:
    with transaction(city.database.engine(Role.WEB), token) as conn:
        assert figures(conn, {"within": {}}) == (0, Decimal(0))
