"""What a ledger says beside areas: shares of titles, what is let or lent, lineage, posts."""

from datetime import date
from pathlib import Path

import openpyxl
from handed_in import register_state
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role
from tests.conftest import Operator

LEDGER = ["房产编号", "名称", "地址坐落", "行政区划代码", "使用单位", "总建筑面积（m²）"]
HALL = ["CZ-1", "文化馆", "天宁区甲路1号", "320402", "文化馆", 1000]


def _book(path: Path, headers: list[str], *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    for row in (headers, *rows):
        book.active.append(row)
    book.save(path)
    return path


def _load(
    city: Database, operator: Operator, path: Path, *, as_of: date | None = None
) -> LoadResult:
    return load_file(
        city, path, token=operator.token, options=LoadOptions(any_area=True, as_of=as_of)
    )


def _rows(city: Database, query: str) -> list[tuple[object, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        return [tuple(row) for row in conn.execute(text(query))]


def test_a_title_is_split_into_its_shares(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    headers = [*LEDGER, "不动产权证号", "证载面积", "分摊建筑面积", "证载地下面积", "土地证号",
               "土地证载面积", "独用面积", "分摊面积"]  # fmt: skip
    shares = [
        "苏(2020)常州市不动产权第0000001号",
        950,
        150,
        80,
        "常国用(2010)第0001号",
        700,
        500,
        200,
    ]
    path = _book(tmp_path / "a.xlsx", headers, [*HALL, *shares])
    _load(city, operator, path)
    assert _rows(
        city,
        "SELECT t.kind, l.share_kind, l.area_m2::text FROM place.title_place AS l"
        " JOIN place.title AS t USING (title_id) ORDER BY 1, 2",
    ) == [
        ("house", "apportioned", "150.00"),
        ("house", "own", "800.00"),
        ("house", "underground", "80.00"),
        ("land", "apportioned", "200.00"),
        ("land", "land", "700.00"),
        ("land", "own", "500.00"),
    ]
    state = register_state(city)
    assert _load(city, operator, path).unchanged == 1
    assert register_state(city) == state


HELD = (
    "SELECT h.kind, h.extent, h.area_m2::text, h.valid_from, h.valid_to, o.name"
    " FROM estate.holding AS h JOIN estate.holding_party USING (holding_id)"
    " JOIN organization.organization AS o ON o.organization_id = holder_id"
    " WHERE h.kind IN ('lets_out', 'lends') ORDER BY h.kind DESC, h.holding_id"
)


def test_what_is_let_or_lent_is_a_part_with_its_area_and_claims_no_room(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    headers = [*LEDGER, "出租面积", "出借面积"]
    first, later = date(2025, 9, 30), date(2026, 9, 30)
    path = _book(tmp_path / "a.xlsx", headers, [*HALL, 300, 40])
    _load(city, operator, path, as_of=first)
    assert _rows(city, HELD) == [
        ("lets_out", "part", "300.00", None, None, "文化馆"),
        ("lends", "part", "40.00", None, None, "文化馆"),
    ]
    assert _rows(city, "SELECT count(*) FROM estate.holding_leaf") == [(0,)]
    state = register_state(city)
    assert _load(city, operator, path, as_of=first).unchanged == 1
    assert register_state(city) == state
    less = _load(city, operator, _book(tmp_path / "b.xlsx", headers, [*HALL, 200, 0]), as_of=later)
    assert _rows(city, HELD) == [
        ("lets_out", "part", "300.00", None, later, "文化馆"),
        ("lets_out", "part", "200.00", later, None, "文化馆"),
        ("lends", "part", "40.00", None, later, "文化馆"),
    ]
    undo_load(city, less.load_id or 0, token=operator.token)
    assert register_state(city) == state


def test_a_file_of_the_same_day_corrects_what_is_let(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    headers = [*LEDGER, "出租面积", "出借面积"]
    day = date(2025, 9, 30)
    _load(city, operator, _book(tmp_path / "a.xlsx", headers, [*HALL, 300, 40]), as_of=day)
    _load(city, operator, _book(tmp_path / "b.xlsx", headers, [*HALL, 250, 0]), as_of=day)
    assert _rows(city, HELD) == [("lets_out", "part", "250.00", None, None, "文化馆")]


def test_a_place_knows_what_it_was_made_of_and_that_exists_no_longer(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    old = [["CZ-8", "东楼", "天宁区乙路8号", "320402", "文化馆", 100],
           ["CZ-9", "西楼", "天宁区乙路9号", "320402", "文化馆", 200]]  # fmt: skip
    _load(city, operator, _book(tmp_path / "a.xlsx", LEDGER, *old))
    headers = [*LEDGER, "合并自", "拆分自", "变更日期"]
    path = _book(tmp_path / "b.xlsx", headers, [*HALL, "CZ-8、CZ-9；CZ-77", None, "2026-03-01"])
    before = register_state(city)
    result = _load(city, operator, path)
    assert _rows(
        city,
        "SELECT a.name, l.kind, l.happened_on, b.name, a.valid_to, b.valid_to"
        " FROM place.lineage AS l JOIN place.place AS a ON a.place_id = from_place_id"
        " JOIN place.place AS b ON b.place_id = to_place_id ORDER BY 1",
    ) == [
        (name, "merged", date(2026, 3, 1), "文化馆", date(2026, 3, 1), None)
        for name in ("东楼", "西楼")
    ]
    assert _rows(city, "SELECT original FROM staging.issue WHERE rule = 'lineage.unknown'") == [
        ("CZ-77",)
    ]
    assert _load(city, operator, path).unchanged == 1
    undo_load(city, result.load_id or 0, token=operator.token)
    assert register_state(city) == before
    assert _rows(city, "SELECT count(*) FROM place.lineage") == [(0,)]


def test_a_list_of_posts_is_kept_with_ranks_and_days(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, _book(tmp_path / "a.xlsx", LEDGER, HALL))
    headers = ["单位名称", "职务", "职级", "姓名", "任职时间"]
    rows = [
        ["文化馆", "馆长", "正科级", "示例甲", "2024-01-01"],
        ["文化馆", "副馆长", "副科级", None, None],
        ["文化馆", "副馆长", "副科级", "示例乙", None],
        ["无名馆", "馆长", "正科级", None, None],
    ]
    path = _book(tmp_path / "posts.xlsx", headers, *rows)
    result = _load(city, operator, path)
    assert (result.inserted, result.waiting) == (3, 1)
    listed = (
        "SELECT title, rank_code, holder_name, valid_from FROM organization.post ORDER BY post_id"
    )
    assert _rows(city, listed) == [
        ("馆长", "section_chief", "示例甲", date(2024, 1, 1)),
        ("副馆长", "section_deputy", None, None),
        ("副馆长", "section_deputy", "示例乙", None),
    ]
    again = _load(city, operator, path)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 3)
    rows[1][3] = "示例丙"
    changed = _load(city, operator, _book(tmp_path / "later.xlsx", headers, *rows))
    assert (changed.updated, changed.unchanged) == (1, 2)
    assert [row[2] for row in _rows(city, listed)] == ["示例甲", "示例丙", "示例乙"]


def test_posts_of_one_person_are_known_by_a_number_that_tells_nothing_else(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, _book(tmp_path / "a.xlsx", LEDGER, HALL))
    headers = ["单位名称", "职务", "姓名", "人员编号"]
    rows = [
        ["文化馆", "馆长", "示例甲", "C-0017"],
        ["文化馆", "支部书记", "示例甲", "C-0017"],
        ["文化馆", "副馆长", "示例乙", "320401198001010019"],
        ["文化馆", "副馆长", "示例丙", "示例丙"],
        ["文化馆", "主任", "示例丁", "C-0017"],
    ]
    result = _load(city, operator, _book(tmp_path / "posts.xlsx", headers, *rows))
    assert result.inserted == 5
    listed = "SELECT title, person_key FROM organization.post ORDER BY post_id"
    known = [("馆长", "C-0017"), ("支部书记", "C-0017"), ("副馆长", None), ("副馆长", None)]
    assert _rows(city, listed) == [*known, ("主任", "C-0017")]
    # Whoever reads the list of issues learns no number of a card.
    said = "SELECT rule, row_number, original FROM staging.issue WHERE rule LIKE 'person.%'"
    assert sorted(_rows(city, f"{said} ORDER BY 1, 2")) == [
        ("person.names_differ", 2, "C-0017"), ("person.names_differ", 3, "C-0017"),
        ("person.names_differ", 6, "C-0017"), ("person.number_unfit", 4, None),
        ("person.number_unfit", 5, None),
    ]  # fmt: skip
    rows[2][3] = "C-0018"
    rows[4][2:] = ["示例戊", None]
    again = _load(city, operator, _book(tmp_path / "later.xlsx", headers, *rows))
    assert (again.inserted, again.updated, again.unchanged) == (0, 2, 3)
    # Of a new holder nobody has said yet who it is.
    known[2] = ("副馆长", "C-0018")
    assert _rows(city, listed) == [*known, ("主任", None)]


def test_a_post_that_ends_before_it_begins_comes_back_and_the_others_go_in(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, _book(tmp_path / "a.xlsx", LEDGER, HALL))
    headers = ["单位名称", "职务", "职级", "任职时间", "离任时间"]
    rows = [
        ["文化馆", "馆长", "正科级", "2024-05-01", "2024-01-01"],
        ["文化馆", "副馆长", "副科级", "2024-05-01", "2024-06-01"],
        ["文化馆", "主任", "帝王级", "2024-05-01", None],
    ]
    result = _load(city, operator, _book(tmp_path / "posts.xlsx", headers, *rows))
    assert (result.inserted, result.rejected) == (2, 1)
    said = (
        "SELECT sheet, row_number, column_header, rule, original FROM staging.issue"
        " WHERE rule IN ('post.days_backwards', 'enum.unknown') ORDER BY row_number"
    )
    assert _rows(city, said) == [
        ("Sheet", 2, None, "post.days_backwards", None),
        ("Sheet", 4, "职级", "enum.unknown", "帝王级"),
    ]
    # Nor does a day that comes later turn what is known round.
    later = [["文化馆", "主任", "帝王级", None, "2024-04-01"]]
    again = _load(city, operator, _book(tmp_path / "later.xlsx", headers, *later))
    assert (again.updated, again.rejected) == (0, 1)


def test_a_post_that_has_ended_is_followed_by_one_of_its_own(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, _book(tmp_path / "a.xlsx", LEDGER, HALL))
    headers = ["单位名称", "职务", "姓名", "任职时间", "离任时间"]
    first = [
        ["文化馆", "馆长", "示例甲", "2020-01-01", "2025-06-30"],
        ["文化馆", "副馆长", "示例乙", "2020-01-01", "2025-06-30"],
        ["文化馆", "书记", None, "2020-01-01", "2025-06-30"],
    ]
    _load(city, operator, _book(tmp_path / "first.xlsx", headers, *first))
    listed = (
        "SELECT title, holder_name, valid_from::text, valid_to::text FROM organization.post"
        " ORDER BY post_id"
    )
    ended = [tuple(row[1:]) for row in first]
    assert _rows(city, listed) == ended
    # A successor with a day, one without, and somebody who comes back; what is over stays.
    later = [
        ["文化馆", "馆长", "示例丙", "2025-07-01", None],
        ["文化馆", "书记", "示例丁", None, None],
        ["文化馆", "副馆长", "示例乙", "2026-01-01", None],
    ]
    path = _book(tmp_path / "later.xlsx", headers, *later)
    result = _load(city, operator, path)
    assert (result.inserted, result.updated, result.rejected) == (3, 0, 0)
    now = [*ended, *(tuple(row[1:]) for row in later)]
    assert _rows(city, listed) == now
    # All of it once more, as one list, and without days, finds each of them again.
    blank = [["文化馆", "副馆长", "示例乙", None, None]]
    for name, rows in (("all", [*later, *first]), ("blank", blank)):
        again = _load(city, operator, _book(tmp_path / f"{name}.xlsx", headers, *rows))
        assert (again.inserted, again.updated, again.unchanged) == (0, 0, len(rows))
    assert _rows(city, listed) == now
