"""States of a list without keys: what went and came is exact, what changed is a fair suggestion."""

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.compare import Difference, Listed, difference, listed
from etl.export.differences import difference_workbook
from etl.read import read_source
from gis.errors import InputError

# The launcher may run a copy of the checkout, which has no neighbours.
CHECKOUT = Path(os.environ.get("ONEMAP_CHECKOUT", Path(__file__).parents[2]))  # noqa: TID251
LEASES = sorted((CHECKOUT.parent / "shared/data/us_lease_terminations").glob("*.csv"))
real = pytest.mark.skipif(not LEASES, reason="the real files are not here")
CELLS = st.tuples(*[st.sampled_from(["", "甲", "乙", "丙"])] * 3)


def _list(*lines: tuple[str, ...], columns: tuple[str, ...] = ("a", "b", "c")) -> Listed:
    return Listed(columns, lines, tuple(range(2, len(lines) + 2)))


def _applied(before: Listed, after: Listed, found: Difference) -> Counter[tuple[str, ...]]:
    """The former list with the difference carried out."""
    made = Counter(before.lines)
    made.subtract(before.lines[at] for at in found.removed)
    made.subtract(before.lines[one.before] for one in found.changed)
    made.update(after.lines[at] for at in found.added)
    made.update(after.lines[one.after] for one in found.changed)
    return +made


@real
def test_eight_states_of_a_real_list_differ_as_counted_by_other_means() -> None:
    assert len(LEASES) == 8
    steps = 0
    for old, new in pairwise(LEASES):
        former, latter = (
            Counter(
                tuple(" ".join(cell.split()) for cell in row) for row in list(csv.reader(text))[1:]
            )
            for text in (
                io.StringIO(path.read_text("utf-8-sig"), newline="") for path in (old, new)
            )
        )
        before, after = listed(read_source(old)), listed(read_source(new))
        found = difference(before, after)
        gone = Counter(before.lines[at] for at in found.removed)
        gone.update(before.lines[one.before] for one in found.changed)
        came = Counter(after.lines[at] for at in found.added)
        came.update(after.lines[one.after] for one in found.changed)
        assert (gone, came) == (former - latter, latter - former)
        assert found.unchanged == (former & latter).total()
        assert _applied(before, after, found) == latter
        for one in found.changed:
            was, now = before.lines[one.before], after.lines[one.after]
            assert was[1] == now[1]  # nothing that is taken for changed moved to another town
            assert [(a, b) for a, b in zip(was, now, strict=True) if a != b] == [
                cell[1:] for cell in one.cells
            ]
        steps += 1
    assert steps == 7


@real
def test_what_is_known_to_have_changed_is_found() -> None:
    before, after = (listed(read_source(LEASES[at])) for at in (2, 3))
    found = difference(before, after)
    (park,) = [one for one in found.changed if "CHARLES TOWN, WV" in before.lines[one.before]]
    assert park.cells == (("value", "947520", "953424"), ("savings", "9480390", "9539468"))
    counts = (found.unchanged, len(found.changed), len(found.added), len(found.removed))
    assert counts == (542, 19, 2, 31)


@given(st.lists(CELLS, max_size=8), st.lists(CELLS, max_size=8))
def test_a_difference_carried_out_makes_the_latter_list(
    old: list[tuple[str, ...]], new: list[tuple[str, ...]]
) -> None:
    before, after = _list(*old), _list(*new)
    found = difference(before, after)
    assert _applied(before, after, found) == Counter(new)
    touched = [*found.removed, *(one.before for one in found.changed)]
    assert len(set(touched)) == len(touched) == len(old) - found.unchanged


def test_a_row_that_stands_twice_and_then_once_went_once() -> None:
    found = difference(_list(("1", "2", "3"), ("1", "2", "3")), _list(("1", "2", "3")))
    assert (found.unchanged, found.removed, found.added) == (1, (1,), ())


def test_columns_may_stand_in_another_order_and_others_are_named() -> None:
    found = difference(
        _list(("1", "2", "x"), columns=("a", "b", "old")),
        _list(("y", "2", "1"), columns=("new", "b", "a")),
    )
    assert (found.unchanged, found.lost_columns, found.new_columns) == (1, ("old",), ("new",))
    with pytest.raises(InputError, match="no_common_column"):
        difference(_list(columns=("a",)), _list(columns=("b",)))


def test_titles_above_the_header_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (
        ["清单"],
        [],
        ["名称", "面积", "单位"],
        ["甲", 12, "财政局"],
        [None],
        ["乙", 7.5, None],
    ):
        book.active.append(row)
    book.save(path)
    found = listed(read_source(path))
    assert found.columns == ("名称", "面积", "单位")
    assert found.lines == (("甲", "12", "财政局"), ("乙", "7.5", ""))
    assert found.rows == (4, 6)


def test_the_workbook_of_a_difference_names_rows_and_cells() -> None:
    before = _list(("甲", "=1+1", "财政局"), ("乙", "7", "税务局"))
    after = _list(("甲", "=1+1", "审计局"))
    book = openpyxl.load_workbook(
        io.BytesIO(difference_workbook(before, after, difference(before, after), "zh"))
    )
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    assert sheets["减少"] == [("行号", "a", "b", "c"), (3, "乙", "7", "税务局")]
    assert sheets["新增"] == [("行号", "a", "b", "c")]
    assert sheets["改动（推断）"][1][3:] == ("c", "财政局", "审计局")


@real
def test_the_command_tells_each_step(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "webmap.cli", "compare", *map(str, LEASES), "--json",
         "--out", str(tmp_path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    steps = json.loads(said.stdout)["steps"]
    assert [one["rows_after"] for one in steps] == [653, 592, 563, 494, 485, 418, 384]
    for one in steps:
        assert one["rows_before"] == one["unchanged"] + one["changed"] + one["removed"]
        assert one["rows_after"] == one["unchanged"] + one["changed"] + one["added"]
        assert Path(one["out"]).exists()
