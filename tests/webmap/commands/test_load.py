"""`load` and `check` on files that cannot be used: a sentence, exit 2, and nothing changed."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely
from sqlalchemy import NullPool, create_engine, text

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


def _onemap(state: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "webmap.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=child_environment(
            **{
                "ONEMAP_STATE_DIR": str(state),
                "ONEMAP_LANGUAGE": "en",
                "ONEMAP_DATABASE_URL": "",
                **settings,
            }
        ),
    )


def _without_header(path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append([1, 2, 3])
    book.save(path)


def _without_datum(path: Path) -> None:
    path.write_text("建筑编号,名称,经度,纬度\nB1,甲楼,119.9,31.8\n", encoding="utf-8")


def _encrypted(path: Path) -> None:
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")
    )


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(64 * 1024 * 1024))


def _two_for_one(path: Path) -> None:
    path.write_text("房屋坐落,地址坐落,建筑面积,使用单位\n甲路1号,甲路1号,100,财政局\n", "utf-8")


def _buildings(path: Path, rows: int, more_columns: int = 0) -> None:
    extra = [f"列{at}" for at in range(more_columns)]
    lines = [",".join(["建筑编号", "名称", *extra])]
    lines += [",".join([f"B{at}", "甲楼", *extra]) for at in range(rows)]
    path.write_text("\n".join(lines), "utf-8")


ROWS, COLUMNS = 50, 20
"""The ceilings an operator set for these tests."""
REFUSED: dict[str, Callable[[Path], object]] = {
    "empty.xlsx": lambda path: path.write_bytes(b""),
    "cut.xlsx": lambda path: path.write_bytes(b"PK\x03\x04 cut off"),
    "picture.xlsx": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64)),
    "no_header.xlsx": _without_header,
    "no_datum.csv": _without_datum,
    "malformed.geojson": lambda path: path.write_text("{"),
    "encrypted.xlsx": _encrypted,
    "bomb.xlsx": _bomb,
    "wrongly_named.xlsx": lambda path: path.write_text("建筑编号,名称\nB1,甲楼\n", "utf-8"),
    "two_for_one.csv": _two_for_one,
    "too_long.csv": lambda path: _buildings(path, ROWS + 2),
    "too_wide.csv": lambda path: _buildings(path, 2, COLUMNS),
}
SAID = {
    "encrypted.xlsx": "password",
    "bomb.xlsx": "unpacks",
    "wrongly_named.xlsx": "the content is",
    "two_for_one.csv": "地址坐落",
    "too_long.csv": f"{ROWS}",
    "too_wide.csv": f"{COLUMNS}",
}
"""A word of the sentence, where a file could be refused for another reason."""


def _content(state: Path) -> dict[str, str]:
    """A digest of every table but those of sessions and jobs at work."""
    engine = create_engine(Cluster(state / "cluster").url(), poolclass=NullPool)
    with engine.connect() as conn:
        names = conn.execute(
            text(
                "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name)"
                " FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema"
                " NOT IN ('pg_catalog', 'information_schema', 'rights', 'queue')"
            )
        ).scalars()
        return {
            name: conn.execute(
                text(
                    "SELECT md5(coalesce(string_agg(r, '|' ORDER BY r), ''))"
                    f" FROM (SELECT t::text AS r FROM {name} AS t) AS rows"
                )
            ).scalar_one()
            for name in names.all()
        }


@pytest.fixture(scope="module")
def before(state: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the database held before anything was refused; it holds a building."""
    path = tmp_path_factory.mktemp("first") / "first.csv"
    _buildings(path, 1)
    assert _onemap(state, "load", str(path)).returncode == 0
    return _content(state)


@pytest.mark.parametrize(
    ("command", "name"), [*(("load", name) for name in REFUSED), ("check", "two_for_one.csv")]
)
def test_a_file_that_cannot_be_used_is_refused_by_name_and_changes_nothing(
    state: Path, before: dict[str, str], tmp_path: Path, name: str, command: str
) -> None:
    path = tmp_path / name
    REFUSED[name](path)
    ceilings = {"ONEMAP_FILE_ROWS": str(ROWS), "ONEMAP_FILE_COLUMNS": str(COLUMNS)}
    refused = _onemap(state, command, str(path), "--json", **ceilings)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert name in refused.stderr
    assert SAID.get(name, name) in refused.stderr
    assert "Traceback" not in refused.stderr
    assert _content(state) == before


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


