"""A refused undo says in words what was changed since, of which place, by whom and which load."""

from datetime import date
from pathlib import Path

import pytest
from conftest import Operator
from handed_in import footprints, hand_in, national_form, projects_form, register_state
from makers import make_place
from sqlalchemy import text

from etl.load import LoadOptions, load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.errors import Conflict
from gis.i18n import explain

ANYWHERE = LoadOptions(any_area=True)


def refusal(city: Database, operator: Operator, load_id: int | None, language: str = "zh") -> str:
    before = register_state(city)
    with pytest.raises(Conflict) as refused:
        undo_load(city, load_id or 0, token=operator.token)
    assert register_state(city) == before
    return explain(language, refused.value)


def load(
    city: Database, operator: Operator, path: Path, *, as_of: date | None = None
) -> int | None:
    options = LoadOptions(any_area=True, as_of=as_of)
    return load_file(city, path, token=operator.token, options=options).load_id


def test_it_names_the_place_what_changed_and_the_later_load(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    first = load(city, operator, footprints(tmp_path / "f.gpkg", 建筑面积=[1.0, 2.0, 3.0]))
    second = load(city, operator, footprints(tmp_path / "g.gpkg", 建筑面积=[1.0, 9.0, 3.0]))
    said = refusal(city, operator, first)
    assert "共 1 条" in said
    assert "D0001 的面积（" in said
    assert f"operator，导入 {second}）" in said
    assert f"可先撤销其后的导入 {second}" in said
    assert "area of D0001 (" in refusal(city, operator, first, "en")


def test_it_says_when_no_load_did_it(city: Database, operator: Operator, tmp_path: Path) -> None:
    first = load(city, operator, footprints(tmp_path / "f.gpkg"))
    with transaction(city.engine(Role.OPERATOR), operator.token) as conn:
        conn.execute(text("UPDATE place.place SET name = '改名楼' WHERE code = 'D0000'"))
    said = refusal(city, operator, first)
    assert "D0000 改名楼 的基本情况（" in said
    assert "不是导入所为" in said
    assert "其后的导入" not in said


def test_it_lists_five_and_counts_the_rest(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    areas = [float(n) for n in range(1, 9)]
    first = load(city, operator, footprints(tmp_path / "f.gpkg", 8, 建筑面积=areas))
    load(city, operator, footprints(tmp_path / "g.gpkg", 8, 建筑面积=[n + 1 for n in areas]))
    said = refusal(city, operator, first)
    assert "共 8 条" in said
    assert said.count("的面积（") == 5


def test_it_names_a_body_whose_figure_was_counted_anew(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    first = load(city, operator, projects_form(tmp_path / "a.xlsx", ("甲工程", *[None] * 4, 1, 2)))
    load(city, operator, projects_form(tmp_path / "b.xlsx", ("甲工程", *[None] * 4, 1, 3)))
    assert "甲工程 的办公用房建设项目（" in refusal(city, operator, first)


def test_no_sentence_names_a_table(city: Database, operator: Operator, tmp_path: Path) -> None:
    first = load(city, operator, national_form(tmp_path / "form.xlsx"))
    load(city, operator, national_form(tmp_path / "two.xlsx", second_unit="审计局"))
    for language in ("zh", "en"):
        said = refusal(city, operator, first, language)
        assert "place." not in said
        assert "kept." not in said
        assert "_" not in said


def test_what_rests_on_a_load_from_outside_is_called_by_its_word(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    first = load(city, operator, footprints(tmp_path / "f.gpkg"))
    with city.engine(Role.OWNER).begin() as conn:
        parent = conn.execute(
            text("SELECT place_id FROM place.place WHERE code = 'D0000'")
        ).scalar_one()
        make_place(conn, "L1", "floor", parent=(parent, "building"))
    said = refusal(city, operator, first)
    assert "其后登记的记录（基本情况）" in said
    assert "请先删除这些记录" in said


def test_only_loads_after_it_are_named_as_resting_on_it(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    census = "房产编号,名称,地址坐落,行政区划,使用单位,总建筑面积（m²）\n"
    listed = "建筑编号,名称,地址,行政区划\nF0,甲楼,甲路0号,320402\n"
    hand_in(city, operator, tmp_path / "建筑.csv", listed)
    made, rests = (
        hand_in(city, operator, tmp_path / f"{code}.csv", f"{census}{code},{words},文化馆,100\n")
        for code, words in (("F0", "甲楼,甲路0号,320402"), ("F1", "乙楼,乙路1号,320404"))
    )
    said = refusal(city, operator, made.load_id)
    assert f"可先撤销其后的导入 {rests.load_id}，" in said
    undone = undo_load(city, made.load_id or 0, token=operator.token, and_later=True).undone
    assert undone == (rests.load_id, made.load_id)


def test_a_load_already_taken_back_is_called_so(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    first = load(city, operator, footprints(tmp_path / "f.gpkg"))
    undo_load(city, first or 0, token=operator.token)
    assert "已撤销" in refusal(city, operator, first)
    assert "undone" in refusal(city, operator, first, "en")
