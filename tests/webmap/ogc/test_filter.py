"""Filters in CQL2 find what the database finds, or say why they cannot."""

import json

import pyproj
import pytest
import shapely
from flask.testing import FlaskClient
from small_city import City
from sqlalchemy import select, text

from assets.registry import LAYERS
from gis.clock import today
from gis.cql2.tree import DEEPEST
from gis.db import Role, transaction
from gis.features.collection import on_day, rows_of
from gis.features.reference import LONGITUDE_FIRST, box_of
from tests.webmap.ogc.conftest import Read, Refuse, pages
from tests.webmap.ogc.test_items import CRS84, EPSG

ITEMS = "/collections/{}/items"


def codes(read: Read, name: str, written: str, **more: str) -> list[str]:
    """Codes of the features that pass, and that as many are counted."""
    found = read(ITEMS.format(name), filter=written, **more)
    assert found["numberMatched"] == len(found["features"])
    return [one["properties"]["code"] for one in found["features"]]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("code = 'S1'", "S1"),
        ("code <> 'S1'", "S0 S2 S3"),
        ("year_built >= 2000", "S1 S2"),
        ("year_built BETWEEN 1985 AND 2005", "S0 S1"),
        ("year_built NOT BETWEEN 1985 AND 2005", "S2"),
        ("year_built IS NULL", "S3"),
        ("year_built IS NOT NULL AND NOT code = 'S0'", "S1 S2"),
        ("code IN ('S0', 'S3', 'nothing')", "S0 S3"),
        ("code NOT IN ('S0', 'S3')", "S1 S2"),
        ("address LIKE '示例路_号'", "S0 S1 S2 S3"),
        ("address LIKE '%1%'", "S1"),
        ("CASEI(code) = CASEI('s1')", "S1"),
        ("CASEI(code) LIKE CASEI('s%')", "S0 S1 S2 S3"),
        ("ACCENTI(code) = ACCENTI('Ś1')", "S1"),
        ("gross_area_m2 = 3000 + 2 * 3 - 5", "S1"),
        ("gross_area_m2 / 2 = 1500.5", "S1"),
        ("year_built % 100 = 85", "S0"),
        ("year_built div 100 = 20", "S1 S2"),
        ("gross_area_m2 > 10 ^ 3.4771", "S0 S1 S2"),
        ("year_built - 1985 = 40 OR code = 'S0'", "S0 S2"),
        ("-year_built < -2004", "S1 S2"),
        ("code = kind OR kind = 'site' AND code = 'S2'", "S2"),
        ("geometry IS NULL", "S3"),
        ("TRUE AND NOT FALSE", "S0 S1 S2 S3"),
        ("FALSE", ""),
        ("place_id > 9223372036854775807", ""),
        ("place_id < 1e200", "S0 S1 S2 S3"),
    ],
)
def test_a_filter_finds_the_properties_it_means(written: str, wanted: str, read: Read) -> None:
    assert codes(read, "property", written) == wanted.split()


def test_the_same_in_json(read: Read) -> None:
    said = {
        "op": "and",
        "args": [
            {"op": ">=", "args": [{"property": "year_built"}, 2000]},
            {"op": "not", "args": [{"op": "=", "args": [{"property": "code"}, "S2"]}]},
        ],
    }
    more = {"filter-lang": "cql2-json"}
    assert codes(read, "property", json.dumps(said), **more) == ["S1"]


BOX = (119.745, 31.64, 119.76, 31.66)


@pytest.mark.parametrize("uri", [CRS84, f"{EPSG}4490", f"{EPSG}4549", f"{EPSG}3857"])
def test_shapes_stand_in_the_system_that_is_named(uri: str, read: Read) -> None:
    there = pyproj.Transformer.from_crs("OGC:CRS84", uri)
    ring = [there.transform(x, y) for x, y in shapely.box(*BOX).exterior.coords]
    polygon = f"POLYGON(({','.join(f'{x!r} {y!r}' for x, y in ring)}))"
    more = {"filter-crs": uri}
    for written in (f"S_INTERSECTS(geometry, {polygon})", f"S_WITHIN(geometry,{polygon})",
                    f"S_CONTAINS({polygon},geometry) AND floors_above = 2"):  # fmt: skip
        assert codes(read, "building", written, **more) == ["B00", "B01"]
    assert codes(read, "building", f"S_DISJOINT(geometry,{polygon})", **more) == [
        "B10", "B11", "B20", "B21",
    ]  # fmt: skip


