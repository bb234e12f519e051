"""The finance system's cards against the register. 示例数据: every asset here is invented."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import perf_counter

import openpyxl
import pytest
from handed_in import register_state
from sqlalchemy import text

from assets.estate.actions import mark_secret
from assets.services.papers.tables import report_workbook
from etl.cards import compare, read_cards
from etl.load import load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.errors import SourceError
from tests.conftest import Operator

LEDGER = ("资产编号", "房屋名称", "坐落", "行政区划代码", "使用单位", "建筑面积", "账面原值（元）",
          "使用状况", "房产证号")  # fmt: skip
REGISTERED = (
    ("FC-001", "甲楼", "常州市天宁区甲路1号", "320402", "示例一局", 1000, 3000000, "自用", None),
    (None, "乙楼", "常州市天宁区乙路2号", "320402", "示例二局", 800, 2000000, "自用",
     "苏（2020）常州市不动产权第0000002号"),
    (None, "丙楼", "常州市天宁区丙路3号", "320402", "示例三局", 500, None, "闲置", None),
    (None, "丁楼", "常州市天宁区丁香北路44号", "320402", "示例四局", 600, 900000, "自用", None),
    (None, "戊楼", "常州市天宁区戊路5号", "320402", "示例五局", 700, 700000, "自用", None),
)  # fmt: skip
CARD = (
    "卡片编号", "资产分类代码", "资产名称", "坐落位置", "面积", "原值", "使用状况", "权属证号",
    "使用部门", "入账日期", "会计凭证号",
)  # fmt: skip
HOUSE, COMPUTER, DAY = "1020101", "2010104", "2001-05-01"
CARDS = (
    ("FC-001", HOUSE, "办公楼甲", "甲路1号院", 1000, 3200000, "在用", None, "示例一局", DAY, "J-1"),
    ("K2", HOUSE, "乙楼", "乙路", 820, 2000000, "出租", "苏(2020)常州市不动产权第0000002号",
     "示例二局", DAY, "J-2"),
    ("K3a", HOUSE, "丙楼", "常州市天宁区丙路3号", 300, 100, "闲置", None, "示例三局", DAY, "J-3"),
    ("K4", HOUSE, "丁楼", "常州市天宁区丁香北路44-1号", 600, 900000, "在用", None, "示例四局", DAY,
     "J-4"),
    ("K6", HOUSE, "己楼", "外地某街6号", 90, 80000, "在用", None, "示例六局", DAY, "J-6"),
    ("K7", COMPUTER, "台式计算机", "甲楼", None, 5000, "在用", None, "示例一局", DAY, "J-7"),
)  # fmt: skip


def _book(path: Path, title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    book.active.title = title
    book.active.append(["示例数据"])
    book.active.append(list(header))
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


@pytest.fixture
def report(city: Database, operator: Operator, tmp_path: Path) -> dict[str, list[dict]]:
    ledger = _book(tmp_path / "台账.xlsx", "房产台账", LEDGER, REGISTERED)
    load_file(city, ledger, token=operator.token)
    cards = _book(tmp_path / "资产卡片.xlsx", "资产卡片", CARD, CARDS)
    made = compare(city, operator.token, cards, date(2026, 1, 1))
    (tmp_path / "差异.xlsx").write_bytes(report_workbook(made, "zh"))
    assert made.footnotes[0][1] == {
        "file": "资产卡片.xlsx", "cards": 5, "properties": 5, "matched": 3, "questions": 1,
        "only_ledger": 1, "only_register": 1, "leased_in": 0,
    }  # fmt: skip
    # By which source an area counts is our own rule, which nobody has verified.
    assert [key for key, _params in made.footnotes[1:]] == ["estate.areas.unverified"]
    return {table.name: list(table.rows) for table in made.tables}


def test_each_figure_that_differs_is_listed_with_how_its_property_was_found(
    report: dict[str, list[dict]],
) -> None:
    found = [
        (row["cards"], row["field"], row["ledger"], row["register"], row["by"], row["sure"])
        for row in report["differing"]
    ]
    assert ("FC-001", "book_value", 3200000.0, 3000000.0, "number", "certain") in found
    assert ("K2", "gross_area", 820.0, 800.0, "certificate", "certain") in found
    assert ("K3A", "gross_area", 300.0, 500.0, "address_and_name", "likely") in found
    uses = [row for row in report["differing"] if row["field"] == "use_status"]
    assert [(row["cards"], row["ledger_use"], row["register_use"]) for row in uses] == [
        ("K2", "出租", "在用")
    ]
    assert len(report["differing"]) == 4


def test_what_only_one_ledger_knows_is_listed_and_what_resembles_is_asked(
    report: dict[str, list[dict]],
) -> None:
    assert [row["asset_card_code"] for row in report["only_ledger"]] == ["K6"]
    assert [row["name"] for row in report["only_register"]] == ["戊楼"]
    assert [(row["asset_card_code"], row["name"]) for row in report["questions"]] == [
        ("K4", "丁楼")
    ]
    assert report["questions"][0]["score"] >= 85


def test_several_cards_of_one_property_are_added_up(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    ledger = _book(tmp_path / "台账.xlsx", "房产台账", LEDGER, REGISTERED[2:3])
    load_file(city, ledger, token=operator.token)
    place = ("丙楼", "常州市天宁区丙路3号")
    parts = [
        (f"K{area}", HOUSE, *place, area, 1, "闲置", None, "示例三局", DAY, "J")
        for area in (200, 300)
    ]
    cards = _book(tmp_path / "资产卡片.xlsx", "资产卡片", CARD, parts)
    made = compare(city, operator.token, cards, date(2026, 1, 1), language="en")
    assert list(made.tables[0].rows) == []
    sheets = openpyxl.load_workbook(_written(tmp_path, report_workbook(made, "en"))).sheetnames
    assert sheets[0] == "Differing"


def test_a_use_that_nobody_stated_is_no_difference_and_what_is_rented_needs_no_card(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    census = tmp_path / "普查.csv"
    census.write_text(
        "序号,地址坐落,行政区划代码,总建筑面积（m²）,使用单位,是否为租（借）用\n"
        "1,常州市天宁区甲路1号,320402,1000,示例一局,否\n"
        "2,常州市天宁区乙路2号,320402,800,示例二局,是\n",
        "gb18030",
    )
    load_file(city, census, token=operator.token)
    card = ("K1", HOUSE, "甲楼", "常州市天宁区甲路1号", 1000, 1, "闲置", None, "示例一局", DAY, "J")
    cards = _book(tmp_path / "资产卡片.xlsx", "资产卡片", CARD, [card])
    made = compare(city, operator.token, cards, date(2026, 1, 1))
    assert {table.name: len(table.rows) for table in made.tables} == {
        "differing": 0, "only_ledger": 0, "only_register": 0, "questions": 0,
    }  # fmt: skip
    counts = made.footnotes[0][1]
    assert (counts["matched"], counts["leased_in"]) == (1, 1)


def _written(folder: Path, content: bytes) -> Path:
    path = folder / "out.xlsx"
    path.write_bytes(content)
    return path


def test_furniture_is_left_out_and_a_list_of_no_cards_is_refused(tmp_path: Path) -> None:
    cards = read_cards(_book(tmp_path / "资产卡片.xlsx", "资产卡片", CARD, CARDS))
    assert "K7" not in set(cards["asset_card_code"])
    with pytest.raises(SourceError, match=r"cards\.no_cards"):
        read_cards(_book(tmp_path / "表.xlsx", "表", ("甲", "乙"), [(1, 2)]))


def _kept(city: Database) -> dict[str, tuple[object, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT c.number, c.found_by, p.name, c.value_yuan, c.rights_cell = p.rights_cell"
                " FROM estate.asset_card AS c LEFT JOIN place.place AS p USING (place_id)"
            )
        )
        return {row[0]: tuple(row[1:]) for row in rows}


def test_cards_are_kept_beside_the_register_each_with_its_place_and_taken_back_exactly(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    ledger = _book(tmp_path / "台账.xlsx", "房产台账", LEDGER, REGISTERED)
    load_file(city, ledger, token=operator.token)
    before = register_state(city)
    path = _book(tmp_path / "资产卡片.xlsx", "资产卡片", CARD, CARDS)
    first = load_file(city, path, token=operator.token)
    assert (first.rows, first.inserted, first.waiting) == (6, 6, 0)
    kept = _kept(city)
    assert kept["FC-001"] == ("number", "甲楼", 3200000, True)
    assert kept["K2"] == ("certificate", "乙楼", 2000000, True)
    assert kept["K3A"] == ("address_and_name", "丙楼", 100, True)
    assert {kept[number][0] for number in ("K4", "K6", "K7")} == {None}
    loaded = register_state(city)
    assert {name for name, state in loaded.items() if state != before[name]} <= {
        "estate.asset_card", "rights.cell", "rights.scope_cell", "rights.scope_group"
    }  # fmt: skip
    again = load_file(city, path, token=operator.token)
    assert (again.unchanged, register_state(city)) == (6, loaded)
    dearer = [(*CARDS[0][:5], 3300000, *CARDS[0][6:])]
    later = load_file(
        city, _book(tmp_path / "新卡片.xlsx", "资产卡片", CARD, dearer), token=operator.token
    )
    assert later.updated == 1
    assert _kept(city)["FC-001"] == ("number", "甲楼", 3300000, True)
    undo_load(city, later.load_id or 0, token=operator.token)
    assert register_state(city) == loaded
    undo_load(city, first.load_id or 0, token=operator.token)
    assert register_state(city) == before


def test_a_card_of_what_becomes_a_secret_goes_with_it(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    ledger = _book(tmp_path / "台账.xlsx", "房产台账", LEDGER, REGISTERED)
    load_file(city, ledger, token=operator.token)
    path = _book(tmp_path / "资产卡片.xlsx", "资产卡片", CARD, CARDS)
    load_file(city, path, token=operator.token)
    with transaction(city.engine(Role.OWNER), operator.token) as conn:
        place = conn.execute(text("SELECT place_id FROM place.place WHERE name = '甲楼'"))
        mark_secret(conn, [place.scalar_one()], None)
    assert "FC-001" not in _kept(city)
    with city.engine(Role.OWNER).connect() as conn:
        past = text("SELECT count(*) FROM history.estate_asset_card WHERE number = 'FC-001'")
        assert conn.execute(past).scalar_one() == 0


def test_cards_that_tell_of_a_secret_go_with_it_wherever_they_hang(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    """By name, address, number or certificate: of no place, or hung on the open site by address."""
    path = _book(tmp_path / "台账.xlsx", "房产台账", LEDGER, REGISTERED)
    load_file(city, path, token=operator.token)
    path = _book(tmp_path / "资产卡片.xlsx", "资产卡片", CARD, CARDS)
    load_file(city, path, token=operator.token)
    with transaction(city.engine(Role.OWNER), operator.token) as conn:
        secret, site = conn.execute(
            text("SELECT place_id FROM place.place WHERE name IN ('丁楼', '戊楼') ORDER BY name")
        ).scalars()
        # The secret building stands at the address of the open one.
        conn.execute(
            text("UPDATE place.place SET address = '听风暗巷77号',"
                 " name = CASE place_id WHEN :id THEN '听风大楼暗室' END"
                 " WHERE place_id IN (:id, :site)"), {"id": secret, "site": site}
        )  # fmt: skip
        for number, words in (
            ("JS-9", "name = '原听风大楼暗室一层'"),
            ("JS-8", "address = '常州市天宁区听风暗巷 77号'"),
            ("JS-7", "address = '听风暗巷77号', place_id = :site, found_by = 'address'"),
            ("JS-6", "address = '听风暗巷77号', place_id = :site, found_by = 'number'"),
            ("JS-4", "address = '天宁区戊街听风暗巷77号', place_id = :site, found_by = 'number'"),
            ("JS-5", "name = '听风楼'"),
        ):
            conn.execute(
                text("INSERT INTO estate.asset_card (code, number, name, rights_cell)"
                     " SELECT :number, :number, '旧名', min(rights_cell) FROM estate.asset_card"),
                {"number": number},
            )  # fmt: skip
            conn.execute(
                text(
                    f"UPDATE estate.asset_card SET {words}, rights_cell = (SELECT rights_cell"
                    " FROM place.place WHERE place_id = :site) WHERE number = :number"
                ),
                {"number": number, "site": site},
            )
    with transaction(city.engine(Role.OWNER), operator.token) as conn:
        mark_secret(conn, [secret], None)
    kept = _kept(city)
    assert {"JS-9", "JS-8", "JS-7", "JS-4"} & kept.keys() == set()
    # What the open place is known by more than the address is its own.
    assert {"JS-6", "JS-5", "K2"} <= kept.keys()
    with city.engine(Role.OWNER).connect() as conn:
        past = text("SELECT number FROM history.estate_asset_card WHERE number LIKE 'JS%'")
        assert set(conn.execute(past).scalars()) == {"JS-6", "JS-5"}


def test_cards_of_what_is_secret_from_its_first_load_go_with_that_load(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    known = [
        ("JS-0001", HOUSE, "甲", "外地某街6号", 90, 1, "在用", None, "示例六局", DAY, "J"),
        ("K-2", HOUSE, "乙", "常州市天宁区听风暗巷77号", 90, 1, "在用", None, "示例六局", DAY, "J"),
        ("K-3", HOUSE, "丙", "丁", 90, 1, "在用", "苏(2021)常州市不动产权第0777777号", "示例六局",
         DAY, "J"),
        ("K-4", HOUSE, "听风楼", "外地某街7号", 90, 1, "在用", None, "示例六局", DAY, "J"),
    ]  # fmt: skip
    path = _book(tmp_path / "资产卡片.xlsx", "资产卡片", CARD, known)
    load_file(city, path, token=operator.token)
    assert len(_kept(city)) == 4
    secret = ("JS-0001", "听风楼", "常州市天宁区听风暗巷77号", "320402", "示例一局", 1000, 1,
              "自用", "苏（2021）常州市不动产权第0777777号", "机密")  # fmt: skip
    opened = (
        "FC-001",
        "甲楼",
        "常州市天宁区甲路1号",
        "320402",
        "示例一局",
        10,
        1,
        "自用",
        None,
        None,
    )
    ledger = _book(tmp_path / "台账.xlsx", "房产台账", (*LEDGER, "密级"), [opened, secret])
    load_file(city, ledger, token=operator.token)
    with city.engine(Role.OWNER).connect() as conn:
        stubs = text("SELECT count(*) FROM place.place WHERE security_class = 3")
        assert conn.execute(stubs).scalar_one() == 1
        # A name of three characters tells nothing.
        assert set(_kept(city)) == {"K-4"}
        past = text(
            "SELECT count(*) FROM history.estate_asset_card AS h"
            " LEFT JOIN estate.asset_card AS c USING (asset_card_id)"
            " WHERE c.number IS DISTINCT FROM 'K-4'"
        )
        assert conn.execute(past).scalar_one() == 0


def test_a_card_with_the_code_of_a_stub_is_not_hung_on_it(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    ledger = _book(tmp_path / "台账.xlsx", "房产台账", LEDGER, REGISTERED)
    load_file(city, ledger, token=operator.token)
    with transaction(city.engine(Role.OWNER), operator.token) as conn:
        found = text("SELECT place_id, code FROM place.place WHERE name = '甲楼'")
        place_id, code = conn.execute(found).one()
        mark_secret(conn, [place_id], None)
    card = (code, HOUSE, "甲", "外地某街6号", 90, 1, "在用", None, "示例六局", DAY, "J")
    path = _book(tmp_path / "资产卡片.xlsx", "资产卡片", CARD, [card])
    load_file(city, path, token=operator.token)
    assert _kept(city)[code][0] is None


def _of_bodies(city: Database) -> list[tuple[object, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT c.number, c.unit_name, c.value_yuan, p.name FROM estate.asset_card AS c"
                " LEFT JOIN place.place AS p USING (place_id) ORDER BY c.number, c.unit_name"
            )
        )
        return [tuple(row) for row in rows]


def test_cards_of_one_number_are_each_the_card_of_its_body(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    ledger = _book(tmp_path / "台账.xlsx", "房产台账", LEDGER, REGISTERED)
    load_file(city, ledger, token=operator.token)

    def card(unit: str | None, value: int) -> tuple[object, ...]:
        return ("FC-001", HOUSE, "房", "外地", 9, value, "在用", None, unit, DAY, "J")

    def loaded(name: str, *cards: tuple[object, ...]) -> tuple[int, int, int, int]:
        path = _book(tmp_path / f"{name}.xlsx", "资产卡片", CARD, cards)
        done = load_file(city, path, token=operator.token)
        return done.inserted, done.updated, done.unchanged, done.waiting

    # The second body has a name in the directory, the third has none.
    assert loaded("一", card("示例一局", 1), card("示例二局", 2)) == (2, 0, 0, 0)
    assert loaded("二", card("不在册所", 3)) == (1, 0, 0, 0)
    assert loaded("三", card("不在册所", 4), card("示例二局", 5)) == (0, 2, 0, 0)
    # The number in the register is that of its steward's card.
    assert _of_bodies(city) == [
        ("FC-001", "不在册所", 4, None), ("FC-001", "示例一局", 1, "甲楼"),
        ("FC-001", "示例二局", 5, None),
    ]  # fmt: skip
    # A card that names nobody may be any of them.
    assert loaded("四", card(None, 6)) == (0, 0, 0, 1)
    assert loaded("五", card("示例一局", 7)) == (0, 1, 0, 0)


def test_a_card_is_known_again_whose_file_says_no_body_or_says_it_later(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    ledger = _book(tmp_path / "台账.xlsx", "房产台账", LEDGER, REGISTERED)
    load_file(city, ledger, token=operator.token)
    for at, unit in enumerate((None, "示例一局", None, "示例 一局")):
        card = ("K1", HOUSE, "房", "外地", 9, at, "在用", None, unit, DAY, "J")
        path = _book(tmp_path / f"{at}.xlsx", "资产卡片", CARD, [card])
        load_file(city, path, token=operator.token)
    assert [row[:3] for row in _of_bodies(city)] == [("K1", "示例一局", 3)]


def test_a_second_load_of_many_cards_costs_no_comparison_of_each_with_each(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "资产卡片.csv"
    head = "卡片编号,资产名称,资产分类代码,使用部门,面积,原值,净值,入账日期,会计凭证号\n"
    many = (f"K{n},房{n},{HOUSE},局{n % 40},10,{{value}},1,{DAY},J-{n}\n" for n in range(4000))
    lines = "".join(many)
    took = []
    for value in (1, 2):
        path.write_text(head + lines.replace("{value}", str(value)), "utf-8")
        begun = perf_counter()
        done = load_file(city, path, token=operator.token)
        took.append(perf_counter() - begun)
    assert (done.inserted, done.updated) == (0, 4000)
    assert took[1] < 4 * took[0] + 5


def test_a_card_without_a_place_is_looked_for_again_by_the_next_load(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _book(tmp_path / "资产卡片.xlsx", "资产卡片", CARD, CARDS)
    load_file(city, path, token=operator.token)
    assert {kept[0] for kept in _kept(city).values()} == {None}
    before = register_state(city)
    ledger = _book(tmp_path / "台账.xlsx", "房产台账", LEDGER, REGISTERED)
    later = load_file(city, ledger, token=operator.token)
    assert _kept(city)["FC-001"] == ("number", "甲楼", 3200000, True)
    assert _kept(city)["K2"][0] == "certificate"
    undo_load(city, later.load_id or 0, token=operator.token)
    assert register_state(city) == before
