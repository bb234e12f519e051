"""Doubtful matches over the web: what is shown, and what is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from handed_in import footprints

from etl.load import LoadOptions, load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from webmap.database import open_operator_session

ANYWHERE = LoadOptions(any_area=True)


@pytest.fixture(scope="module")
def load_id(web_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A load with three buildings over three that are known; taken back for whoever comes next."""
    folder = tmp_path_factory.mktemp("files")
    token = open_operator_session(web_database)
    known = footprints(folder / "a.gpkg", 3)
    first = load_file(web_database, known, token=token, options=ANYWHERE)
    again = footprints(folder / "b.gpkg", 3, 要素编号=["N1", "N2", "N3"])
    found = load_file(web_database, again, token=token, options=ANYWHERE)
    assert found.waiting == 3
    yield found.load_id or 0
    undo_load(web_database, first.load_id or 0, token=token, and_later=True)


def test_a_pair_is_shown_with_both_shapes_and_every_clue(client: FlaskClient, load_id: int) -> None:
    listed = client.get(f"/api/matches?load_id={load_id}").get_json()
    assert (listed["waiting"], listed["total"], listed["to_load"]) == (3, 3, 0)
    pair = client.get(f"/api/loads/{load_id}/matches/1?sheet=建筑").get_json()
    assert pair["shape"]["type"] in {"Polygon", "MultiPolygon"}
    assert [one["title"] for one in pair["others"]]
    (other,) = pair["candidates"]
    assert other["overlap_score"] == 1.0
    assert other["shape"]
    assert client.get("/api/imports").get_json()["matches_waiting"] == 3
    assert client.get(f"/api/loads/{load_id}").get_json()["question_count"] == 3


def test_a_decision_is_kept_refused_twice_and_taken_back(client: FlaskClient, load_id: int) -> None:
    address = f"/api/loads/{load_id}/matches/1"
    pair = client.get(f"{address}?sheet=建筑").get_json()
    same = {"sheet": "建筑", "choice": "same", "place_id": pair["candidates"][0]["place_id"]}
    made = client.post(address, json=same)
    assert made.status_code == 200
    assert client.get(f"/api/matches?load_id={load_id}").get_json()["to_load"] == 1
    assert client.post(address, json=same).status_code == 409
    shown = client.get(f"/api/matches?load_id={load_id}&decided=true").get_json()["items"]
    assert [one["decision"]["choice_title"] for one in shown] == ["同一处"]
    # This load was made by command, so there is no file of the web to load again.
    told = client.post(f"/api/loads/{load_id}/decided")
    assert (told.status_code, str(load_id) in told.get_json()["detail"]) == (409, True)
    decision = f"/api/matches/{made.get_json()['decision_id']}"
    assert client.delete(decision).status_code == 200
    assert client.delete(decision).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"choice": "perhaps"}, 400),
        ({"choice": "same"}, 400),
        ({"choice": "same", "place_id": "x"}, 400),
        ({"choice": "same", "place_id": 10**30}, 404),
        ({"choice": "new", "place_id": 1}, 400),
        ({"choice": "new", "sheet": "别的"}, 404),
    ],
)
def test_what_is_no_decision_is_refused(
    client: FlaskClient, load_id: int, body: dict[str, object], status: int
) -> None:
    answer = client.post(f"/api/loads/{load_id}/matches/2", json={"sheet": "建筑", **body})
    assert answer.status_code == status
    assert answer.get_json()["detail"]


def test_numbers_beyond_any_row_are_not_found(client: FlaskClient, load_id: int) -> None:
    assert client.get(f"/api/loads/{10**30}/matches/1").status_code == 404
    assert client.get(f"/api/loads/{load_id}/matches/{10**30}?sheet=建筑").status_code == 404
    assert client.post(f"/api/loads/{10**18}/decided").status_code == 404
    assert client.delete(f"/api/matches/{10**30}").status_code == 404
    bulk = f"/api/loads/{load_id}/matches"
    assert client.post(bulk, json={"least": 7}).status_code == 400
    assert client.post(bulk, json={"least": "x"}).status_code == 400


def test_all_that_are_alike_are_decided_at_once(
    client: FlaskClient, load_id: int, web_database: Database
) -> None:
    answer = client.post(f"/api/loads/{load_id}/matches", json={"least": 0.9}).get_json()
    assert answer == {"decided": 3}
    with transaction(web_database.engine(Role.OWNER), None) as conn:
        conn.exec_driver_sql("UPDATE staging.match_decision SET withdrawn_at = now()")


def test_a_row_that_resembles_nothing_is_named_by_the_code_of_its_place(
    client: FlaskClient, web_database: Database, tmp_path: Path
) -> None:
    token = open_operator_session(web_database)
    known, row = tmp_path / "known.csv", tmp_path / "technical.csv"
    known.write_text("院落编号,院落名称,用地面积\nYARD9,丙院,900\n", "utf-8")
    first = load_file(web_database, known, token=token, options=ANYWHERE)
    row.write_text("地址坐落,建筑面积,主要使用单位\n天宁区辛路77号,250,无名馆\n", "utf-8")
    options = LoadOptions(any_area=True, profile="technical_premises")
    waiting = load_file(web_database, row, token=token, options=options)
    assert waiting.waiting == 1
    address = f"/api/loads/{waiting.load_id}/matches/2"
    shown = client.get(address).get_json()
    assert (shown["may_name_any"], shown["candidates"]) == (True, [])
    nobody = client.post(address, json={"choice": "same", "place_code": "NOPE"})
    assert (nobody.status_code, "NOPE" in nobody.get_json()["detail"]) == (404, True)
    assert client.post(address, json={"choice": "same", "place_code": " "}).status_code == 400
    assert client.post(address, json={"choice": "same", "place_code": "YARD9"}).status_code == 200
    undo_load(web_database, first.load_id or 0, token=token, and_later=True)
