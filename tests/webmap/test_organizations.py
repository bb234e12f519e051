"""The card of a body over HTTP, and bodies in the answers of search."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from small_city import City, build
from sqlalchemy import text

from gis.db import Database, Role


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_body_tests"))


def test_the_card_of_a_body_has_the_places_one_may_see(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    everything, partial = browse(city.everything), browse(city.partial)
    (hit,) = everything.get("/api/search?q=示例2局").get_json()["items"][:1]
    assert (hit["type"], hit["name"], hit["matched"]) == ("organization", "示例2局", "name")
    card = everything.get(f"/api/organizations/{hit['organization_id']}").get_json()
    assert card["name"] == "示例2局"
    assert [(one["code"], one["holdings"]) for one in card["places"]] == [("S2", ["使用"])]
    assert card["headcounts"][0] == {"kind": "quota", "title": "编制人数", "people": 12}
    hidden = partial.get(f"/api/organizations/{hit['organization_id']}").get_json()
    assert (hidden["places"], hidden["place_count"], hidden["extent"]) == ([], 0, None)
    for wrong in ("999999999", str(2**70)):
        assert everything.get(f"/api/organizations/{wrong}").status_code == 404


def test_bodies_stand_before_the_places_they_have(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    items = browse(city.everything).get("/api/search?q=示例1局").get_json()["items"]
    assert [(one["type"], one["name"]) for one in items] == [
        ("organization", "示例1局"), ("place", "示例路1号"),
    ]  # fmt: skip
    assert browse(city.everything).get("/api/search?q=sl&limit=2").get_json()["items"][1:]


def test_the_bodies_below_are_those_of_the_day(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    above, moved, ended = (city.ids[f"agency {at}"] for at in (0, 1, 3))
    with city.database.engine(Role.OWNER).begin() as owner:
        for statement in (
            "UPDATE organization.organization SET parent_id = :above"
            " WHERE organization_id = :moved",
            "INSERT INTO organization.organization_version (organization_id, name, valid_to)"
            " VALUES (:moved, '示例旧局', '2024-01-01')",
            "UPDATE organization.organization SET parent_id = :above, valid_to = '2024-01-01'"
            " WHERE organization_id = :ended",
        ):
            owner.execute(text(statement), {"above": above, "moved": moved, "ended": ended})
    client = browse(city.everything)
    for day, below in (("2023-12-31", ["示例3局"]), ("2024-01-01", ["示例1局"])):
        card = client.get(f"/api/organizations/{above}?as_of={day}").get_json()
        assert [one["name"] for one in card["below"]] == below


def test_the_card_tells_what_sorts_of_people_make_up_the_totals(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    with city.database.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text(
                "INSERT INTO organization.headcount"
                " (organization_id, kind, people, counted_on, source, rights_cell)"
                " SELECT organization_id, 'quota_institution', 5, counted_on, source, rights_cell"
                " FROM organization.headcount WHERE organization_id = :body AND kind = 'quota'"
                " AND rank_code IS NULL"
            ),
            {"body": city.ids["agency 0"]},
        )
    card = browse(city.everything).get(f"/api/organizations/{city.ids['agency 0']}").get_json()
    assert {"kind": "quota_institution", "title": "事业编制", "people": 5} in card["headcounts"]
    assert card["headcounts"][0]["kind"] == "quota"
