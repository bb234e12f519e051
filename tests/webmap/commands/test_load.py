"""`load` and `check` on files that cannot be used: a sentence, exit 2, and nothing changed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from gis.cluster import Cluster
from gis.settings import child_environment

pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state folder whose database is made once and stays up for the module."""
    folder = tmp_path_factory.mktemp("state")
    assert _onemap(folder, "db", "start").returncode == 0
    yield folder
    Cluster(folder / "cluster").stop()


def _onemap(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "webmap.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=child_environment(
            ONEMAP_STATE_DIR=str(state), ONEMAP_LANGUAGE="en", ONEMAP_DATABASE_URL=""
        ),
    )


def _without_header(path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append([1, 2, 3])
    book.save(path)


def _without_datum(path: Path) -> None:
    path.write_text("建筑编号,名称,经度,纬度\nB1,甲楼,119.9,31.8\n", encoding="utf-8")


REFUSED = {
    "empty.xlsx": lambda path: path.write_bytes(b""),
    "cut.xlsx": lambda path: path.write_bytes(b"PK\x03\x04 cut off"),
    "picture.xlsx": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64)),
    "no_header.xlsx": _without_header,
    "no_datum.csv": _without_datum,
    "malformed.geojson": lambda path: path.write_text("{"),
}


@pytest.mark.parametrize("command", ["check", "load"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_by_name(
    state: Path, tmp_path: Path, name: str, command: str
) -> None:
    path = tmp_path / name
    REFUSED[name](path)
    refused = _onemap(state, command, str(path), "--json")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert name in refused.stderr
    assert "Traceback" not in refused.stderr


def test_what_was_refused_left_nothing_committed(state: Path) -> None:
    listed = _onemap(state, "loads", "--json")
    assert listed.returncode == 0
    loads = json.loads(listed.stdout)["loads"]
    assert [load for load in loads if load["state"] == "committed"] == []


def test_a_place_is_made_a_stub_by_its_code_and_only_when_told_yes(
    state: Path, tmp_path: Path
) -> None:
    path = tmp_path / "one.csv"
    path.write_text("建筑编号,名称,地址,建筑面积\nB1,甲楼,天宁区暗巷1号,50\n", encoding="utf-8")
    assert _onemap(state, "load", str(path), "--profile", "building").returncode == 0
    asked = ("mark-secret", "B1", "--decision", "示例〔2026〕1号")
    assert _onemap(state, *asked).returncode == 130
    unknown = _onemap(state, "mark-secret", "B9", "--decision", "示例", "--yes")
    assert (unknown.returncode, "B9" in unknown.stderr) == (2, True)
    done = _onemap(state, *asked, "--yes")
    assert done.returncode == 0
    assert "1 places" in done.stdout
    assert _onemap(state, *asked, "--yes").returncode == 2


def test_an_order_of_sources_is_set_with_its_rule_and_listed(state: Path) -> None:
    sources = ("survey", "certificate", "--since", "2026-01-01", "--report", "areas")
    assert _onemap(state, "area-order", *sources).returncode == 2
    unknown = _onemap(state, "area-order", "survey", "--rule", "示例", "--report", "none")
    assert (unknown.returncode, "areas" in unknown.stderr) == (2, True)
    done = _onemap(state, "area-order", *sources, "--rule", "示例文件第1条")
    assert done.returncode == 0
    assert "areas: Survey > Certificate (from 2026-01-01" in done.stdout
    listed = json.loads(_onemap(state, "area-order", "--json").stdout)["orders"]
    assert [(one["report"], len(one["sources"])) for one in listed] == [("*", 5), ("areas", 2)]


def test_a_check_writes_the_marked_workbook_where_it_is_told(state: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["建筑编号", "名称", "地址", "经度", "纬度", "坐标系"])
    book.active.append(["B1", "甲楼", "甲路1号", 0.0001, 0.0001, "CGCS2000"])
    book.save(tmp_path / "a.xlsx")
    out = tmp_path / "out"
    done = _onemap(state, "check", str(tmp_path / "a.xlsx"), "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rejected"] == 1
    assert [path.name for path in out.iterdir()] == ["a-marked.xlsx"]
    assert "a-marked.xlsx" in done.stderr
