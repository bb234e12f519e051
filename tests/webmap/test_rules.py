"""The page of rules for files: values that no load overwrites, and who wins in a column."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from handed_in import open_account
from small_city import City, build
from sqlalchemy import text

from gis.clock import today
from gis.db import Database, Role, transaction
from gis.errors import Forbidden
from gis.places.keeping import column_rules, protected, winners
from gis.rights.actions import Grant
from tests.webmap.conftest import signed_in

COLUMNS = "/imports/rules/columns"
PROTECTED = "/imports/rules/protected"


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_rules_page"))


@pytest.fixture
def everything(city_app: Flask, city: City) -> Iterator[FlaskClient]:
    yield signed_in(city_app, city.everything)
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(text("DELETE FROM place.column_precedence"))
        owner.execute(text("DELETE FROM place.protected_value"))


def _winner(city: City, field: str, *sources: str) -> str | None:
    with transaction(city.database.engine(Role.OPERATOR), city.everything) as conn:
        return winners(conn, sources, today()).get(field)


def test_a_column_rule_is_set_shown_with_who_and_why_and_ended(
    everything: FlaskClient, city: City
) -> None:
    rule = {"field": "name", "winner": "known", "source": "property", "rule_source": "示例1号",
            "since": (today() - timedelta(days=9)).isoformat(), "is_verified": "on"}  # fmt: skip
    assert everything.post(COLUMNS, json=rule).get_json() == {"location": "/imports/rules"}
    assert _winner(city, "name", "property") == "known"
    assert _winner(city, "name", "building") is None
    page = everything.get("/imports/rules").get_data(as_text=True)
    assert all(word in page for word in ("办公用房", "以登记为准", "示例1号", "现行"))
    assert ">operator" not in page
    with transaction(city.database.engine(Role.OPERATOR), city.everything) as conn:
        [known] = column_rules(conn)
    assert (known.is_verified, known.set_by is not None) == (True, True)

    ended = everything.post(f"{COLUMNS}/end", json={"field": "name", "source": "property"})
    assert ended.status_code == 200
    assert _winner(city, "name", "property") is None
    assert "已终止" in everything.get("/imports/rules").get_data(as_text=True)


def test_every_field_and_source_has_words_of_its_own(everything: FlaskClient) -> None:
    for language in ("zh", "en"):
        everything.set_cookie("onemap_language", language)
        page = everything.get("/imports/rules").get_data(as_text=True)
        assert "place.attribute." not in page
        assert "rules." not in page


def test_a_rule_that_has_not_begun_is_dropped_whole_when_it_is_ended(
    everything: FlaskClient, city: City
) -> None:
    day = (today() + timedelta(days=9)).isoformat()
    rule = {"field": "name", "winner": "new", "source": "*", "rule_source": "示例", "since": day}
    assert everything.post(COLUMNS, json=rule).status_code == 200
    assert "尚未生效" in everything.get("/imports/rules").get_data(as_text=True)
    ended = {"field": "name", "source": "*", "since": day}
    assert everything.post(f"{COLUMNS}/end", json=ended).status_code == 200
    with transaction(city.database.engine(Role.OPERATOR), city.everything) as conn:
        assert column_rules(conn) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"field": "rights_cell"}, {"field": ""}, {"winner": "both"}, {"source": "nothing"},
        {"rule_source": " "}, {"rule_source": "长" * 301}, {"since": "2026-02-30"}, {"field": 5},
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused_with_a_sentence_and_none_is_kept(
    everything: FlaskClient, city: City, wrong: dict[str, object]
) -> None:
    rule = {"field": "name", "winner": "known", "source": "*", "rule_source": "示例"}
    answer = everything.post(COLUMNS, json={**rule, **wrong})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.get_json()["detail"]
    assert _winner(city, "name") is None


def test_a_value_is_protected_as_it_stands_shown_and_released(
    everything: FlaskClient, city: City
) -> None:
    value = {"code": "S0", "field": "area.gross", "reason": "<b>实地核对</b>"}
    assert everything.post(PROTECTED, json=value).status_code == 200
    page = everything.get("/imports/rules").get_data(as_text=True)
    assert "&lt;b&gt;实地核对&lt;/b&gt;" in page
    with transaction(city.database.engine(Role.OPERATOR), city.everything) as conn:
        [row] = protected(conn)
    assert (row.code, row.field) == ("S0", "area.gross")
    for wrong, status in (({"field": "level"}, 400), ({"code": "nowhere"}, 404)):
        assert everything.post(PROTECTED, json={**value, **wrong}).status_code == status
    assert everything.post(f"{PROTECTED}/end", json=value).status_code == 200
    assert everything.post(f"{PROTECTED}/end", json=value).status_code == 404
    with transaction(city.database.engine(Role.OPERATOR), city.everything) as conn:
        assert protected(conn) == []


def test_who_has_limits_protects_what_is_theirs_and_sets_no_rule_for_all(
    everything: FlaskClient, city_app: Flask, city: City
) -> None:
    clerk = signed_in(city_app, open_account(
        city.database, "经办", Grant("clerk", organization_id=city.ids["agency 0"])
    ))  # fmt: skip
    rule = {"field": "name", "winner": "known", "source": "*", "rule_source": "示例"}
    assert clerk.post(COLUMNS, json=rule).status_code == 403
    assert everything.post(COLUMNS, json=rule).status_code == 200
    assert clerk.post(f"{COLUMNS}/end", json=rule).status_code == 403
    assert _winner(city, "name") == "known"
    assert "示例" in clerk.get("/imports/rules").get_data(as_text=True)
    assert clerk.post(PROTECTED, json={"code": "S0", "field": "name"}).status_code == 200
    assert clerk.post(PROTECTED, json={"code": "S1", "field": "name"}).status_code == 404
    assert city_app.test_client().get("/imports/rules").status_code == 401
    elsewhere = everything.post(COLUMNS, json=rule, headers={"Origin": "http://evil.invalid"})
    assert elsewhere.status_code == 403


def test_the_web_role_writes_no_rule_by_itself(everything: FlaskClient, city: City) -> None:
    """Also where a page forgets to ask: the database refuses."""
    clerk = open_account(city.database, "经办二", Grant("clerk", admin_area_code="320401"))
    with (
        pytest.raises(Forbidden, match="may_not_write"),
        transaction(city.database.engine(Role.WEB), clerk) as conn,
    ):
        conn.execute(
            text(
                "INSERT INTO place.column_precedence (source, field, winner, is_verified)"
                " VALUES ('*', 'name', 'new', false)"
            )
        )
