"""What is planted in the floor plans of the sample city is what a check finds in them."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from etl.plans.drawing import read_drawing
from etl.plans.judging import judge
from etl.plans.model import Fault, Plan

NEAR_M = 0.6
"""A text is found at its middle, which its letters give to about their height."""


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "truth" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def plans(folder: Path) -> dict[str, Plan]:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    paths = [folder / one["path"] for one in manifest["plans"]]
    return {path.name: judge(read_drawing(path)) for path in paths}


def test_plans_are_drawn_by_four_hands(folder: Path, plans: dict[str, Plan]) -> None:
    versions = {read_drawing(path).version for path in (folder / "平面图").glob("*.dxf")}
    assert versions == {"R12", "R2000", "R2010", "R2018"}
    assert {plan.unit_by for plan in plans.values()} == {"header", "measures"}
    assert {round(plan.unit_m, 4) for plan in plans.values()} == {0.001, 0.0254, 1.0}


def test_every_planted_fault_is_found_and_no_other(folder: Path, plans: dict[str, Plan]) -> None:
    planted = rows(folder, "plan_faults.csv")
    for name, plan in plans.items():
        own = [row for row in planted if row["file"] == name]
        assert Counter(one.fault.value for one in plan.findings) == Counter(
            row["fault"] for row in own
        )
        for row in own:
            [one] = [one for one in plan.findings if one.fault.value == row["fault"]]
            if one.fault is Fault.SAME_NUMBER:
                assert one.params["number"] == row["numbers"].split(",")[0]
                continue
            assert abs(one.x - float(row["x"])) * plan.unit_m < NEAR_M, row
            assert abs(one.y - float(row["y"])) * plan.unit_m < NEAR_M, row


def test_each_kind_of_planted_fault_is_there(folder: Path) -> None:
    kinds = Counter(row["fault"] for row in rows(folder, "plan_faults.csv"))
    assert kinds == {
        Fault.UNCLOSED: 4, Fault.SLIVER: 4, Fault.OVERLAP: 3, Fault.OUTSIDE: 4, Fault.NO_ROOM: 4,
        Fault.NO_NUMBER: 4, Fault.SAME_NUMBER: 4,
    }  # fmt: skip


def test_rooms_are_as_large_as_they_were_drawn(folder: Path, plans: dict[str, Plan]) -> None:
    truth = rows(folder, "plan_rooms.csv")
    for name, plan in plans.items():
        own = sorted(float(row["area_m2"]) for row in truth if row["file"] == name)
        assert sorted(room.area_m2 for room in plan.rooms) == pytest.approx(own, abs=0.05)
