"""A planner's questions over HTTP: the page, the files, and what programs are answered."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build
from sqlalchemy import text

from etl.terms import save_terms
from gis.db import Database, Role, transaction
from tests.webmap.conftest import signed_in


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    made = build(make_database("onemap_question_pages"))
    with transaction(made.database.engine(Role.LOADER), made.everything) as conn:
        save_terms(conn)
    with made.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text("UPDATE place.place SET use_status = 'idle' WHERE kind = 'room'"))
        # A part of the site said to be the agency's would keep its rooms from being nobody's.
        conn.execute(text("DELETE FROM estate.holding_party; DELETE FROM estate.holding"))
    return made


@pytest.fixture
def client(city_app: Flask, city: City) -> FlaskClient:
    return signed_in(city_app, city.everything)


BLOCKS = "question=vacant&least_m2=40&together=floor"


def test_the_page_answers_beneath_the_question(client: FlaskClient, city: City) -> None:
    blank = client.get("/redeployment").get_data(as_text=True)
    assert 'id="answer"' not in blank
    assert client.get("/redeployment?question=takes_body").status_code == 200
    page = client.get(f"/redeployment?{BLOCKS}").get_data(as_text=True)
    assert page.count('<tr><th scope="row">') == 6
    assert f'href="/#p={city.ids["floor 0.1"]}"' in page
    assert "&#34;longitude&#34;: 119.75" in page
    for ending in ("xlsx", "csv"):
        file = f"/redeployment/questions/vacant.{ending}?least_m2=40&amp;together=floor"
        assert f'href="{file}"' in page


def test_a_program_reads_what_the_page_shows(client: FlaskClient, city: City) -> None:
    answer = client.get(f"/api/redeployment/questions/vacant?{BLOCKS}").get_json()
    assert len(answer["items"]) == 6
    first = next(one for one in answer["items"] if one["place_id"] == city.ids["floor 0.1"])
    assert (first["rooms"], first["vacant_m2"], first["numbers"]) == (
        2,
        40.0,
        "100 R010 … 101 R011",
    )
    assert answer["notes"] == []


def test_the_files_hold_the_same_rows(client: FlaskClient) -> None:
    file = client.get(f"/redeployment/questions/vacant.xlsx?{BLOCKS}")
    book = openpyxl.load_workbook(io.BytesIO(file.get_data()))
    cells = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    assert sum(row.count("1号楼") for row in cells) == 6
    lines = client.get(f"/redeployment/questions/vacant.csv?{BLOCKS}").get_data(as_text=True)
    assert lines.count("1号楼") == 6
    assert client.get("/redeployment/questions/nonsense.csv").status_code == 400


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("question=nonsense", "nonsense"),
        ("question=vacant&together=street", "street"),
        ("question=vacant&longitude=119", "经度"),
        ("question=vacant&least_m2=-1", "面积"),
        ("question=underused&below_percent=101", "0 到 100"),
        ("question=scattered&more_than=-1", "more_than"),
        ("question=pairs&within_m=abc", "within_m"),
    ],
)
def test_what_is_no_question_is_refused_in_words(
    client: FlaskClient, asked: str, said: str
) -> None:
    answer = client.get(f"/redeployment?{asked}")
    assert answer.status_code == 400
    assert said in answer.get_data(as_text=True)
