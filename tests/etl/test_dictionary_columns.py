"""Columns of the dictionary, loaded: kept where the register has a home, else told once each."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from assets.registry import CONTRACTS
from etl.load import LoadOptions, LoadResult, load_file
from etl.meaning import meant_sheets
from etl.pack import load_pack
from etl.read import read_source
from etl.undo import undo_load
from gis.db import Database, Role
from tests.conftest import Operator

NOT_KEPT, PERSONAL = "column.not_kept", "column.not_kept.personal"
BODIES = """单位名称,机构类型,行政区划代码,行政编制,政法编制,参公编制,事业编制,工勤编制,\
劳务派遣,借调,临聘,聘用人员,法定代表人,联系电话
文化馆（示例）,事业单位,320402,12,,,30,3,4,1,2,5,张三（示例）,0519-0000
图书馆（示例）,事业单位,320402,,,,,,,,,,,
"""
LEDGER = """院落名称,地址,填报单位,建筑面积(平方米)\
,出租出借面积,毁损待报废面积,对外投资面积,担保面积\
,单位负担费用面积,计算机机房面积,会议室面积,车库面积,食堂面积,配电房面积,套内面积,房间数量,价值(万元),\
土地使用起始日期,终止日期,使用年限,东至,南至,宗地号,丘号,电梯数,空调形式,供暖方式,所在层\
,评估值,财政性资金,净值,累计折旧,取得方式,使用人,行政区划级别
甲院,天宁区甲路1号,文化馆（示例）,1000,10,20,30,40,50,60,70,80,90,15,900,25,12.5,\
2001-05-01,2051-04-30,50,甲河,乙路,1-2,3,2,中央空调,市政供暖,1-3,300万元,1,2,3,自建,李四（示例）,县级
"""
ROOMS = """建筑编号,房间号,房间类型,用途\
,使用面积(实测),原使用面积,核定面积,标准面积,超标面积,超标比例\
,使用人,姓名,职务,职级,备案情况,整改措施
D1,101,服务用房,会议室,48.5,50,40,40,8.5,21%,王五（示例）,王五（示例）,主任,正科级,已备案,调整
D1,102,办公室,办公,18,,,,,,,,,副科级,,
"""


def _load(city: Database, operator: Operator, path: Path, words: str) -> LoadResult:
    path.write_text(words, "utf-8")
    return load_file(city, path, token=operator.token, options=LoadOptions(any_area=True))


def _rows(city: Database, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        return [tuple(row) for row in conn.execute(text(query), values)]


def _told(city: Database, result: LoadResult) -> dict[str, str]:
    """By header the rule that says what became of a column."""
    rows = _rows(
        city,
        "SELECT column_header, rule FROM staging.issue"
        " WHERE load_id = :id AND row_number = 0 AND column_header IS NOT NULL",
        id=result.load_id,
    )
    told: dict[str, str] = dict(rows)
    assert len(told) == len(rows)
    return told


def test_posts_and_people_are_kept_by_sort_and_make_up_the_total_nobody_states(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    result = _load(city, operator, tmp_path / "机构.csv", BODIES)
    assert result.inserted == 2
    people = _rows(city, "SELECT kind, people FROM organization.headcount WHERE rank_code IS NULL")
    assert dict(people) == {
        "quota": 45, "quota_administrative": 12, "quota_institution": 30, "quota_support": 3,
        "non_quota": 12, "dispatched": 4, "seconded": 1, "temporary": 2, "hired": 5,
    }  # fmt: skip
    assert _told(city, result) == {"法定代表人": PERSONAL, "联系电话": PERSONAL}
    # A later list that states the total is believed, whatever its parts come to.
    stated = (
        "单位名称,统一社会信用代码,机构类型,编制人数,行政编制\n文化馆（示例）,,事业单位,50,12\n"
    )
    _load(city, operator, tmp_path / "机构2.csv", stated)
    newest = "SELECT people FROM organization.headcount WHERE kind = 'quota'"
    assert _rows(city, newest) == [(50,)]


def test_a_ledger_keeps_every_area_and_tells_of_each_column_it_does_not_carry(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "机构.csv", BODIES)
    result = _load(city, operator, tmp_path / "房产台账.csv", LEDGER)
    assert (result.rows, result.inserted) == (1, 1)
    areas = _rows(city, "SELECT area_kind, area_m2 FROM place.area_measure")
    assert {kind: float(area) for kind, area in areas} == {
        "gross": 1000, "let_or_lent": 10, "to_scrap": 20, "invested": 30, "pledged": 40,
        "cost_borne": 50, "computer_room": 60, "meeting_room": 70, "garage": 80, "canteen": 90,
        "power_room": 15, "internal": 900,
    }  # fmt: skip
    # What stands for another column is read in the unit of its own header.
    assert _rows(city, "SELECT room_count, book_value_yuan FROM place.site") == [(25, 125000)]
    held = "SELECT o.name FROM place.place JOIN organization.organization AS o ON"
    assert _rows(city, f"{held} o.organization_id = steward_id") == [("文化馆（示例）",)]
    assert _told(city, result) == {
        **dict.fromkeys(
            (
                "土地使用起始日期", "终止日期", "使用年限", "东至", "南至", "宗地号",
                "电梯数", "空调形式", "供暖方式", "所在层", "评估值", "财政性资金", "净值",
                "累计折旧", "取得方式", "行政区划级别",
            ),
            NOT_KEPT,
        ),
        "使用人": PERSONAL,
        "丘号": "column.unknown",  # beside 宗地号
    }  # fmt: skip
    undo_load(city, result.load_id, token=operator.token)
    assert _rows(city, "SELECT FROM place.area_measure") == []


def test_rooms_keep_their_use_and_rank_and_nobodys_name(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "楼.csv", "楼栋编号,楼栋名称,建筑面积\nD1,甲楼,1000\n")
    result = _load(city, operator, tmp_path / "房间.csv", ROOMS)
    assert (result.inserted, result.rejected) == (2, 0)
    rooms = "SELECT number, room_class, room_use, post_name, post_rank FROM place.room"
    assert _rows(city, f"{rooms} ORDER BY number") == [
        ("101", "service", "meeting", "主任", "正科级"),
        ("102", "office", "office", None, "副科级"),
    ]
    assert _told(city, result) == {
        **dict.fromkeys(("使用人", "姓名"), PERSONAL),
        **dict.fromkeys(
            ("原使用面积", "核定面积", "标准面积", "超标面积", "超标比例", "备案情况", "整改措施"),
            NOT_KEPT,
        ),
    }
    for table in ("place.place", "place.room", "history.place_place", "history.place_room"):
        assert _rows(city, f"SELECT FROM {table} AS t WHERE t::text LIKE '%王五%'") == []


def test_a_parcel_keeps_from_when_until_when_its_ground_may_be_used(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    headers = "宗地号,用地面积,土地使用起始日期,土地使用终止日期,四至"
    words = f"{headers}\nZ1,1000,2001年5月1日,2051-4-30,东至甲河\n"
    result = _load(city, operator, tmp_path / "宗地.csv", words)
    assert _rows(city, "SELECT right_starts_on, right_ends_on FROM place.parcel") == [
        (date(2001, 5, 1), date(2051, 4, 30))
    ]
    assert _told(city, result) == {"四至": NOT_KEPT}


def test_a_card_of_the_finance_system_is_still_one_and_no_property(tmp_path: Path) -> None:
    headers = "资产编号,资产名称,资产分类名称,坐落位置,使用部门,使用人,建筑面积,原值,净值,取得方式"
    row = "Z1,甲楼,办公用房,甲路1号,办公室,,1,2,3,"
    (tmp_path / "a.csv").write_text(f"{headers}\n{row}\n", "utf-8")
    [sheet] = meant_sheets(read_source(tmp_path / "a.csv"), CONTRACTS, load_pack())
    assert sheet.mapping is not None
    assert sheet.mapping.contract.name == "asset_card"
