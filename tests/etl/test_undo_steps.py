"""Loads are taken back one by one, whatever became of what they touched in between."""

from datetime import date
from pathlib import Path

import pytest
from conftest import Operator
from handed_in import hand_in, register_state, rows_of

from etl.undo import undo_load
from gis.db import Database

LIST = "建筑编号,名称,地址,行政区划\n"
CENSUS = "房产编号,名称,地址坐落,行政区划,使用单位,总建筑面积（m²）\n"
THEN, NOW = date(2025, 9, 30), date(2026, 9, 30)


def undo(city: Database, operator: Operator, load_id: int | None) -> None:
    undo_load(city, load_id or 0, token=operator.token)


@pytest.mark.parametrize(("listed", "counted"), [(THEN, NOW), (NOW, THEN), (None, None)])
def test_a_load_that_made_the_steward_of_a_known_place_is_taken_back(
    city: Database, operator: Operator, tmp_path: Path, listed: date | None, counted: date | None
) -> None:
    words = LIST + "F0,甲楼,甲路0号,320402\n"
    first = hand_in(city, operator, tmp_path / "建筑.csv", words, as_of=listed)
    before = register_state(city)
    words = CENSUS + "F0,甲楼,甲路0号,320402,文化馆,100\nF1,乙楼,乙路1号,320402,文化馆,100\n"
    second = hand_in(city, operator, tmp_path / "底册.csv", words, as_of=counted)
    stewards = "SELECT p.code FROM place.place AS p WHERE p.steward_id IS NOT NULL ORDER BY 1"
    assert rows_of(city, stewards) == [("F0",), ("F1",)]
    undo(city, operator, second.load_id)
    assert register_state(city) == before
    undo(city, operator, first.load_id)
    assert rows_of(city, "SELECT count(*) FROM place.place") == [(0,)]


@pytest.mark.parametrize("district", ["320404", "320402"])
def test_what_a_standing_load_led_out_of_is_there_when_it_is_taken_back(
    city: Database, operator: Operator, tmp_path: Path, district: str
) -> None:
    """Another load's undo in between forgets no cell that this one's undo needs."""
    words = [f"F0,甲楼,甲路0号,{code}\n" for code in ("320402", "320404")]
    words.append(f"F9,丙楼,丙路9号,{district}\n")
    states, loads = [], []
    for number, one in enumerate(words):
        states.append(register_state(city))
        loads.append(hand_in(city, operator, tmp_path / f"建筑{number}.csv", LIST + one).load_id)
    for state, load_id in zip(reversed(states), reversed(loads), strict=True):
        undo(city, operator, load_id)
        assert register_state(city) == state
    assert rows_of(city, "SELECT count(*) FROM rights.cell") == [(0,)]


def test_no_cell_is_left_of_loads_taken_back_together(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    before = register_state(city)
    loads = [
        hand_in(city, operator, tmp_path / f"{code}.csv", LIST + f"F0,甲楼,甲路0号,{code}\n")
        for code in ("320402", "320404", "320402")
    ]
    undo_load(city, loads[0].load_id or 0, token=operator.token, and_later=True)
    assert register_state(city) == before