def test_spatial_predicates_agree_with_shapely(read: Read) -> None:
    features = read(ITEMS.format("building"))["features"]
    shapes = {
        one["properties"]["code"]: shapely.geometry.shape(one["geometry"]) for one in features
    }
    first = shapes["B00"]
    west, south, east, north = first.bounds
    others = [
        first, shapely.box(west - 1, south - 1, east + 1, north + 1),
        shapely.box(east, south, east + 1, north), shapely.Point(west, south), first.centroid,
        shapely.LineString([(west - 1, (south + north) / 2), (east + 1, (south + north) / 2)]),
        shapely.box((west + east) / 2, south - 1, east + 1, north + 1),
        shapely.MultiPoint([(west, south), (119.9, 31.6)]),
        shapely.MultiPolygon([first, shapely.box(0, 0, 1, 1)]),
        shapely.MultiLineString([[(west, south), (east, north)], [(0, 0), (1, 1)]]),
    ]  # fmt: skip
    compared = 0
    for name in ("intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses",
                 "contains"):  # fmt: skip
        for other in others:
            written = f"S_{name.upper()}(geometry, {shapely.to_wkt(other, rounding_precision=-1)})"
            wanted = [code for code, shape in shapes.items() if getattr(shape, name)(other)]
            assert codes(read, "building", written) == wanted, written
            compared += len(wanted)
    assert compared > 40


def test_negated_and_other_spatial_terms(read: Read) -> None:
    box = f"BBOX({','.join(map(str, BOX))})"
    assert codes(read, "property", f"S_INTERSECTS(geometry,{box})") == ["S0"]
    assert codes(read, "property", f"NOT S_INTERSECTS(geometry,{box})") == ["S1", "S2"]
    assert codes(read, "property", f"S_INTERSECTS(geometry,{box}) OR code = 'S3'") == ["S0", "S3"]
    assert codes(read, "property", f"S_INTERSECTS({box},geom) AND code = 'S3'") == []
    assert len(codes(read, "room", f"S_INTERSECTS(geometry,{box})")) == 4
    assert codes(read, "property", "S_EQUALS(geometry,geometry)") == ["S0", "S1", "S2"]


@pytest.mark.parametrize(
    ("written", "is_there"),
    [
        ("valid_from = DATE('2001-05-01')", True),
        ("valid_from = '2001-05-01'", True),
        ("valid_from > DATE('2001-05-01')", False),
        ("valid_from >= TIMESTAMP('2001-04-30T16:00:00Z')", True),
        ("valid_from > TIMESTAMP('2001-04-30T16:00:00Z')", False),
        ("T_AFTER(valid_from, DATE('2001-04-30'))", True),
        ("T_BEFORE(valid_from, DATE('2001-05-01'))", False),
        ("T_EQUALS(valid_from, DATE('2001-05-01'))", True),
        ("T_INTERSECTS(INTERVAL(valid_from, valid_to), INTERVAL('..', '2001-05-01'))", True),
        ("T_DISJOINT(INTERVAL(valid_from, valid_to), INTERVAL('..', '2001-04-30'))", True),
        ("T_DURING(INTERVAL(valid_from, valid_to), INTERVAL('2001-04-30', '..'))", False),
        ("T_STARTS(INTERVAL('2001-05-01','2002-01-01'), INTERVAL(valid_from, valid_to))", True),
        ("T_STARTEDBY(INTERVAL(valid_from, valid_to), INTERVAL('2001-05-01','2002-01-01'))", True),
        ("T_FINISHES(INTERVAL(valid_from, valid_to), INTERVAL('2000-01-01', '..'))", True),
        ("T_FINISHEDBY(INTERVAL(valid_from, valid_to), INTERVAL('2003-01-01', '..'))", True),
        ("T_MEETS(INTERVAL('2000-01-01', '2001-05-01'), INTERVAL(valid_from, valid_to))", True),
        ("T_METBY(INTERVAL(valid_from, valid_to), INTERVAL('2000-01-01', '2001-05-01'))", True),
        ("T_OVERLAPS(INTERVAL('2000-01-01', '2003-01-01'), INTERVAL(valid_from,valid_to))", True),
        ("T_OVERLAPPEDBY(INTERVAL(valid_from,valid_to),INTERVAL('2000-01-01','2003-01-01'))", True),
        ("T_CONTAINS(INTERVAL(valid_from,valid_to),INTERVAL('2002-01-01','2003-01-01'))", True),
    ],
)
def test_days_and_periods(written: str, is_there: bool, read: Read, city: City) -> None:
    statement = "UPDATE place.place SET valid_from = {} WHERE place_id = :id"
    engine = city.database.engine(Role.OWNER)
    with transaction(engine, None) as conn:
        conn.execute(text(statement.format("DATE '2001-05-01'")), {"id": city.ids["site 1"]})
    try:
        assert ("S1" in codes(read, "property", written)) is is_there
    finally:
        with transaction(engine, None) as conn:
            conn.execute(text(statement.format("NULL")), {"id": city.ids["site 1"]})