def test_new_boundaries_take_the_places_in_them_along(state: Path, tmp_path: Path) -> None:
    def districts(line: float) -> Path:
        path = tmp_path / f"{line}.geojson"
        rows = {
            "区划代码": ["320400", "320481", "320413"],
            "名称": ["常州市", "溧阳市", "金坛区"],
        }
        ends = [(119.0, 119.4), (119.0, line), (line, 119.4)]
        boxes = [shapely.box(west, 31.0, east, 31.2) for west, east in ends]
        geopandas.GeoDataFrame(rows, geometry=boxes, crs=4490).to_file(path)
        return path

    def moved(line: float) -> int:
        done = _onemap(state, "admin-areas", "load", str(districts(line)), "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["places_moved"]

    assert moved(119.2) == 0
    path = tmp_path / "spots.csv"
    path.write_text("建筑编号,名称,经度,纬度\nL1,甲楼,119.1,31.1\nL2,乙楼,119.3,31.1\n", "utf-8")
    options = ("--datum", "CGCS2000", "--area", "any", "--profile", "building")
    assert _onemap(state, "load", str(path), *options).returncode == 0
    assert [moved(119.2), moved(119.05), moved(119.05)] == [0, 1, 0]


def test_a_district_in_force_that_a_table_of_changes_leaves_out_is_told(
    state: Path, tmp_path: Path
) -> None:
    path = tmp_path / "change.csv"
    path.write_text("代码,名称,启用日期,原代码\n320499,示例区,2020-01-01,320481\n", "utf-8")
    done = _onemap(state, "admin-areas", "load", str(path))
    assert done.returncode == 0, done.stderr
    assert "320481: in force, and not in the file" in done.stdout
    again = json.loads(_onemap(state, "admin-areas", "load", str(path), "--json").stdout)
    assert (again["changed"], again["formers_unlisted"]) == (0, ["320481"])


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


def test_the_yearly_date_is_listed_and_set_with_its_document(state: Path) -> None:
    listed = json.loads(_onemap(state, "due-date", "--json").stdout)
    assert listed["next_due_on"].endswith("-09-30")
    assert [rule["is_default"] for rule in listed["rules"]] == [True]
    for wrong in (("08-31",), ("02-29", "--rule", "示例"), ("august", "--rule", "示例")):
        assert _onemap(state, "due-date", *wrong).returncode == 2
    done = _onemap(state, "due-date", "08-31", "--rule", "示例文号", "--since", "2020-01-01")
    assert done.returncode == 0
    assert "each year 08-31 (from 2020-01-01 to –; by 示例文号; not verified)" in done.stdout
    assert "-08-31" in done.stdout.splitlines()[-1]


def test_the_standard_is_listed_and_the_bureau_states_marks_and_ends_a_row(state: Path) -> None:
    key = ("office_limit", "--level", "town", "--rank", "town_chief")
    [row] = json.loads(_onemap(state, "standard", *key, "--json").stdout)["rows"]
    assert (row["value"], row["origin"], row["is_verified"]) == (None, "pack", False)
    for wrong in ((), (*key, "--value", "many", "--rule", "示例"), (*key, "--value", "22"),
                  (*key, "--value", "25", "--rule", "示例"),
                  (*key, "--value", "20", "--rule", "示例", "--withdraw")):  # fmt: skip
        refused = _onemap(state, "standard", *(wrong or ("--withdraw",)))
        assert refused.returncode == 2, wrong
    stated = ("--value", "22", "--since", "2026-01-01", "--rule", "示例文号", "--clause", "第1条")
    done = _onemap(state, "standard", *key, *stated)
    assert done.returncode == 0, done.stderr
    assert "22 m² (from 2026-01-01 on; the bureau; not verified; 示例文号 第1条)" in done.stdout
    marked = json.loads(_onemap(state, "standard", *key, "--compared", "--json").stdout)
    assert marked["rows"][0]["is_verified"] is True
    early = json.loads(_onemap(state, "standard", *key, "--as-of", "2025-12-31", "--json").stdout)
    assert early["rows"][0]["origin"] == "pack"
    ended = _onemap(state, "standard", *key, "--withdraw", "--since", "2026-02-01", "--json")
    assert json.loads(ended.stdout)["rows"][0]["origin"] == "pack"
    assert _onemap(state, "standard", *key, "--withdraw").returncode == 2


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


CHECKED = {
    "zh": [
        "“楼栋”按“建筑”识别：数据 3 行，认得 3 列。",
        "　　有 1 列未能识别，不会导入：风水",
        "“说明”中没有可导入的表格，已跳过。",
        "[退回] 楼栋，第 4 行，“建筑编号”列：编号与本表前面的行重复，该行未导入。（原文：B1）",
        "[提示] 楼栋，第 2、3 行，“建筑面积”列：“约”“左右”等字样已去掉，按所写数值采用。"
        "（原文如：约100）",
        "检查完毕，底册未作改动。如导入本文件：共 3 行，其中新增 2、更新 0、未变 0、退回 1、"
        "待处理 0；问题 4 条。",
    ],
    "en": [
        "楼栋 was read as building; data rows: 3, known columns: 3.",
        "  Columns nobody knows, which would not be loaded (1): 风水",
        "说明 holds no table to load and was passed over.",
        "[rejected] 楼栋, row 4, column 建筑编号: The number repeats an earlier row; this row was"
        " not loaded. (as written: B1)",
        '[warning] 楼栋, row 2, 3, column 建筑面积: Words for "about" were dropped; the number was'
        " taken as written. (such as: 约100)",
        "Checked; the register was not changed. Loading this file would give 3 rows: 2 inserted,"
        " 0 updated, 0 unchanged, 1 rejected, 0 waiting. Issues: 4.",
    ],
}


@pytest.mark.parametrize("language", CHECKED)
def test_a_check_says_how_it_took_each_sheet_and_each_finding_once(
    state: Path, tmp_path: Path, language: str
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "楼栋"
    for row in (
        ["建筑编号", "名称", "建筑面积", "风水"],
        ["B1", "子楼", "约100", "好"],
        ["B2", "丑楼", "约200", None],
        ["B1", "寅楼", 300, None],
    ):
        sheet.append(row)
    book.create_sheet("说明").append(["本表为示例数据"])
    book.save(tmp_path / "a.xlsx")
    done = _onemap(state, "check", str(tmp_path / "a.xlsx"), ONEMAP_LANGUAGE=language)
    assert done.stdout.splitlines() == CHECKED[language]


@pytest.mark.parametrize(
    ("language", "start"), [("zh", "[提示] 第 2 行，"), ("en", "[warning] row 2,")]
)
def test_a_file_without_sheets_names_none(
    state: Path, tmp_path: Path, language: str, start: str
) -> None:
    (tmp_path / "a.csv").write_text("建筑编号,名称,建筑面积\nC1,卯楼,约100\n", "utf-8")
    done = _onemap(state, "check", str(tmp_path / "a.csv"), ONEMAP_LANGUAGE=language)
    first, finding, last = done.stdout.splitlines()
    assert finding.startswith(start)
    assert "None" not in first
    assert "导入 ：" not in last
    assert "Load :" not in last


def test_a_load_names_the_columns_it_left_out(state: Path, tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    path.write_text(
        "地址坐落,行政区划代码,总建筑面积（m²）,使用单位,风水,朝向评分\n"
        "示例路1号,320402,1000,示例局,好,9\n",
        encoding="utf-8",
    )
    loaded = _onemap(state, "load", str(path), "--area", "any")
    assert loaded.returncode == 0
    assert "风水, 朝向评分" in loaded.stdout


def test_nobody_is_covered_by_the_standard_without_a_document_or_a_known_code(state: Path) -> None:
    bare = _onemap(state, "covered", "NONE")
    assert (bare.returncode, "--rule" in bare.stderr) == (2, True)
    unknown = _onemap(state, "covered", "NONE", "--rule", "示例文件")
    assert (unknown.returncode, "NONE" in unknown.stderr) == (2, True)
    assert json.loads(_onemap(state, "covered", "--json").stdout)["covered"] == []
