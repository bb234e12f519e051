"""Floor plans over the web: looked at, placed, corrected, accepted once, refused for good."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any

import plan_office
import pytest
from drawn_plans import Board, box, four_rooms
from flask import Flask
from flask.testing import FlaskClient
from handed_in import register_state, rows_of
from office import Office
from plan_office import degrees
from sqlalchemy import text

from etl.undo import undo_load
from gis.cluster import Cluster
from gis.db import Database, Role, transaction
from gis.errors import InputError
from gis.rights import actions as rights_actions
from gis.rights.actions import Grant
from gis.settings import Settings
from tests.conftest import open_operator
from webmap import uploads
from webmap.app import create_app
from webmap.uploads import uploads_dir
from webmap.views.plan_options import checked_options
from webmap.worker.job_process import run_job

NAME = "onemap_plans_page"
FLOOR = {"building": "D-1", "level": "3"}
WAITING = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@pytest.fixture(scope="module")
def made(
    make_database: Callable[[str], Database], cluster: Cluster,
    tmp_path_factory: pytest.TempPathFactory,
) -> Office:  # fmt: skip
    """An office with a building of 20 by 10 m, whose third floor has rooms 301 to 303."""
    database = make_database(NAME)
    operator = open_operator(database)
    folder = tmp_path_factory.mktemp("plans")
    plan_office.build(database, operator.token, folder)
    url = cluster.url(database=NAME).render_as_string(hide_password=False)
    settings = Settings(state_dir=folder / "state", database_url=url, language="zh")
    return Office(database, operator, settings, url)


@pytest.fixture
def page(made: Office) -> FlaskClient:
    return signed_in(made, [rights_actions.EVERYTHING], "operator")


@pytest.fixture(autouse=True)
def _as_before(made: Office) -> Iterator[None]:
    """Every test leaves the register as it found it."""
    before = places(made)
    yield
    for (load_id,) in rows_of(
        made.database,
        "SELECT load_id FROM staging.load WHERE job_id IS NOT NULL AND state = 'committed'"
        " AND options ->> 'undoes' IS NULL ORDER BY load_id DESC",
    ):
        undo_load(made.database, load_id, token=made.operator.token)
    assert places(made) == before


def places(made: Office) -> dict[str, str]:
    """The register without who may see what: tests open accounts."""
    state = register_state(made.database)
    return {name: rows for name, rows in state.items() if not name.startswith("rights.")}


def signed_in(made: Office, grants: list[Grant], name: str) -> FlaskClient:
    app: Flask = create_app(made.settings, made.database)
    with transaction(made.database.engine(Role.OWNER), None) as owner:
        account_id = rights_actions.ensure_account(owner, name, grants)
        token = rights_actions.open_session(
            owner, account_id, kind="one_time", lifetime=timedelta(minutes=5)
        )
    browser = app.test_client()
    browser.get(f"/enter?token={token}")
    return browser


def drawn(board: Board, folder: Path, name: str = "3F.dxf") -> bytes:
    return board.save(folder / name).read_bytes()


def hand_in(page: FlaskClient, content: bytes, name: str = "3F.dxf", **floor: str) -> Any:
    data = {**FLOOR, **floor, "file": (io.BytesIO(content), name)}
    return page.post("/api/plans", data=data)


def done(made: Office, answer: Any) -> Any:
    """The job that was asked for, done here as the worker's process does it."""
    assert answer.status_code in {201, 202}, answer.get_json()
    job_id = answer.get_json()["job_id"]
    run_job(made.settings, job_id)
    return made.job(job_id)


def looked(page: FlaskClient, made: Office, board: Board, folder: Path) -> int:
    answer = hand_in(page, drawn(board, folder))
    done(made, answer)
    return int(answer.get_json()["upload_id"])


def checked(page: FlaskClient, made: Office, upload_id: int, **stated: Any) -> Any:
    asked = {"building": "D-1", "level": 3, "turn": 0, **stated}
    job = done(made, page.post(f"/api/plans/{upload_id}/check", json=asked))
    assert job.state == "done", (job.message_key, job.message_params)
    return page.get(f"/api/plans/{upload_id}").get_json()