def test_properties_as_parameters(read: Read, refuse: Refuse) -> None:
    def found(**parameters: str) -> list[str]:
        answer = read(ITEMS.format("property"), **parameters)
        return [one["properties"]["code"] for one in answer["features"]]

    assert found(code="S1") == ["S1"]
    assert found(year_built="1985", kind="site") == ["S0"]
    assert found(gross_area_m2="3001.0", filter="year_built > 1990") == ["S1"]
    assert found(year_built="1985", code="S1") == []
    assert refuse(ITEMS.format("property"), year_built="old")["type"].endswith("ogc.value")
    problem = refuse(ITEMS.format("admin_area"), is_indicative="yes")
    assert problem["type"].endswith("ogc.value")
    problem = refuse(ITEMS.format("property"), valid_from="soon")
    assert problem["type"].endswith("cql2.no_date")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("price > 5", "ogc.no_such_property"),
        ("year_built = 'old'", "cql2.not_comparable"),
        ("year_built LIKE '19%'", "cql2.wrong_type"),
        ("code", "cql2.wrong_type"),
        ("code = geometry", "cql2.geometry_compared"),
        ("NOT code", "cql2.wrong_type"),
        ("code + 1 = 2", "cql2.wrong_type"),
        ("avg(year_built) > 5", "cql2.no_such_function"),
        ("A_CONTAINS(code, ('a','b'))", "cql2.no_lists"),
        ("code = ('a','b')", "cql2.list"),
        ("code = POINT(1 2)", "cql2.misplaced"),
        ("code = INTERVAL('..','..')", "cql2.misplaced"),
        ("S_INTERSECTS(geometry, code)", "cql2.needs_shape"),
        ("S_INTERSECTS(geometry)", "cql2.arguments"),
        ("S_INTERSECTS(geometry, POINT(500 500))", "cql2.out_of_reach"),
        ("T_AFTER(code, DATE('2001-01-01'))", "cql2.wrong_type"),
        ("valid_from = DATE('2001-02-30')", "cql2.no_date"),
        ("valid_from = DATE('20010203')", "cql2.no_date"),
        ("valid_from = TIMESTAMP('2001-02-03T04:05:06')", "cql2.no_date"),
        ("year_built / 0 = 1", "features.not_reckoned"),
        ("year_built % 0 = 1", "features.not_reckoned"),
        ("10 ^ 400 > year_built", "features.not_reckoned"),
        ("(0 - 8) ^ 0.5 = 1", "features.not_reckoned"),
        ("code LIKE 'S\\'", "features.not_reckoned"),
        ("NOT " * 10_000 + "code = 'S1'", "cql2.too_long"),
        ("NOT " * 4_000 + "code = 'S1'", "cql2.too_deep"),
        ("(" * 9_000, "cql2.too_deep"),
        ("code = 'S1' AND", "cql2.ends_early"),
    ],
)
def test_what_a_layer_cannot_answer_is_said(written: str, key: str, refuse: Refuse) -> None:
    problem = refuse(ITEMS.format("property"), filter=written)
    assert problem["type"] == f"urn:onemap:problem:{key}"
    assert "{" not in problem["detail"].replace("{}", "")


