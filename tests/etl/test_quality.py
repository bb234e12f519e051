"""The loader against clerks' mistakes, and the counting itself."""

import re
from pathlib import Path

import pytest

from bench.clerks.page import Planted
from bench.clerks.write import write_clerks
from bench.quality.kinds import CLASSES, KIND_OF_RULE, KINDS, LEFT_OUT, NO_MISTAKE
from bench.quality.run import clerks
from bench.quality.score import Found, score
from etl.issue_classes import OTHER, issue_class
from gis.db import Database
from tests.conftest import Operator

ROOT = Path(__file__).parents[2]
FAMILIES = (
    "number", "year", "date", "code", "boolean", "enum", "cell", "credit_code", "text", "name",
    "real_estate_unit", "certificate", "required", "duplicate", "coordinates", "geometry", "area",
    "headcount", "parent", "unit", "property", "match", "record", "domain", "column", "piece",
    "secret", "lineage", "sheet", "workbook", "shapefile", "datum", "owner", "use",
    "level", "identifier", "merge", "succession", "title", "holding",
    "row", "person", "post",
)  # fmt: skip


def test_of_each_class_nine_in_ten_are_found_and_nine_in_ten_findings_are_so(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    tally = clerks(city, operator.token, tmp_path, seed=11, size=40, say=lambda _file: None)
    for number, name in CLASSES.items():
        kinds = [kind for kind in KINDS if kind.error_class == number]
        assert (tally.recall(kinds) or 0) >= 0.9, (name, tally.missed)
        assert (tally.precision(kinds) or 0) >= 0.9, (name, tally.false)


def test_every_rule_of_the_loader_is_of_one_kind_or_no_mistake() -> None:
    written = (ROOT / "etl" / "locale" / "zh.po").read_text(encoding="utf-8")
    keys = re.findall(r'^msgid "([a-z_]+\.[a-z_.]+)"', written, flags=re.MULTILINE)
    rules = {key for key in keys if key.split(".")[0] in FAMILIES}
    assert rules - KIND_OF_RULE.keys() - NO_MISTAKE == set()
    assert (KIND_OF_RULE.keys() | NO_MISTAKE) - rules == {LEFT_OUT}
    assert not KIND_OF_RULE.keys() & NO_MISTAKE
    assert sum(len(kind.rules) for kind in KINDS) == len(KIND_OF_RULE)


def test_one_seed_writes_one_set_of_mistakes(tmp_path: Path) -> None:
    first = write_clerks(tmp_path / "a", seed=3, size=40)
    again = write_clerks(tmp_path / "b", seed=3, size=40)
    other = write_clerks(tmp_path / "c", seed=4, size=40)
    assert first.planted == again.planted != other.planted
    assert {KIND_OF_RULE[LEFT_OUT].name, "reported_twice"} <= {one.kind for one in first.planted}


def _planted(row: int, column: str | None, kind: str) -> Planted:
    return Planted("表.xlsx", "一", row, column, kind)


def _found(row: int, column: str | None, rule: str) -> Found:
    return Found("表.xlsx", "一", row, column, rule)


@pytest.mark.parametrize(
    ("planted", "found", "reported", "right", "wrong"),
    [
        (_planted(5, "组/编制", "fraction"), _found(5, "编制", "number.not_whole"), 1, 1, 0),
        (_planted(5, "编制", "fraction"), _found(5, "实有", "number.not_whole"), 0, 0, 1),
        (_planted(5, "编制", "fraction"), _found(6, "编制", "number.not_whole"), 0, 0, 1),
        (_planted(5, "编制", "fraction"), _found(5, "编制", "number.about"), 0, 0, 1),
        (_planted(5, "面积", "negative"), _found(5, "使用", "area.ratio"), 0, 0, 0),
        (_planted(0, "经度", "datum"), _found(2, "经度", "datum.by_displacement"), 1, 1, 0),
        (_planted(5, "面积", "negative"), _found(5, None, "workbook.macros"), 0, 0, 0),
    ],
)
def test_a_finding_counts_for_the_cell_and_the_kind_it_names(
    planted: Planted, found: Found, reported: int, right: int, wrong: int
) -> None:
    tally = score([planted], [found])
    assert sum(tally.reported.values()) == reported
    assert (sum(tally.right.values()), sum(tally.wrong.values())) == (right, wrong)


def test_the_analysis_report_counts_each_rule_under_its_class() -> None:
    said = {rule: CLASSES[kind.error_class] for rule, kind in KIND_OF_RULE.items()}
    said |= dict.fromkeys(NO_MISTAKE, OTHER)
    del said[LEFT_OUT]
    assert {rule: issue_class(rule) for rule in said} == said