def accepted(page: FlaskClient, made: Office, seen: Any, **stated: Any) -> Any:
    body = {"look_id": seen["look_id"], **stated}
    return done(made, page.post(f"/api/plans/{seen['upload_id']}/load", json=body))


def problem(answer: Any) -> str:
    return str(answer.get_json()["type"]).removeprefix("urn:onemap:problem:")


def outlines(made: Office) -> set[str]:
    query = "SELECT code FROM place.place WHERE kind = 'room' AND geom IS NOT NULL"
    return {code for (code,) in rows_of(made.database, query)}


def test_a_plan_that_cannot_be_placed_yet_is_shown_with_what_stands_in_the_way(
    page: FlaskClient, made: Office, tmp_path: Path
) -> None:
    upload_id = looked(page, made, four_rooms(Board()), tmp_path)
    seen = page.get(f"/api/plans/{upload_id}").get_json()
    assert seen["look"]["problem"]["key"] == "plan.fits_several_ways"
    assert "0" in seen["look"]["problem"]["message"]
    assert [room["number"] for room in seen["look"]["plan"]["rooms"]] == [
        "301",
        "302",
        "303",
        "304",
    ]
    assert (seen["look"]["placed"], seen["look"]["footprint"]["type"]) == (None, "MultiPolygon")
    assert page.get(f"/plans/{upload_id}").status_code == 200
    # Turned as it lies, every room is where it was drawn.
    seen = checked(page, made, upload_id)
    rooms = seen["look"]["placed"]["rooms"]
    assert [(one["number"], one["code"], one["surveyed_m2"]) for one in rooms] == [
        ("301", "R-1", 21.0), ("302", "R-2", 18.0), ("303", "R-3", 21.2), ("304", None, None),
    ]  # fmt: skip
    assert [one["is_apart"] for one in rooms] == [False, True, False, False]
    corner = rooms[0]["shape"]["coordinates"][0][0]
    west, south = degrees(0.1, 0.1)
    assert min(abs(x - west) + abs(y - south) for x, y in corner) < 1e-6
    assert seen["look"]["plan"]["findings"] == []


def test_control_points_place_it_and_tell_how_far_each_is_off(
    page: FlaskClient, made: Office, tmp_path: Path
) -> None:
    upload_id = looked(page, made, four_rooms(Board()), tmp_path)
    off = [(0, 0, 0, 0), (20, 0, 20.2, 0), (0, 10, 0, 10)]
    controls = [[x * 1000, y * 1000, *degrees(east, north)] for x, y, east, north in off]
    placed = checked(page, made, upload_id, turn=None, controls=controls)["look"]["placed"]
    assert placed["by"] == "control"
    assert len(placed["residuals_m"]) == 3
    assert 0.02 < max(placed["residuals_m"]) < 0.2
    assert placed["residual_m"] == max(placed["residuals_m"])
    [first, *_] = controls
    far = checked(page, made, upload_id, controls=[first, [20_000, 0, *degrees(25, 0)]])["look"]
    assert far["problem"]["key"] == "plan.stretched"
    for controls, key in (
        ([[1, 2, 3]], "plan.bad_option"),
        ([[0, 0, 500, 31]], "plan.bad_control"),
        ([[0, 0, "东", 31]], "plan.no_number"),
    ):
        asked = {**FLOOR, "controls": controls}
        assert problem(page.post(f"/api/plans/{upload_id}/check", json=asked)) == key