def test_what_the_address_says_of_filters_is_checked(refuse: Refuse) -> None:
    items = ITEMS.format("property")
    assert refuse(items, **{"filter": "TRUE", "filter-lang": "sql"})["detail"]
    assert refuse(items, **{"filter": "TRUE", "filter-crs": "EPSG:1"})["detail"]
    assert refuse(items, **{"filter": "TRUE", "filter-lang": "cql2-json"})["detail"]


def test_what_is_as_deep_as_allowed_is_answered(read: Read) -> None:
    assert codes(read, "property", "NOT " * (DEEPEST - 2) + "code = 'S1'") == ["S1"]
    folded = "accenti(casei(" * (DEEPEST // 2 - 2) + "code" + "))" * (DEEPEST // 2 - 2)
    assert codes(read, "property", f"{folded} = 's1'") == ["S1"]
    deep = "(" * (DEEPEST - 2) + "1" + "+1)" * (DEEPEST - 2)
    assert codes(read, "property", f"year_built = {deep} + 1936") == ["S0"]
    wide = " OR ".join(["code = 'S1'"] * 1_200)
    assert codes(read, "property", wide) == ["S1"]


@pytest.mark.parametrize("hostile", ["'; DROP TABLE place.place; --", "%", "\\", "{}", "😀"])
def test_values_are_never_sql(hostile: str, read: Read) -> None:
    quoted = hostile.replace("'", "''")
    if not hostile.endswith("\\"):
        assert codes(read, "property", f"code = '{quoted}'") == []
    assert len(codes(read, "property", "code LIKE 'S%'")) == 4


def test_a_filter_goes_along_to_the_next_page(everything: FlaskClient) -> None:
    asked = {"filter": "use_status = 'idle' AND level > 0", "limit": 2, "crs": f"{EPSG}4490"}
    answer = everything.get("/ogc/collections/room/items", query_string=asked)
    walk = list(pages(everything, answer))
    assert [page["numberMatched"] for page in walk] == [6, 6, 6]
    said = [one["properties"] for page in walk for one in page["features"]]
    assert len(said) == 6
    assert {one["use_status"] for one in said} == {"idle"}
    assert all(
        one["geometry"]["coordinates"][0][0][0] < 40 for page in walk for one in page["features"]
    )


def test_a_filter_of_what_one_may_not_see_finds_nothing(
    partial: FlaskClient, read: Read, city: City
) -> None:
    for written in (f"place_id = {city.ids['site 2']}", "code = 'S2'", "address LIKE '%2%'",
                    "S_INTERSECTS(geometry, BBOX(119.9,31.6,120,31.7))"):  # fmt: skip
        found = read(ITEMS.format("property"), partial, filter=written)
        assert (found["numberMatched"], found["features"]) == (0, [])


def test_queryables_are_what_can_be_asked(read: Read) -> None:
    told = read("/collections/property/queryables")
    assert told["$schema"].startswith("https://json-schema.org/")
    for name, one in told["properties"].items():
        if name == "geometry":
            assert one["format"] == "geometry-any"
            continue
        value = {"integer": "1", "number": "1.5", "boolean": "TRUE"}.get(
            one["type"], "'2001-01-01'"
        )
        codes(read, "property", f"{name} = {value}")


def test_the_index_of_shapes_answers_spatial_filters(city: City) -> None:
    area = LONGITUDE_FIRST.kept(box_of(BOX, LONGITUDE_FIRST).wkt or "")
    indexes = {}
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        conn.execute(text("SET LOCAL enable_seqscan = off"))
        for layer in LAYERS:
            rows = rows_of(conn, layer, on_day(today()))
            near = rows.near(area)
            if near is None:
                continue
            statement = select(rows.key).select_from(rows.source).where(near)
            plan = conn.execute(
                text(f"EXPLAIN {statement.compile(conn, compile_kwargs={'literal_binds': True})}")
            )
            indexes[layer.name] = "\n".join(row[0] for row in plan)
    assert {"property", "building", "room", "housing"} <= set(indexes)
    for name, plan in indexes.items():
        assert "Index Cond: (shape &&" in plan or "Index Cond: (anchor &&" in plan, (name, plan)
