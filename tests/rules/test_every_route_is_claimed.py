"""No route answers, and none changes anything, that the matrix of rights does not ask."""

from pathlib import Path

from flask import Flask
from sqlalchemy import URL

from gis.db import Database
from gis.settings import Settings
from tests.rights.exceptions import FILE, excepted
from tests.rights.marked_city import MarkedCity
from tests.rights.reads import claims
from tests.rights.spots import Spot, spots
from tests.rights.writes import attempts
from webmap.app import create_app

_KINDS = ("site", "building", "room", "unlocated")
_TWO = (1, 2)


class _Numbers(dict[str, int]):
    def __missing__(self, name: str) -> int:
        return 1


def _spot(spot: Spot) -> Spot:
    spot.places = dict.fromkeys(_KINDS, 1)
    spot.rows = _Numbers(photo_id=1)
    return spot


def _app(folder: Path) -> Flask:
    """The application; it is asked nothing, so no server need answer."""
    nowhere = Database(lambda role: URL.create("postgresql+psycopg2", host=str(folder)))
    return create_app(Settings(state_dir=folder, database_url=None, language="zh"), nowhere)


def _claimed(database: Database) -> set[str]:
    made = {spot.name: _spot(spot) for spot in spots()}
    bodies = {"甲局": 1, "乙局": 2}
    city = MarkedCity(database, made, bodies, _TWO, _TWO, _TWO, _TWO, _Numbers(upload_id=1))
    return set(claims(city)) | set(attempts(city, made["other_body"]))


def test_every_route_is_claimed_by_a_channel_or_excepted_with_a_reason(tmp_path: Path) -> None:
    app = _app(tmp_path)
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    claimed, reasons = _claimed(app.extensions["onemap_database"]), excepted("routes")
    said = (
        "claim it in tests/rights/reads.py or tests/rights/writes.py, or write it and why down in"
        f" {FILE.name}, [routes]"
    )
    assert sorted(routes - claimed - set(reasons)) == [], said
    assert sorted((claimed | set(reasons)) - routes) == [], "no such route any more"
    assert sorted(claimed & set(reasons)) == [], "claimed, so it needs no exception"
    assert [name for name, reason in reasons.items() if len(reason) < 20] == []


def test_a_route_that_only_reads_is_asked_for_reading_and_one_that_writes_for_writing(
    tmp_path: Path,
) -> None:
    app = _app(tmp_path)
    made = {spot.name: _spot(spot) for spot in spots()}
    bodies = {"甲局": 1, "乙局": 2}
    city = MarkedCity(
        app.extensions["onemap_database"], made, bodies, _TWO, _TWO, _TWO, _TWO,
        _Numbers(upload_id=1),
    )  # fmt: skip
    reading = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    asked_by_post = set(claims(city)) - reading
    assert asked_by_post == {
        "exports.export_places", "layers.break_layer_down", "questions.list_area",
        "questions.summarise_area",
    }  # fmt: skip
    assert set(attempts(city, made["other_body"])) & reading == set()
