"""`plan check` and `plan load` from the command line: sentences for people, JSON for programs."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely
from drawn_plans import Board, four_rooms

from etl.plans.placement import Placement
from gis.cluster import Cluster
from gis.settings import child_environment

pytestmark = pytest.mark.usefixtures("cluster")

WEST, SOUTH = 498_600.0, 3_517_500.0


def onemap(state: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "webmap.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=child_environment(
            ONEMAP_STATE_DIR=str(state), ONEMAP_LANGUAGE="en", ONEMAP_DATABASE_URL=""
        ),
    )


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A register with one building of 20 by 10 m and a room 301 on its third floor."""
    folder = tmp_path_factory.mktemp("state")
    assert onemap(folder, "db", "start").returncode == 0
    here = Placement((1, 0, 0, 1, 0, 0), 4549, "own", 0.0)
    outline = here.in_degrees(shapely.box(WEST, SOUTH, WEST + 20, SOUTH + 10))
    frame = geopandas.GeoDataFrame({"要素编号": ["D-1"]}, geometry=[outline], crs=4490)
    frame.to_file(folder / "建筑.gpkg", layer="建筑")
    book = openpyxl.Workbook()
    for name, rows in (
        ("楼层", [("楼层编号", "建筑编号", "楼层"), ("L-3", "D-1", 3)]),
        ("房间", [("房间编号", "楼层编号", "房间号", "使用面积"), ("R-1", "L-3", "301", 18.0)]),
    ):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "房间.xlsx")
    for file in ("建筑.gpkg", "房间.xlsx"):
        said = onemap(folder, "load", folder / file, "--area", "any")
        assert said.returncode == 0, said.stderr
    yield folder
    Cluster(folder / "cluster").stop()


def test_a_plan_is_explained_loaded_and_taken_back(state: Path) -> None:
    board = four_rooms(Board())
    board.text("399", 30, 5)
    path = board.save(state / "3F.dxf")
    asked = (path, "--building", "D-1", "--floor", "3", "--turn", "0")
    told = onemap(state, "plan", "check", *asked)
    assert told.returncode == 0, told.stderr
    assert "room number 399 stands in no room; layer 房间号" in told.stdout
    assert "301: drawn 21.12 m², surveyed 18.00, ledger -, apart by +3.12" in told.stdout
    assert "3 rooms of the plan are not registered on this floor: 302, 303, 304" in told.stdout
    assert "4 rooms in the plan, 1 can be loaded, 1 findings" in told.stdout
    said = onemap(state, "plan", "load", *asked, "--json")
    assert said.returncode == 0, said.stderr
    values = json.loads(said.stdout)
    assert (values["updated"], values["placement"]["by"]) == (1, "footprint")
    assert [room["code"] for room in values["rooms"]] == ["R-1", None, None, None]
    assert onemap(state, "undo", str(values["load_id"])).returncode == 0


def test_names_in_a_drawing_give_the_terminal_no_commands(state: Path) -> None:
    board = four_rooms(Board())
    hostile = "房间号\x9b31m\u202e"
    board.text("399", 30, 5, hostile)
    path = board.save(state / "5F.dxf")
    asked = ("--building", "D-1", "--floor", "3", "--turn", "0", "--numbers", hostile)
    told = onemap(state, "plan", "check", path, *asked)
    assert told.returncode == 0, told.stderr
    assert "房间号\\x9b31m\\x202e" in told.stdout
    said = onemap(state, "plan", "check", path, *asked[:-1], hostile + "无")
    assert said.returncode == 2
    for shown in (told.stdout, said.stderr):
        assert not {"\x9b", "\x1b", "\u202e"} & set(shown)


def test_what_cannot_be_done_is_a_sentence(state: Path) -> None:
    path = four_rooms(Board()).save(state / "4F.dxf")
    for arguments, words in (
        (("--building", "D-9", "--floor", "3"), "There is no building D-9"),
        (("--building", "D-1", "--floor", "3"), "fits the building in several ways"),
        (("--building", "D-1", "--floor", "3", "--control", "1,2"), "X,Y=LONGITUDE,LATITUDE"),
        (("--building", "D-1", "--floor", "3", "--rooms", "无"), "The drawing has no layer"),
    ):
        said = onemap(state, "plan", "check", path, *arguments)
        assert (said.returncode, words in said.stderr) == (2, True), said.stderr