def test_rooms_are_numbered_assigned_and_left_out(
    page: FlaskClient, made: Office, tmp_path: Path
) -> None:
    board = Board()
    board.room(None, 0.1, 0.1, 4.9, 4.5)
    board.room("9", 5.1, 0.1, 9.9, 4.5)
    board.room("303", 10.1, 0.1, 14.9, 4.5)
    board.ring(box(14, 0.1, 16, 4.5))
    board.ring(box(0, 0, 20, 10), "外轮廓")
    board.text("303", 15.2, 2)
    upload_id = looked(page, made, board, tmp_path)
    seen = checked(page, made, upload_id)
    faults = {one["fault"] for one in seen["look"]["plan"]["findings"]}
    assert faults == {"room_without_number", "overlap", "number_twice"}
    assert [one["is_sound"] for one in seen["look"]["placed"]["rooms"]] == [
        False,
        True,
        False,
        False,
    ]
    at = [{"x": room["x"], "y": room["y"]} for room in seen["look"]["plan"]["rooms"]]
    corrections = [
        {**at[0], "number": "301"}, {**at[1], "code": "R-2"}, {**at[3], "is_left_out": True}
    ]  # fmt: skip
    seen = checked(page, made, upload_id, corrections=corrections)
    rooms = seen["look"]["placed"]["rooms"]
    assert seen["look"]["plan"]["findings"] == []
    assert [one["code"] for one in rooms] == ["R-1", "R-2", "R-3", None]
    assert [one["is_sound"] for one in rooms] == [True, True, True, False]
    job = accepted(page, made, seen)
    assert (job.state, job.result["updated"]) == ("done", 3)
    assert outlines(made) == {"R-1", "R-2", "R-3"}
    # Its number in the register stays: which room it is was said, not how it is called.
    assert rows_of(made.database, "SELECT number FROM place.room ORDER BY number") == [
        ("301",), ("302",), ("303",),
    ]  # fmt: skip


def test_corrections_that_contradict_are_told(
    page: FlaskClient, made: Office, tmp_path: Path
) -> None:
    upload_id = looked(page, made, four_rooms(Board()), tmp_path)
    rooms = checked(page, made, upload_id)["look"]["plan"]["rooms"]
    at = [{"x": room["x"], "y": room["y"]} for room in rooms]
    seen = checked(page, made, upload_id, corrections=[{**at[3], "code": "R-1"}])
    [one] = seen["look"]["plan"]["findings"]
    assert (one["fault"], one["rooms"]) == ("number_twice", [0, 3])
    seen = checked(page, made, upload_id, corrections=[{**at[3], "number": "301室"}])
    assert [one["fault"] for one in seen["look"]["plan"]["findings"]] == ["number_twice"]
    for correction, key in (
        ({**at[0], "code": "R-77"}, "plan.no_such_room"),
        ({"x": -5, "y": -5, "number": "1"}, "plan.correction_in_no_room"),
    ):
        seen = checked(page, made, upload_id, corrections=[correction])
        assert seen["look"]["problem"]["key"] == key


def test_a_plan_is_accepted_once_and_again_when_taken_back(
    page: FlaskClient, made: Office, tmp_path: Path
) -> None:
    before = register_state(made.database)
    upload_id = looked(page, made, four_rooms(Board()), tmp_path)
    seen = checked(page, made, upload_id)
    job = accepted(page, made, seen, with_new=True)
    assert (job.result["inserted"], job.result["updated"]) == (1, 3)
    again = page.post(f"/api/plans/{upload_id}/load", json={"look_id": seen["look_id"]})
    assert (again.status_code, problem(again)) == (409, "plan.accepted_already")
    shown = page.get(f"/api/plans/{upload_id}").get_json()
    assert shown["load"] == {"load_id": job.result["load_id"], "is_undone": False}
    undo_load(made.database, job.result["load_id"], token=made.operator.token)
    assert register_state(made.database) == before
    assert page.get(f"/api/plans/{upload_id}").get_json()["load"]["is_undone"]
    # What is accepted is what was seen last.
    stale = page.post(f"/api/plans/{upload_id}/load", json={"look_id": seen["look_id"] - 1})
    assert problem(stale) == "plan.looked_again"
    job = accepted(page, made, seen, with_new=True)
    assert (job.state, job.result["updated"]) == ("done", 3)


def test_what_two_people_do_to_one_floor_is_told_to_the_second(
    page: FlaskClient, made: Office, tmp_path: Path
) -> None:
    mine = checked(page, made, looked(page, made, four_rooms(Board()), tmp_path))
    board = Board()
    board.ring(box(0, 0, 20, 10), "外轮廓")
    board.room("301", 0.1, 0.1, 6.9, 4.5)
    theirs = checked(page, made, looked(page, made, board, tmp_path))
    assert accepted(page, made, theirs).state == "done"
    kept = register_state(made.database)
    job = accepted(page, made, mine)
    assert (job.state, job.message_key) == ("refused", "plan.floor_changed")
    assert register_state(made.database) == kept
    # Two clicks at once: the second finds the first at work.
    body = {"look_id": mine["look_id"]}
    first = page.post(f"/api/plans/{mine['upload_id']}/load", json=body)
    assert first.status_code == 202
    busy = page.post(f"/api/plans/{mine['upload_id']}/load", json=body)
    assert problem(busy) == "import.busy"
    page.post(f"/api/jobs/{first.get_json()['job_id']}/cancel")


