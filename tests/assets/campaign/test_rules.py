"""What a cell may hold, what counts as a difference, which step may follow which."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.campaign.model import FIELDS, State
from assets.campaign.rules import (
    BY_NAME,
    WORKFLOW,
    FiledRow,
    Party,
    contradictions,
    differences,
    read_people,
    read_value,
)
from gis.errors import Conflict, Forbidden, InputError

TERMS = {"ownership_status": ("registered",)}
EMPTY = dict.fromkeys(BY_NAME)


def _row(was: dict[str, object] | None, now: dict[str, object], **more: bool) -> FiledRow:
    before = None if was is None else {**EMPTY, **was}
    return FiledRow(7, {**EMPTY, **now}, before, **more)


def _differences(*rows: FiledRow, threshold: int = 10, said: dict | None = None) -> list:
    return differences(rows, said or {}, threshold_percent=Decimal(threshold))


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("gross_m2", "1,234.5", Decimal("1234.50")),
        ("gross_m2", "１２３４", Decimal("1234.00")),
        ("gross_m2", "", None),
        ("year_built", "1998年", 1998),
        ("is_leased_in", "否", False),
        ("ownership_status", "registered", "registered"),
        ("admin_area_code", "320402", "320402"),
        ("address", " 甲路1号 ", "甲路1号"),
    ],
)
def test_a_cell_takes_what_people_write(field: str, written: str, value: object) -> None:
    assert read_value(field, written, terms=TERMS) == value


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("gross_m2", "-1"), ("gross_m2", "NaN"), ("gross_m2", "1e99"), ("gross_m2", "1.234"),
        ("gross_m2", "一百"), ("year_built", "1_998"), ("year_built", "3000"), ("year_built", "²"),
        ("is_leased_in", "也许"), ("ownership_status", "x"), ("admin_area_code", "32"),
        ("address", "长" * 501), ("no_field", "1"),
    ],
)  # fmt: skip
def test_a_cell_refuses_what_it_cannot_hold(field: str, written: str) -> None:
    with pytest.raises(InputError):
        read_value(field, written, terms=TERMS)


@given(st.text(max_size=30), st.sampled_from([field.name for field in FIELDS]))
def test_whatever_is_written_is_read_or_refused(written: str, field: str) -> None:
    try:
        value = read_value(field, written, terms=TERMS)
    except InputError:
        return
    assert value is None or not isinstance(value, float)


def test_posts_are_whole_and_not_negative() -> None:
    assert [read_people(text) for text in ("3", " ", "０")] == [3, None, 0]
    for wrong in ("-1", "1.5", "x", "1234567"):
        with pytest.raises(InputError):
            read_people(wrong)


def test_a_figure_needs_an_explanation_from_the_threshold_on() -> None:
    was = {"gross_m2": Decimal(1000), "land_m2": Decimal(1000), "usable_m2": Decimal(1000)}
    now = {"gross_m2": Decimal(1099), "land_m2": Decimal(1100), "usable_m2": Decimal(900)}
    found = {one.field: one for one in _differences(_row(was, now))}
    assert {name: one.needs_explanation for name, one in found.items()} == {
        "land_m2": True, "gross_m2": False, "usable_m2": True,
    }  # fmt: skip
    assert found["usable_m2"].change == Decimal("-0.1")


def test_a_figure_out_of_nothing_and_a_row_that_came_or_went_need_one_at_any_threshold() -> None:
    appeared = _row({}, {"gross_m2": Decimal(5)})
    new = _row(None, {"gross_m2": Decimal(5)})
    gone = _row({"gross_m2": Decimal(5)}, {}, is_removed=True)
    found = _differences(appeared, new, gone, threshold=1000)
    assert [(one.field, one.was, one.now) for one in found] == [
        ("gross_m2", None, 5), ("*", None, 5), ("*", 5, None),
    ]  # fmt: skip
    assert all(one.is_unexplained for one in found)


def test_a_text_that_changed_is_listed_and_needs_no_explanation() -> None:
    found = _differences(_row({"address": "甲"}, {"address": "乙"}), threshold=0)
    assert [(one.field, one.needs_explanation) for one in found] == [("address", False)]


def test_an_explanation_settles_a_difference() -> None:
    row = _row({"gross_m2": Decimal(1)}, {"gross_m2": Decimal(9)})
    assert not _differences(row, said={(7, "gross_m2"): "扩建"})[0].is_unexplained


def test_a_new_row_that_was_taken_out_again_is_no_difference() -> None:
    assert _differences(_row(None, {"gross_m2": Decimal(1)}, is_removed=True)) == []


def test_parts_that_exceed_the_whole_are_told() -> None:
    values = {
        **EMPTY, "address": "甲", "gross_m2": Decimal(10), "office_gross_m2": Decimal(8),
        "technical_gross_m2": Decimal(3), "office_usable_m2": Decimal(1), "usable_m2": Decimal(11),
        "service_usable_m2": Decimal(1), "equipment_usable_m2": Decimal(1),
    }  # fmt: skip
    assert [field for field, _key in contradictions(values)] == [
        "gross_m2", "usable_m2", "usable_m2",
    ]  # fmt: skip


def test_a_filer_hands_in_and_a_reviewer_judges() -> None:
    def may(state: State, *parties: Party) -> list[str]:
        return [step.name for step in WORKFLOW.open_steps(state, parties)]

    assert may(State.NOT_STARTED, Party.FILER) == ["save", "submit"]
    assert may(State.SUBMITTED, Party.FILER) == ["withdraw"]
    assert may(State.SUBMITTED, Party.REVIEWER) == ["approve", "return"]
    assert may(State.RETURNED, Party.FILER) == ["save", "submit"]
    assert may(State.APPROVED, Party.FILER) == []
    assert may(State.APPROVED, Party.REVIEWER) == ["reopen"]
    assert may(State.IN_PROGRESS, Party.REVIEWER) == []


def test_a_step_out_of_turn_by_another_or_without_its_reason_is_refused() -> None:
    with pytest.raises(Conflict):
        WORKFLOW.take("approve", state=State.IN_PROGRESS, actors={Party.REVIEWER})
    with pytest.raises(Forbidden):
        WORKFLOW.take("approve", state=State.SUBMITTED, actors={Party.FILER})
    with pytest.raises(InputError):
        WORKFLOW.take("return", state=State.SUBMITTED, actors={Party.REVIEWER}, remark=" ")
    with pytest.raises(InputError):
        WORKFLOW.take("burn", state=State.SUBMITTED, actors={Party.REVIEWER})
