"""Who sits in the rooms of a sheet: people of a room, their posts, and one person's offices."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from etl.terms import save_terms
from etl.undo import undo_load
from gis.db import Database, Role
from tests.conftest import Operator
from tests.handed_in import register_state

ABOVE = "楼栋编号,楼栋名称,建筑面积\nD1,甲楼,1000\n"
BODIES = "单位名称,机构类型,行政区划代码\n示例甲局,机关,320402\n示例乙局,机关,320402\n"
POSTS = """单位名称,职务,职级,姓名,人员编号
示例甲局,局长,正处级,甲一,A-001
示例甲局,副局长,副处级,甲二,
示例甲局,副局长,副处级,甲三,
示例乙局,副局长,副处级,甲一,A-001
"""
HEAD = "建筑编号,房间号,使用单位,房间类型,使用面积(实测),是否共用,姓名,职务,职级,人员编号\n"
ROOMS = (
    HEAD
    + """D1,101,示例甲局,办公室,24,否,甲一,局长,正处级,
D1,102,示例甲局,办公室,30,是,甲二,副局长,副处级,
D1,102,示例甲局,办公室,30,是,甲三,副局长,副处级,
D1,102,示例甲局,办公室,30,是,"甲四、甲五",,科级以下,
D1,103,示例甲局,办公室,12,是,甲六,,副科级,
D1,104,示例乙局,办公室,15,否,甲一,副局长,副处级,A-001
D1,105,示例甲局,办公室,20,否,甲七,科长,正科级,A-007
D1,105,示例乙局,办公室,20,否,乙一,科员,第九级,
D1,106,示例甲局,会议室,40,,,,,
"""
)
SEATED = """
SELECT r.number, o.name, t.title, t.person_key, s.rank_code, s.heads, s.share, h.valid_from
FROM estate.sharer AS s JOIN estate.holding AS h USING (holding_id)
JOIN place.room AS r USING (place_id)
JOIN organization.organization AS o ON o.organization_id = s.holder_id
LEFT JOIN organization.post AS t USING (post_id)
WHERE h.valid_to IS NULL ORDER BY r.number, s.sharer_id"""


def _load(
    city: Database, operator: Operator, path: Path, words: str, day: date | None = None
) -> LoadResult:
    path.write_text(words, "utf-8")
    options = LoadOptions(any_area=True, as_of=day)
    return load_file(city, path, token=operator.token, options=options)


def _rows(city: Database, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        return [tuple(row) for row in conn.execute(text(query), values)]


def _begun(city: Database, operator: Operator, folder: Path) -> None:
    with city.engine(Role.LOADER).begin() as conn:
        save_terms(conn)
    for name, words in (("楼", ABOVE), ("机构", BODIES), ("岗位", POSTS)):
        assert _load(city, operator, folder / f"{name}.csv", words).issues == 0 or name == "楼"


def test_people_of_a_room_are_entered_with_their_posts_and_parts(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _begun(city, operator, tmp_path)
    before = register_state(city)
    result = _load(city, operator, tmp_path / "房间.csv", ROOMS)
    assert (result.inserted, result.rejected, result.waiting) == (9, 0, 0)
    assert _rows(city, "SELECT count(*) FROM place.room") == [(6,)]
    quarter, half = Decimal("0.250000"), Decimal("0.500000")
    assert _rows(city, SEATED) == [
        ("101", "示例甲局", "局长", "A-001", None, 1, 1, None),
        ("102", "示例甲局", "副局长", None, None, 1, quarter, None),
        ("102", "示例甲局", "副局长", None, None, 1, quarter, None),
        ("102", "示例甲局", None, None, "section_below", 2, half, None),
        ("104", "示例乙局", "副局长", "A-001", None, 1, 1, None),
        ("105", "示例甲局", "科长", "A-007", None, 1, half, None),
        ("105", "示例乙局", None, None, None, 1, half, None),
    ]
    told = "SELECT rule, row_number, original FROM staging.issue WHERE load_id = :id"
    found = _rows(city, f"{told} AND rule LIKE 'person.%' ORDER BY 1, 2", id=result.load_id)
    assert found == [
        ("person.not_shared", 8, None), ("person.others_missing", 6, None),
        ("person.post_unknown", 9, "科员"), ("person.rank_unknown", 9, "第九级"),
    ]  # fmt: skip
    for table in ("estate.sharer", "organization.post", "place.room", "history.estate_sharer"):
        assert _rows(city, f"SELECT FROM {table} AS t WHERE t::text ~ '甲六|甲七|乙一'") == []
    again = _load(city, operator, tmp_path / "again.csv", ROOMS)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 9)
    undo_load(city, result.load_id or 0, token=operator.token)
    assert register_state(city) == before


def test_other_people_of_a_later_day_begin_a_new_use_and_of_the_same_day_correct_it(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _begun(city, operator, tmp_path)
    first, later = date(2025, 6, 30), date(2026, 6, 30)
    row = "D1,101,{body},办公室,24,{shared},{name},{title},正处级,\n"
    chief = row.format(body="示例甲局", shared="否", name="甲一", title="局长")
    deputies = "".join(
        row.format(body="示例甲局", shared="是", name=name, title="副局长")
        for name in ("甲二", "甲三")
    )
    other = chief + row.format(body="示例乙局", shared="否", name="甲一", title="副局长")
    for number, (words, day) in enumerate(((chief, first), (other, first), (deputies, later))):
        done = _load(city, operator, tmp_path / f"{number}.csv", HEAD + words, day)
        assert done.rejected == done.waiting == 0
    seated = _rows(city, SEATED)
    assert [(one[2], one[6], one[7]) for one in seated] == [
        ("副局长", Decimal("0.5"), later), ("副局长", Decimal("0.5"), later)
    ]  # fmt: skip
    ended = """
    SELECT o.name, p.share, h.valid_to FROM estate.holding AS h
    JOIN estate.holding_party AS p USING (holding_id)
    JOIN organization.organization AS o ON o.organization_id = p.holder_id
    WHERE h.valid_to IS NOT NULL ORDER BY 1"""
    assert _rows(city, ended) == [
        ("示例乙局", Decimal("0.5"), later), ("示例甲局", Decimal("0.5"), later)
    ]  # fmt: skip
    # A file of a day before says nothing of who sits there now, and is told so.
    done = _load(city, operator, tmp_path / "old.csv", HEAD + chief, date(2025, 12, 31))
    assert _rows(city, SEATED) == seated
    assert done.updated == 0