def test_a_floor_that_was_closed_meanwhile_takes_no_plan(
    page: FlaskClient, made: Office, tmp_path: Path
) -> None:
    seen = checked(page, made, looked(page, made, four_rooms(Board()), tmp_path))
    with made.database.engine(Role.OWNER).begin() as conn:
        close = "UPDATE place.place SET valid_to = :day WHERE code = 'L-3'"
        conn.execute(text(close), {"day": "2020-01-01"})
    try:
        job = accepted(page, made, seen)
        assert (job.state, job.message_key) == ("refused", "plan.floor_closed")
    finally:
        with made.database.engine(Role.OWNER).begin() as conn:
            conn.execute(text(close), {"day": None})


def test_what_is_refused_leaves_nothing(page: FlaskClient, made: Office, tmp_path: Path) -> None:
    board = four_rooms(Board())
    board.room("399", 40, 40, 44, 44)  # so that these bytes are of no other test
    upload_id = looked(page, made, board, tmp_path)
    sha = "SELECT encode(file_sha256, 'hex') FROM staging.upload WHERE upload_id = :id"
    [[sha256]] = rows_of(made.database, sha, id=upload_id)
    kept = uploads_dir(made.settings) / f"{sha256}.dxf"
    assert kept.is_file()
    done(made, page.post(f"/api/plans/{upload_id}/refuse"))
    assert not kept.exists()
    left = "SELECT count(*) FROM staging.job WHERE upload_id = :id AND result <> '{}'"
    assert rows_of(made.database, left, id=upload_id) == [(0,)]
    seen = page.get(f"/api/plans/{upload_id}").get_json()
    assert (seen["is_kept"], seen["look"]) == (False, None)
    for what in ("check", "load", "refuse"):
        answer = page.post(f"/api/plans/{upload_id}/{what}", json=dict(FLOOR))
        assert (answer.status_code, problem(answer)) == (409, "plan.gone")


def test_bytes_that_somebody_hands_in_again_outlive_the_refusal_of_the_first(
    page: FlaskClient, made: Office, tmp_path: Path
) -> None:
    board = four_rooms(Board())
    board.room("398", 40, 40, 44, 44)  # so that these bytes are of no other test
    content = drawn(board, tmp_path)
    first = hand_in(page, content)
    done(made, first)
    refused = page.post(f"/api/plans/{first.get_json()['upload_id']}/refuse")
    with (
        uploads.received(made.settings, io.BytesIO(content), "3F.dxf") as file,
        ThreadPoolExecutor() as beside,
        transaction(made.database.engine(Role.WEB), made.operator.token) as conn,
    ):
        file.keep(conn)
        # Nobody else sees yet that they are wanted.
        working = beside.submit(done, made, refused)
        while not working.done() and rows_of(made.database, WAITING) == [(0,)]:
            sleep(0.02)
        assert not working.done()
    assert working.result(timeout=60).state == "done"
    assert file.kept_path.read_bytes() == content


def test_who_may_not_write_the_rooms_is_told_before_and_loads_none(
    page: FlaskClient, made: Office, tmp_path: Path
) -> None:
    reader = signed_in(made, [Grant("viewer", max_security_class=2)], "plan_reader")
    upload_id = looked(reader, made, four_rooms(Board()), tmp_path)
    seen = checked(reader, made, upload_id)
    assert seen["unwritable"] == ["R-1", "R-2", "R-3"]
    before = register_state(made.database)
    job = accepted(reader, made, seen)
    assert job.state == "refused"
    assert register_state(made.database) == before
    stranger = signed_in(made, [Grant("viewer", admin_area_code="320481")], "plan_stranger")
    assert stranger.get(f"/api/plans/{upload_id}").status_code == 404
    for what in ("check", "load", "refuse"):
        answer = stranger.post(f"/api/plans/{upload_id}/{what}", json=dict(FLOOR))
        assert answer.status_code == 404
    # What they could see when it was looked at, and no longer, is told to nobody.
    assert seen["options"]["building"] == "D-1"
    with transaction(made.database.engine(Role.OWNER), None) as owner:
        elsewhere = [Grant("viewer", admin_area_code="320481")]
        rights_actions.ensure_account(owner, "plan_reader", elsewhere)
    shown = reader.get(f"/api/plans/{upload_id}").get_json()
    assert (shown["look"], shown["look_id"]) == (None, None)
    assert shown["options"]["level"] == 3
    assert not {"building", "controls", "corrections"} & set(shown["options"])
    assert "options" not in shown["jobs"]["plan"]
    job = reader.get(f"/api/jobs/{seen['jobs']['plan']['job_id']}").get_json()
    assert job.get("result") is None


def test_what_cannot_be_read_says_so_on_the_page(
    page: FlaskClient, made: Office, tmp_path: Path
) -> None:
    sound = drawn(four_rooms(Board("R12")), tmp_path)
    paper = Board()
    paper.drawing.layout("Layout1").add_line((0, 0), (1, 1))
    for name, content, key in (
        ("旧.dxf", sound.replace(b"AC1009", b"AC2.10"), "plan.old_version"),
        ("纸.dxf", drawn(paper, tmp_path), "plan.only_paper"),
        ("断.dxf", sound[:-3000], "load.truncated"),
        ("表.dxf", b"a,b\n1,2\n", None),
        ("零.dxf", bytes(5000), "plan.no_drawing"),
        ("图.dwg", b"AC1032" + bytes(500), None),
    ):
        answer = hand_in(page, content, name)
        job = done(made, answer)
        assert job.state == "refused"
        assert key is None or job.message_key == key
        shown = page.get(f"/api/plans/{answer.get_json()['upload_id']}").get_json()
        assert len(shown["jobs"]["plan"]["message"]) > 10
        assert "{" not in shown["jobs"]["plan"]["message"]
    inches = four_rooms(Board(per_metre=1 / 0.0254, insunits=4))
    seen = checked(page, made, looked(page, made, inches, tmp_path))
    assert seen["look"]["problem"]["key"] == "plan.unit_cannot_be"
    assert checked(page, made, seen["upload_id"], unit="in")["look"]["plan"]["unit_by"] == "stated"
    outside = four_rooms(Board())
    outside.drawing.add_xref_def("C:/甲/底图.dwg", "底图")
    outside.model.add_blockref("底图", (0, 0))
    seen = checked(page, made, looked(page, made, outside, tmp_path))
    assert seen["look"]["outside"] == {"底图": "C:/甲/底图.dwg"}


@pytest.mark.parametrize(
    ("floor", "key"),
    [({"building": ""}, "plan.which_building"), ({"level": "三"}, "plan.which_floor"),
     ({"level": "9999"}, "plan.which_floor")],
)  # fmt: skip
def test_a_plan_is_of_a_floor(page: FlaskClient, floor: dict[str, str], key: str) -> None:
    assert problem(hand_in(page, b"x", **floor)) == key
    assert problem(hand_in(page, b"x", "3F.xlsx")) == "upload.unknown_kind"


@pytest.mark.parametrize(
    ("stated", "key"),
    [({"unit": ["m"]}, "plan.no_such_unit"), ({"close_m": 10**400}, "plan.no_number")],
    ids=["list", "endless"],
)
def test_options_that_are_none_are_refused(stated: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError) as refused:
        checked_options({"building": "D-1", "level": 3, **stated})
    assert refused.value.key == key


def test_the_form_knows_the_floor_it_was_opened_from(page: FlaskClient, made: Office) -> None:
    [[floor_id]] = rows_of(made.database, "SELECT place_id FROM place.place WHERE code = 'L-3'")
    shown = page.get(f"/plans/new?place={floor_id}").get_data(as_text=True)
    assert 'data-building="D-1"' in shown
    assert 'data-level="3"' in shown
    assert page.get(f"/plans/new?place={'9' * 5000}").status_code == 200
    for other in ("", "?place=x", "?place=999999999"):
        assert 'data-building=""' in page.get(f"/plans/new{other}").get_data(as_text=True)
